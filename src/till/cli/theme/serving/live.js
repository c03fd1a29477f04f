// Till's page beside the editor: swaps stylesheets and sections of the page as their files are saved, and
// shows what is wrong with them. Only `till theme dev` adds it to pages.
(() => {
  "use strict";
  const me = document.currentScript;
  const { reload: mode, overlay: shown, boot } = me.dataset;
  let generation = Number(me.dataset.generation);
  let queue = Promise.resolve();
  const faults = new Map();
  const page = JSON.parse(document.getElementById("till-page").textContent);

  const known = (list) => {
    for (const fault of list) faults.set(JSON.stringify(fault), fault);
    draw();
  };
  const forget = (files) => {
    for (const [key, fault] of faults) if (files.includes(fault.file)) faults.delete(key);
  };

  const last = (url) => decodeURIComponent(new URL(url, location.href).pathname.split("/").pop());

  function swapStyle(name, told) {
    const links = [...document.querySelectorAll("link[rel~=stylesheet]")].filter((link) => last(link.href) === name);
    return Promise.all(
      links.map(
        (old) =>
          new Promise((done) => {
            const link = old.cloneNode();
            link.href = told.urls[name];
            link.onload = link.onerror = () => {
              old.remove();
              done();
            };
            old.after(link);
          }),
      ),
    );
  }

  function imports(name) {
    return [...document.styleSheets].some((sheet) => {
      try {
        return [...sheet.cssRules].some((rule) => rule instanceof CSSImportRule && last(rule.styleSheet.href) === name);
      } catch {
        return false;
      }
    });
  }

  const PREFIX = "shopify-section-";

  async function swapSections(ids) {
    const url = new URL(location.href);
    url.hash = "";
    url.searchParams.set("sections", ids.join(","));
    const reply = await fetch(url, { headers: { accept: "application/json" }, cache: "no-store" });
    if (!reply.headers.get("content-type")?.includes("json")) throw new Error("no sections");
    const sections = await reply.json();
    for (const [id, html] of Object.entries(sections)) {
      const old = document.getElementById(PREFIX + id);
      if (!old || html === null) continue;
      const told = { bubbles: true, detail: { sectionId: id } };
      old.dispatchEvent(new CustomEvent("shopify:section:unload", told));
      const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      const fresh = document.createRange().createContextualFragment(html);
      const element = fresh.getElementById(PREFIX + id);
      old.replaceWith(fresh);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      element?.dispatchEvent(new CustomEvent("shopify:section:load", told));
    }
    const visit = reply.headers.get("x-till-visit");
    if (visit) known(await (await fetch(`/__till/faults/${visit}`)).json());
  }

  async function repaint(told) {
    // A page that could not be rendered has no files, and whatever was saved may have mended it.
    const whole = told.page || !page.files.length || (told.templates || []).some((name) => page.files.includes(name));
    if (whole || mode === "full-page" || (told.styles || []).some(imports)) return location.reload();
    const { scrollX, scrollY } = window;
    forget(told.files || []);
    await Promise.all((told.styles || []).map((name) => swapStyle(name, told)));
    const ids = [...document.querySelectorAll(`[id^="${PREFIX}"]`)]
      .map((element) => element.id.slice(PREFIX.length))
      .filter((id) => (told.sections || []).some((key) => id === key || id.endsWith(`__${key}`)));
    try {
      for (let first = 0; first < ids.length; first += 5) await swapSections(ids.slice(first, first + 5));
    } catch {
      return location.reload();
    }
    scrollTo(scrollX, scrollY);
    known(told.faults || []);
    dispatchEvent(new CustomEvent("till:repainted", { detail: told }));
  }

  let source = null;

  function listen() {
    if (source) return;
    source = new EventSource("/__till/events");
    source.addEventListener("hello", (event) => {
      const told = JSON.parse(event.data);
      // What was saved while nobody listened is on the page only once it is asked for again.
      if (mode !== "off" && (told.boot !== boot || told.generation > generation)) location.reload();
      else me.dataset.listens = "true";
    });
    source.addEventListener("repaint", (event) => {
      const told = JSON.parse(event.data);
      generation = told.generation;
      if (mode !== "off") queue = queue.then(() => repaint(told));
    });
    source.addEventListener("faults", (event) => {
      const told = JSON.parse(event.data);
      generation = told.generation;
      forget(told.files || []);
      known(told.faults);
    });
  }

  function rest() {
    source?.close();
    source = null;
    delete me.dataset.listens;
  }

  // A browser has six connections to a server: tabs that nobody looks at let go of theirs.
  let resting = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(rest, 5000);
    else listen();
  });
  listen();
  addEventListener("pagehide", rest);
  // A page that comes back from the browser's memory listens to nothing.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  const CSS = `
    :host { all: initial; }
    section { position: fixed; inset: auto 0 0 0; z-index: 2147483647; max-height: 45vh; overflow: auto;
      background: #1d1f24; color: #f4f4f5; border-top: 4px solid #ff6b5e; padding: 14px 18px 18px;
      font: 15px/1.45 system-ui, sans-serif; box-shadow: 0 -6px 30px rgb(0 0 0 / .35); }
    div { display: flex; align-items: baseline; gap: 12px; }
    h2 { font-size: 16px; margin: 0; flex: 1; }
    ul { list-style: none; margin: 10px 0 0; padding: 0; display: grid; gap: 8px; }
    li { overflow-wrap: anywhere; }
    code { font: 14px/1.4 ui-monospace, monospace; color: #ffb4ad; margin-right: 8px; }
    b { color: #a5e8b5; font-weight: 600; }
    button { font: inherit; color: inherit; background: #3a3d45; border: 1px solid #767b88; border-radius: 6px;
      padding: 6px 14px; min-height: 36px; cursor: pointer; }
    button:focus-visible, section:focus-visible { outline: 3px solid #8ab4ff; outline-offset: 2px; }
    @media (prefers-reduced-motion: no-preference) { section { animation: up .12s ease-out; } }
    @keyframes up { from { transform: translateY(12px); opacity: 0; } }`;
  const make = (name, text, inside = []) => {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    element.append(...inside);
    return element;
  };
  const line = ({ file, line: number, message, hint }) =>
    make("li", "", [
      make("code", number ? `${file}:${number}` : file),
      make("span", message + (hint ? " – " : "")),
      ...(hint ? [make("b", `${hint}?`)] : []),
    ]);
  let host = null;
  const close = () => {
    host?.remove();
    host = null;
  };

  function draw() {
    close();
    if (!faults.size || shown === "silent") return;
    host = make("till-overlay");
    const button = make("button", "Close");
    button.type = "button";
    button.onclick = close;
    const head = make("h2", faults.size === 1 ? "1 fault in the theme" : `${faults.size} faults in the theme`);
    const section = make("section", "", [
      make("div", "", [head, button]),
      make("ul", "", [...faults.values()].map(line)),
    ]);
    section.setAttribute("role", "alert");
    section.tabIndex = 0;
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    root.append(section);
    document.documentElement.append(host);
  }
  addEventListener("keydown", (event) => event.key === "Escape" && close());
  known(page.faults);
})();
