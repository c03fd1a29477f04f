// In a page inside the frame of the theme editor, and in no other: paints what the editor changed, keeps the
// place that was scrolled to, and says what is shown. It listens to the editor that its link was signed for.
(() => {
  'use strict';
  const me = document.currentScript;
  const { editor, version, failed } = me.dataset;
  if (window.parent === window) return;
  const PREFIX = 'shopify-section-';

  /** Tell the editor which sketch is shown, or '' for what is saved; what reads the page finds it there, too. */
  function tell(told) {
    me.dataset.sketch = told.sketch;
    window.parent.postMessage({ type: 'till:shown', failed: failed === 'true', ...told }, editor);
  }

  /** The address of this page with another link's token; what is asked for of it alone is in `more`. */
  function address(token, more = {}) {
    const url = new URL(location.href);
    url.searchParams.set('till_design', token);
    url.searchParams.set('design_mode', 'true');
    for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
    return url;
  }

  function whole(token) {
    history.replaceState(history.state, '', address(token));
    // Unlike another journey to the same place, this keeps the place that was scrolled to.
    location.reload();
  }

  function swap(id, html) {
    const old = document.getElementById(PREFIX + id);
    const told = { bubbles: true, detail: { sectionId: id } };
    old.dispatchEvent(new CustomEvent('shopify:section:unload', told));
    const fresh = document.createRange().createContextualFragment(html);
    const element = fresh.getElementById(PREFIX + id);
    old.replaceWith(fresh);
    element?.dispatchEvent(new CustomEvent('shopify:section:load', told));
  }

  async function paint({ turn, token, sketch: wanted, sections }) {
    const isHere = (id) => document.getElementById(PREFIX + id);
    let painted = wanted;
    if (failed || !sections || !sections.every(isHere)) return whole(token);
    if (sections.length) {
      const url = address(token, { sections: sections.join(',') });
      url.hash = '';
      const reply = await fetch(url, { headers: { accept: 'application/json' }, cache: 'no-store' });
      const found = reply.ok ? await reply.json() : {};
      // Not what was wanted, where that is kept no longer.
      painted = reply.headers.get('x-till-sketch') ?? '';
      if (!sections.every((id) => typeof found[id] === 'string' && isHere(id))) return whole(token);
      const { scrollX, scrollY } = window;
      for (const id of sections) swap(id, found[id]);
      scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
    }
    history.replaceState(history.state, '', address(token));
    tell({ turn, sketch: painted });
  }

  addEventListener('message', (event) => {
    if (event.source !== window.parent || event.origin !== editor) return;
    const said = event.data ?? {};
    if (said.type === 'till:paint') paint(said).catch(() => whole(said.token));
    else if (said.type === 'till:go') document.getElementById(PREFIX + said.section)?.scrollIntoView();
  });
  tell({ sketch: me.dataset.sketch, version: Number(version) });
})();
