// Finding a place in the text of a file.
import { byId, tell } from './theme-dom.js';

const text = byId('text');

/** Choose so many characters, and bring them into sight. */
export function go(at, length) {
  text.focus();
  text.setSelectionRange(at, at + length);
  const line = text.value.slice(0, at).split('\n').length;
  text.scrollTop = Math.max(0, (line - 5) * (text.scrollHeight / text.value.split('\n').length));
}

/** Go to the next place of what is looked for, or from the end to the first. */
export function find() {
  const wanted = byId('find').value;
  if (!wanted || text.disabled) return;
  // Not by small letters of both: some have another length.
  const looked = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
  looked.lastIndex = text.selectionEnd;
  // Where it finds nothing, it begins anew the next time.
  const match = looked.exec(text.value) ?? looked.exec(text.value);
  if (match) go(match.index, match[0].length);
  else tell(`${wanted} is not in this file.`);
}

/** Ask for a line, and go there. */
export function goToLine() {
  const lines = text.value.split('\n');
  const wanted = Math.min(Math.max(Number(prompt(`Line, 1 to ${lines.length}`)) || 0, 0), lines.length);
  if (wanted) go(lines.slice(0, wanted - 1).join('\n').length + (wanted > 1 ? 1 : 0), lines[wanted - 1].length);
}
