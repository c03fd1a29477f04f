// All of this is help: without it every page works by links and forms.
const words = JSON.parse(document.getElementById('theme-words').textContent);
const announcer = document.querySelector('[data-announcer]');

const say = (text) => {
  announcer.textContent = '';
  setTimeout(() => { announcer.textContent = text; }, 60);
};

const parsed = (html) => new DOMParser().parseFromString(html, 'text/html');

/** The sections of a page as the server renders them now, by id. */
async function sections(ids, url = words.root) {
  const found = new URL(url, location.origin);
  found.searchParams.set('sections', ids.join(','));
  const answer = await fetch(found, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(words.failed);
  return answer.json();
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
  now?.focus();
  if (now && typed !== null) now.value = typed;
}

const idOf = (element) => element?.closest('[id^="shopify-section-"]')?.id.replace('shopify-section-', '');

// How often the cart was changed or asked for: an answer from before the last change is not shown.
let turns = 0;

/** Show the cart as it is now: the count in the header, the drawer, and the lines on the cart's page. */
async function refreshCart() {
  turns += 1;
  const turn = turns;
  const drawer = document.querySelector('cart-drawer');
  const counter = document.querySelector('[data-swap="cart-count"]');
  const page = document.querySelector('form[data-cart]');
  const ids = [idOf(drawer), idOf(counter), idOf(page)].filter(Boolean);
  if (!ids.length) return;
  const html = await sections(ids, page ? words.cart : words.root);
  if (turn !== turns) return;
  if (drawer) swap(html[idOf(drawer)], drawer, ['drawer']);
  if (counter) swap(html[idOf(counter)], document, ['cart-count']);
  if (page) {
    const fresh = html[idOf(page)];
    if (!parsed(fresh).querySelector('form[data-cart]')) location.reload();
    swap(fresh, page, ['cart-lines', 'cart-totals']);
  }
}

async function send(url, body) {
  const answer = await fetch(url, { method: 'POST', headers: { Accept: 'application/json' }, body });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.description || said.message || words.failed);
  return said;
}

const asJs = (url) => (url.endsWith('.js') ? url : `${url}.js`);

let changes = Promise.resolve();

/** Change a line after the changes before, so that the last one stands. */
function changeLine(key, quantity) {
  turns += 1;
  const turn = turns;
  const body = new FormData();
  body.set('id', key);
  body.set('quantity', quantity);
  changes = changes
    .then(() => send(asJs(words.cartChange), body))
    .catch((problem) => say(problem.message))
    .then(() => (turn === turns ? refreshCart() : null))
    .catch((problem) => say(problem.message));
}

customElements.define('quantity-field', class extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', (event) => {
      const step = event.target.closest('[data-step]')?.dataset.step;
      if (!step) return;
      const field = this.querySelector('input');
      field[step > 0 ? 'stepUp' : 'stepDown']();
      field.dispatchEvent(new Event('change', { bubbles: true }));
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
    this.mark();
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

  async choose() {
    this.mark();
    const variant = this.find(this.chosen);
    const button = this.form.querySelector('[name="add"]');
    if (!variant) {
      button.disabled = true;
      button.textContent = words.unavailable;
      return;
    }
    this.form.elements.id.value = variant.id;
    const url = new URL(this.dataset.url, location.origin);
    url.searchParams.set('variant', variant.id);
    history.replaceState(null, '', url);
    const html = (await sections([this.dataset.section], url))[this.dataset.section];
    if (this.form.elements.id.value === String(variant.id)) swap(html, this, ['media', 'price', 'buy', 'stock']);
  }

  async add(event) {
    const drawer = document.querySelector('cart-drawer');
    if (event.submitter?.name !== 'add' || !drawer) return;
    event.preventDefault();
    const button = event.submitter;
    button.setAttribute('aria-busy', 'true');
    this.problem.hidden = true;
    try {
      await send(asJs(words.cartAdd), new FormData(this.form));
      await refreshCart();
      say(words.added);
      drawer.open();
    } catch (problem) {
      this.problem.textContent = problem.message;
      this.problem.hidden = false;
    } finally {
      button.removeAttribute('aria-busy');
    }
  }
});

customElements.define('predictive-search', class extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector('[type="search"]');
    this.results = this.querySelector('[data-results]');
    this.field.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.suggest(), 200);
    });
  }

  async suggest() {
    const terms = this.field.value.trim();
    this.asked = terms;
    if (terms.length < 2) {
      this.results.replaceChildren();
      return;
    }
    const url = new URL(words.suggest, location.origin);
    url.searchParams.set('q', terms);
    url.searchParams.set('section_id', 'predictive-search');
    const answer = await fetch(url);
    if (!answer.ok || this.asked !== terms) return;
    const found = parsed(await answer.text()).querySelector('.suggestions');
    this.results.replaceChildren(...(found ? [found] : []));
  }
});

// One of them open at a time; Escape and a click elsewhere close it.
const folds = () => document.querySelectorAll('details[data-closes][open]');
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  folds().forEach((each) => {
    each.open = false;
    each.querySelector('summary').focus();
  });
});
document.addEventListener('click', (event) => {
  folds().forEach((each) => {
    if (!each.contains(event.target)) each.open = false;
  });
});
document.querySelectorAll('.header__search').forEach((each) => each.addEventListener('toggle', () => {
  if (each.open) each.querySelector('[type="search"]').focus();
}));

document.querySelector('.message--wrong[tabindex]')?.focus();
