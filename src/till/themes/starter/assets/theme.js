// The search, and what folds. All of this is help: without it every page works by links and forms.
const words = JSON.parse(document.getElementById('theme-words').textContent);

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
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok || this.asked !== terms) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const found = page.querySelector('.suggestions');
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
