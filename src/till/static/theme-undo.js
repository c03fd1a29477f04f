// What can be undone, and done again: the theme as it was before each change.
import { become, chosen, copy, docs, template } from './theme-data.js';

const MOST = 100;
const done = [];
const undone = [];

export const canUndo = () => done.length > 0;
export const canRedo = () => undone.length > 0;

/** All that a change may change, as it is now. */
const moment = (key = null) => ({ key, docs: copy(docs), chosen: copy(chosen), template });

/** Keep how it is now, before a change; what is typed into the same field, with one `key`, is one change. */
export function remember(key = null) {
  if (!key || done.at(-1)?.key !== key) {
    done.push(moment(key));
    if (done.length > MOST) done.shift();
  }
  undone.length = 0;
}

/** What is typed from now on is a change of its own, be it into the same field. */
export function cut() {
  if (done.length) done.at(-1).key = null;
}

/** Go to a moment that `from` has, so that `to` leads back to this one; answers whether there was any. */
function go(from, to) {
  const next = from.pop();
  if (!next) return false;
  to.push(moment());
  cut();
  become({ docs: next.docs, chosen: next.chosen, template: next.template });
  return true;
}
export const undo = () => go(done, undone);
export const redo = () => go(undone, done);
