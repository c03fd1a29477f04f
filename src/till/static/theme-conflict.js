// A save that found its files changed by somebody else: what they are now, and two ways on. Neither loses anything:
// what is dropped can be had back on the page, and what is overwritten stays as an earlier version.
import { byId, el } from './theme-dom.js';

const KINDS = { '+': 'plus', '-': 'minus', '@': 'hunk' };

/** The lines of a unified diff; what they mean is in their first character, and in their colour beside. */
function diffed(text) {
  const lines = text.split('\n').slice(2);
  return lines.map((line) => el('span', { className: KINDS[line[0]] ?? '' }, `${line}\n`));
}

function story({ name, checksum, by, when, at, version, diff }, isOpen) {
  const became = checksum ? 'changed' : 'removed';
  const whom = by
    ? [`: ${became} by ${by}, `, el('time', { dateTime: at }, when), `, in version ${version}.`]
    : [`: ${became}.`];
  const shown = el('li', {}, el('code', {}, name), ...whom);
  if (diff) {
    const lines = el('pre', { className: 'ediff', tabIndex: 0, 'aria-label': `Differences in ${name}` }, ...diffed(diff));
    shown.append(el('details', { open: isOpen }, el('summary', {}, 'Compare: − is theirs, + is yours'), lines));
  }
  return shown;
}

/** Those of `files` that only seem `stale`: what is there is what was to be saved, so it was, and its answer was lost. */
export async function arrived(files, stale, read) {
  const asked = files.filter(({ name }) => stale.some((each) => each.name === name && each.checksum));
  const there = await Promise.all(asked.map(({ name }) => read(name).catch(() => null)));
  return asked.flatMap((file, index) => (
    there[index]?.text === file.text ? [{ ...file, checksum: there[index].checksum }] : []
  ));
}

/** Close the question, if it is open. */
export function settle() {
  byId('conflict').hidden = true;
  byId('conflict').replaceChildren();
}

/** Ask what becomes of `stale` files; `theirs` and `mine` do it, and are told of the files. What differs `isOpen` to be read. */
export function dispute(stale, { theirs, mine, isOpen = false }) {
  const button = (label, work, className = '') => {
    const made = el('button', { type: 'button', className }, label);
    made.addEventListener('click', () => {
      settle();
      work?.(stale);
    });
    return made;
  };
  const title = el('h2', { id: 'conflict-title', tabIndex: -1 }, 'Somebody else changed this while you had it open');
  byId('conflict').replaceChildren(
    title,
    el('p', {}, 'Nothing was saved yet. What you overwrite stays as an earlier version of the theme.'),
    el('ul', {}, ...stale.map((each) => story(each, isOpen))),
    el('div', { className: 'actions' },
      button('Load theirs (drop mine)', theirs),
      button('Keep mine (overwrite)', mine),
      button('Decide later')),
  );
  byId('conflict').hidden = false;
  title.focus();
}
