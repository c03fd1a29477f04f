// Goods and the cart. All of this is help: without it every page works by links and forms.
const words = JSON.parse(document.getElementById('theme-words').textContent);
const announcer = document.querySelector('[data-announcer]');

const say = (text) => {
  announcer.textContent = '';
  setTimeout(() => { announcer.textContent = text; }, 60);
};

const parsed = (html) => new DOMParser().parseFromString(html, 'text/html');

/** JSON from the shop; throws an Error with words for a visitor. */
async function ask(url, body) {
  const sent = body ? { method: 'POST', body } : {};
  const answer = await fetch(url, { headers: { Accept: 'application/json' }, ...sent }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (!answer?.ok || !said) throw new Error(said?.description || said?.message || words.failed);
  return said;
}

/** The sections of a page as the server renders them now, by id. */
async function sections(ids, url = words.root) {
  const found = new URL(url, location.origin);
  found.searchParams.set('sections', ids.join(','));
  return ask(found);
}

// Browsers take a field that is replaced while somebody types in it for one that was left.
let isSwapping = false;

/**
 * Put each marked part of `html` in the place of the part with the same mark, unless it is the same already: what is
 * being pressed should stay. Keep the focus where it was, and what is being typed there.
 */
function swap(html, within, names) {
  const fresh = parsed(html);
  const before = document.activeElement;
  const typed = before?.value !== before?.defaultValue ? before.value : null;
  isSwapping = true;
  for (const name of names) {
    const from = fresh.querySelector(`[data-swap="${name}"]`);
    const to = within.querySelector(`[data-swap="${name}"]`);
    if (from && to) {
      if (to.innerHTML !== from.innerHTML) to.innerHTML = from.innerHTML;
      to.hidden = from.hidden;
    }
  }
  isSwapping = false;
  if (!before?.id || before.isConnected) return;
  const now = document.getElementById(before.id);
  if (now && typed !== null) now.value = typed;
  const heading = within.querySelector('h1, h2') ?? document.querySelector('main h1');
  if (!now && heading) heading.tabIndex = -1;
  (now ?? heading)?.focus();
}

/** What is being pressed must not be replaced before it is let go: it would not have been pressed. */
async function released(part) {
  while (part?.querySelector(':active')) await new Promise((done) => { setTimeout(done, 30); });
}

const idOf = (element) => element?.closest('[id^="shopify-section-"]')?.id.replace('shopify-section-', '');

// How often the cart was changed or asked for: an answer from before the last change is not shown.
let turns = 0;

/**
 * Show the cart as it is now: the count in the header, the drawer, the lines on the cart's page, and how many of a
 * product's page are in it.
 */
async function refreshCart() {
  turns += 1;
  const turn = turns;
  const drawer = document.querySelector('cart-drawer');
  const counter = document.querySelector('[data-swap="cart-count"]');
  const page = document.querySelector('form[data-cart]');
  const product = document.querySelector('product-page');
  const ids = [drawer, counter, page, product].map(idOf).filter(Boolean);
  if (!ids.length) return;
  const html = await sections(ids, page || product ? location.href : words.root);
  await released(drawer);
  await released(page);
  if (turn !== turns) return;
  if (drawer) swap(html[idOf(drawer)], drawer, ['drawer']);
  if (counter) swap(html[idOf(counter)], document, ['cart-count']);
  if (product) swap(html[idOf(product)], product, ['stock']);
  if (page) {
    const fresh = html[idOf(page)];
    if (!parsed(fresh).querySelector('form[data-cart]')) location.reload();
    swap(fresh, page, ['cart-lines', 'cart-totals']);
  }
}

const asJs = (url) => (url.endsWith('.js') ? url : `${url}.js`);

/** Say beside the cart, in the drawer or on its page, what went wrong; nothing takes it back. */
function complain(text) {
  for (const place of document.querySelectorAll('[data-cart-problem]')) {
    place.textContent = text;
    place.hidden = !text;
  }
}

let changes = Promise.resolve();
let pending = 0;
let refusals = 0;

/** Change a line after the changes before, so that the last one stands. */
function changeLine(key, quantity) {
  turns += 1;
  pending += 1;
  const turn = turns;
  const body = new FormData();
  body.set('id', key);
  body.set('quantity', quantity);
  const refused = (problem) => {
    refusals += 1;
    complain(problem.message);
  };
  complain('');
  changes = changes
    .then(() => ask(asJs(words.cartChange), body))
    .catch(refused)
    .then(() => (turn === turns ? refreshCart() : null))
    .catch(refused)
    .then(() => { pending -= 1; });
}

// Whoever checks out buys what the cart is after the changes that are under way, if they are taken.
document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (event.submitter?.name !== 'checkout' || !pending) return;
  event.preventDefault();
  const before = refusals;
  await changes;
  const now = form.isConnected ? form : document.getElementById(form.id);
  if (refusals === before) now?.requestSubmit(now.querySelector('[name="checkout"]'));
});

customElements.define('quantity-field', class extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', (event) => {
      const step = event.target.closest('[data-step]')?.dataset.step;
      if (!step) return;
      const field = this.querySelector('input');
      field[step > 0 ? 'stepUp' : 'stepDown']();
      field.dispatchEvent(new Event('change', { bubbles: true }));
    });
    // Enter in a line of the cart means its number, and not to check out.
    this.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !event.target.dataset.key) return;
      event.preventDefault();
      this.give(event.target, () => event.target.reportValidity());
    });
    // A field that was replaced while somebody typed in it is left without a change.
    this.addEventListener('change', ({ target }) => this.give(target, () => target.reportValidity()));
    this.addEventListener('focusout', ({ target }) => this.give(target, () => target.checkValidity()));
  }

  give(field, isValid) {
    if (isSwapping || !field.dataset.key || field.value === field.defaultValue || !isValid()) return;
    // What is handed in is not being typed any more: the answer counts.
    field.defaultValue = field.value;
    changeLine(field.dataset.key, field.value);
  }
});

document.addEventListener('click', (event) => {
  const link = event.target.closest('.line__remove');
  if (!link) return;
  event.preventDefault();
  changeLine(link.dataset.key, 0);
});

customElements.define('cart-drawer', class extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector('dialog');
    this.querySelector('[data-close]').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    document.querySelectorAll('[data-opens-cart]').forEach((link) => link.addEventListener('click', (event) => {
      event.preventDefault();
      this.open();
      complain('');
      // Another tab may have changed it.
      refreshCart().catch((problem) => complain(problem.message));
    }));
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }
});

customElements.define('product-page', class extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector('[data-product-form]');
    if (!this.form) return;
    this.variants = JSON.parse(this.querySelector('[data-variants]').textContent);
    this.problem = this.querySelector('[data-problem]');
    this.querySelectorAll('[data-option]').forEach((field) => field.addEventListener('change', () => this.choose()));
    this.form.addEventListener('submit', (event) => this.add(event));
    this.turn = 0;
    this.mark();
    // Something was chosen before this script was there, or before the browser came back to this page.
    const variant = this.find(this.chosen);
    if (this.chosen.length && String(variant?.id) !== this.form.elements.id.value) this.choose();
  }

  get chosen() {
    return [...this.querySelectorAll('[data-option]')].map((field) => field.querySelector(':checked')?.value);
  }

  find(options) {
    return this.variants.find((each) => options.every((value, at) => each.options[at] === value));
  }

  /** Strike out what is not to be had with the rest of the choice. */
  mark() {
    const chosen = this.chosen;
    this.querySelectorAll('[data-option]').forEach((field, at) => {
      field.querySelectorAll('input').forEach((input) => {
        const other = this.find(chosen.map((value, index) => (index === at ? input.value : value)));
        input.toggleAttribute('data-out', !other?.available);
      });
    });
  }

  /** Let the product be bought, or not; `label` is what the button says then. */
  sell(isOpen, label) {
    this.querySelectorAll('[data-swap="buy"] button').forEach((button) => { button.disabled = !isOpen; });
    if (label) this.form.querySelector('[name="add"]').textContent = label;
  }

  complain(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }

  async choose() {
    this.mark();
    this.turn += 1;
    const { turn } = this;
    const variant = this.find(this.chosen);
    this.complain('');
    if (!variant) {
      this.sell(false, words.unavailable);
      return;
    }
    this.form.elements.id.value = variant.id;
    const url = new URL(location.href);
    url.searchParams.set('variant', variant.id);
    history.replaceState(null, '', url);
    try {
      const html = (await sections([this.dataset.section], url))[this.dataset.section];
      await released(this);
      if (turn === this.turn) swap(html, this, ['media', 'price', 'buy', 'stock']);
    } catch (problem) {
      // The price and the picture are still those of another.
      if (turn !== this.turn) return;
      this.sell(false);
      this.complain(problem.message);
    }
  }

  async add(event) {
    const drawer = document.querySelector('cart-drawer');
    if (event.submitter?.name !== 'add' || !drawer) return;
    event.preventDefault();
    if (this.isAdding) return;
    this.isAdding = true;
    event.submitter.setAttribute('aria-busy', 'true');
    this.complain('');
    try {
      await ask(asJs(words.cartAdd), new FormData(this.form));
      // It is in the cart, whatever becomes of showing it.
      await refreshCart().catch(() => location.assign(words.cart));
      say(words.added);
      drawer.open();
    } catch (problem) {
      this.complain(problem.message);
    }
    this.isAdding = false;
    this.querySelectorAll('[aria-busy]').forEach((button) => button.removeAttribute('aria-busy'));
  }
});

// A page that comes back from the browser's memory has the cart of then.
addEventListener('pageshow', (event) => {
  if (event.persisted) refreshCart().catch(() => {});
});
