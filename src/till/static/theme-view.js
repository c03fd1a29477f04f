// The page beside the editor, which is of another origin. It is told what to paint, says what it shows, and is asked
// again until that is what the editor has: so no message, no answer and no page that is lost leaves it behind.
const MOST = 4;
const PATIENCE = 10000;
const SILENCE = 2000;
const DELAY = 120;

const waiting = (time) => new Promise((done) => { setTimeout(done, time); });

/**
 * `want()` answers what is to be shown: `files` that are not saved, all `texts` by name, and the `version` that is
 * saved. `link(files)` makes the link to them, `{ token, sketch }`; `place(token)` is the address of the page;
 * `parts(old, now)` the ids of the sections that differ between texts, or null for the whole page. `told(problem)`
 * hears why the wish is refused, `lost(isLost)` whether the page answers.
 */
export function viewOf({ frame, origin, saved, want, link, place, parts, told, lost }) {
  const seen = new Map();
  let shown = null;
  let isAlive = false;
  let answered = () => {};
  let last = { key: '', token: saved, sketch: '' };
  let wishes = 0;
  let isBusy = false;
  let timer = 0;
  let turn = 0;

  const keyOf = ({ files }) => (Object.keys(files).length ? JSON.stringify(files) : '');
  const nameOf = (sketch, version) => sketch || `version ${version}`;

  function isShown(now) {
    const isSame = shown && isAlive && keyOf(now) === last.key && shown.sketch === last.sketch;
    return isSame && (shown.sketch || shown.version >= now.version);
  }

  async function linkTo(now) {
    const key = keyOf(now);
    if (!key) last = { key, token: saved, sketch: '' };
    else if (key !== last.key) last = { key, ...await link(now.files) };
    seen.set(nameOf(last.sketch, now.version), now.texts);
    if (seen.size > 8) seen.delete(seen.keys().next().value);
    return last;
  }

  /** Answers whether the page said anything. */
  async function paint(now, tries) {
    const { token, sketch } = await linkTo(now);
    const said = new Promise((done) => { answered = done; });
    if (isAlive) {
      const old = shown.failed || shown.version < now.version ? null : seen.get(nameOf(shown.sketch, shown.version));
      turn += 1;
      const sections = old ? parts(old, now.texts) : null;
      frame.contentWindow.postMessage({ type: 'till:paint', turn, token, sketch, sections }, origin);
    } else frame.src = place(token);
    const isHeard = await Promise.race([said, waiting(PATIENCE * (tries + 1)).then(() => false)]);
    if (!isHeard) isAlive = false;
    return isHeard;
  }

  async function pursue() {
    clearTimeout(timer);
    if (isBusy) return;
    isBusy = true;
    let seenWishes = wishes;
    try {
      let tries = 0;
      while (tries < MOST && !isShown(want())) {
        seenWishes = wishes;
        const now = want();
        const isHeard = await paint(now, tries);
        told('');
        if (isShown(now)) tries = 0;
        else {
          tries += 1;
          // What was handed in is not kept any more.
          if (isHeard && shown?.sketch !== last.sketch) last = { key: '', token: saved, sketch: '' };
          // A server may know for a moment only what was there before.
          await waiting(500 * tries);
        }
      }
      if (isShown(want())) told('');
      lost(!isAlive);
    } catch (problem) {
      told(problem.message);
    }
    isBusy = false;
    if (wishes !== seenWishes) pursue();
  }

  addEventListener('message', (event) => {
    if (event.source !== frame.contentWindow || event.origin !== origin || event.data?.type !== 'till:shown') return;
    const said = event.data;
    // An answer to what was asked before is no answer; a page that has just come has no turn.
    if (said.turn !== undefined && said.turn !== turn) return;
    shown = { sketch: said.sketch, version: said.version ?? shown?.version ?? 0, failed: said.failed };
    isAlive = true;
    lost(false);
    answered(true);
    if (!isBusy && !isShown(want())) follow();
  });
  // A page that is there and says nothing is none of ours: a busy server's, or the browser's own.
  frame.addEventListener('load', () => {
    const before = answered;
    setTimeout(() => before(false), SILENCE);
  });

  function follow() {
    wishes += 1;
    clearTimeout(timer);
    timer = setTimeout(pursue, DELAY);
  }

  return {
    /** Show what is wanted now, soon. */
    follow,
    /** Show the page anew, or another one. */
    open() {
      isAlive = false;
      shown = null;
      wishes += 1;
      answered(false);
      pursue();
    },
    /** Bring a section into sight. */
    go(section) {
      if (isAlive) frame.contentWindow.postMessage({ type: 'till:go', section }, origin);
    },
  };
}
