// The editor of a theme's files: one at a time, saved only onto what it was read from.
import { arrived, dispute, settle } from './theme-conflict.js';
import { inDialog } from './theme-dialog.js';
import { ask, byId, tell } from './theme-dom.js';
import { find, goToLine } from './theme-find.js';
import { folderOf, linkOf, list, mark, unlist } from './theme-files.js';

const root = byId('code');
const { base, csrf } = root.dataset;
const text = byId('text');
// The file that is open: `text` is what was read, null of one that has none; `checksum` is empty before it is saved.
// Once another is open, `left` is what was in the field; `refused` is why it was not saved the last time.
let open = null;
// What was typed and is not shown any more, by the name of its file: dropped for somebody else's, or not saved.
const dropped = new Map();

const isDirty = () => open !== null && open.text !== null && (text.value !== open.text || open.checksum === '');
const mayLeave = () => !isDirty() || confirm(`${open.name} is not saved. Leave it?`);
const send = (batch) => ask(`${base}/files`, { csrf, ...batch });

/** A file with its lines as a field has them; `isCrlf` where all of them end in CR and LF, as they are to be saved. */
async function read(name) {
  const found = await ask(`${base}/file?name=${encodeURIComponent(name)}`);
  if (found.text === null) return found;
  const isCrlf = found.text.includes('\r\n') && !/(?<!\r)\n|\r(?!\n)/.test(found.text);
  return { ...found, text: found.text.replace(/\r\n?/g, '\n'), isCrlf };
}

/** Mark the file that is open, in the list and in the address: what is loaded again shows the same file. */
function marked() {
  mark(open?.name);
  history.replaceState(null, '', linkOf(open?.name)?.hash ?? location.pathname);
}

function show(value = open?.text) {
  byId('file').textContent = open?.name ?? 'No file';
  text.disabled = (open?.text ?? null) === null;
  text.value = value ?? '';
  marked();
  place();
}

function place() {
  const before = text.value.slice(0, text.selectionStart).split('\n');
  let said = `Line ${before.length}, column ${before.at(-1).length + 1}.`;
  if (!open) said = 'Choose a file.';
  else if (open.text === null) said = 'This file is no text.';
  byId('place').textContent = said;
  byId('save').disabled = !isDirty();
  for (const id of ['rename', 'delete']) byId(id).disabled = !open?.checksum;
  byId('back').hidden = !dropped.has(open?.name);
}

/** Have another file open, or none; a question about the one before is none about this one. */
function opened(next) {
  if (open) open.left = text.value;
  open = next;
  settle();
  show();
}

/** Keep what was typed into a file that is not shown any more, and was not saved. */
function drop(file, typed) {
  dropped.set(file.name, typed);
  const why = file.refused ? `${file.refused}\n` : '';
  tell('', `${why}${file.name} is not saved: open it again, and bring yours back.`);
}

let turn = 0;
async function begin(name) {
  if (!mayLeave()) return;
  settle();
  turn += 1;
  const mine = turn;
  const left = { open, text: text.value, wasSaving: open !== null && saving === open };
  try {
    const found = await read(name);
    // Another file was asked for meanwhile.
    if (mine !== turn) return;
    tell('');
    // To leave what was being saved is not to give it up; while it still is, `keep` sees to it.
    const isRefused = left.wasSaving && saving !== open;
    if (isDirty() && (open !== left.open || text.value !== left.text || isRefused)) drop(open, text.value);
    opened(found);
    text.setSelectionRange(0, 0);
    text.focus();
  } catch (problem) {
    if (mine === turn) tell('', problem.message);
  }
}

// The file that is being saved, and the one for which saving was asked again meanwhile.
let saving = null;
let again = null;
async function keep() {
  if (!isDirty()) return;
  if (saving) {
    again = open;
    return;
  }
  // Another file may be open by the time that this one is saved.
  const mine = open;
  const typed = text.value;
  byId('save').disabled = true;
  saving = mine;
  mine.refused = '';
  settle();
  let isSaved = false;
  try {
    const said = await sent(mine, typed);
    list(mine.name);
    marked();
    Object.assign(mine, { text: typed, checksum: said.checksum });
    if (dropped.get(mine.name) === typed) dropped.delete(mine.name);
    byId('version').textContent = said.version;
    tell(`${mine.name} is saved.`);
    isSaved = true;
  } catch (problem) {
    notSaved(mine, typed, problem);
  }
  const next = isSaved ? again : null;
  [saving, again] = [null, null];
  place();
  if (next && next === open) keep();
  else if (next && next.left !== next.text) drop(next, next.left);
}

/** Save what was typed into a file. Where just that is there already, it was saved, and only the answer was lost. */
async function sent(mine, typed) {
  const { name } = mine;
  const file = { name, text: mine.isCrlf ? typed.replaceAll('\n', '\r\n') : typed, ifMatch: mine.checksum };
  try {
    const { version, checksums } = await send({ files: [file] });
    return { version, checksum: checksums[name] };
  } catch (problem) {
    const [there] = await arrived([{ name, text: typed }], problem.stale ?? [], read);
    if (!there) throw problem;
    return { version: problem.stale[0].version ?? byId('version').textContent, checksum: there.checksum };
  }
}

function notSaved(mine, typed, problem) {
  mine.refused = problem.message;
  if (open !== mine) {
    drop(mine, mine.left ?? typed);
    return;
  }
  tell('', problem.stale?.length ? '' : problem.message);
  if (!problem.stale?.length) return;
  dispute(problem.stale, {
    isOpen: true,
    theirs: () => theirs(mine),
    mine: ([{ checksum }]) => overwrite(mine, checksum),
  });
}

/** Save onto what somebody else made of the file. */
function overwrite(mine, checksum) {
  mine.checksum = checksum;
  if (open === mine) keep();
}

/** Show what somebody else made of the file; what was typed can be brought back. */
async function theirs(mine) {
  let found = null;
  let problem = null;
  try {
    found = await read(mine.name);
  } catch (refused) {
    problem = refused;
  }
  // Typed on meanwhile, or gone to another file.
  if (open !== mine) return;
  if (problem && problem.status !== 404) {
    tell('', problem.message);
    return;
  }
  dropped.set(mine.name, text.value);
  if (found) tell('This is what somebody else saved.');
  else {
    // It is to be made again, should what was typed be wanted after all.
    unlist(mine.name);
    tell('Somebody else deleted this file. Saving makes it again.');
  }
  opened(found ?? { name: mine.name, text: '', checksum: '' });
  text.focus();
}

function rename() {
  const mine = open;
  const input = byId('new-place');
  byId('renaming-title').textContent = `Rename ${mine.name}`;
  input.value = mine.name;
  inDialog('renaming', async () => {
    const to = input.value.trim();
    if (to === mine.name) return;
    if (linkOf(to)) throw new Error(`There is a file ${to} already: choose another name, or delete that one first.`);
    const said = await send({ moved: [{ name: mine.name, to, ifMatch: mine.checksum }] });
    const was = mine.name;
    if (dropped.has(was)) dropped.set(to, dropped.get(was));
    dropped.delete(was);
    unlist(was);
    Object.assign(mine, { name: to, checksum: said.checksums[to] });
    byId('version').textContent = said.version;
    list(to);
    // What is typed and not saved stays as it is.
    show(text.value);
    tell(`${was} is ${to} now.`);
  });
  input.setSelectionRange(folderOf(mine.name).length + 1, mine.name.lastIndexOf('.'));
}

function remove() {
  const mine = open;
  byId('deleting-title').textContent = `Delete ${mine.name}?`;
  inDialog('deleting', async () => {
    const said = await send({ gone: [{ name: mine.name, ifMatch: mine.checksum }] });
    unlist(mine.name);
    byId('version').textContent = said.version;
    // Another one, asked for before, may have come meanwhile.
    if (open === mine) opened(null);
    tell(`${mine.name} is deleted.`);
  });
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-name]');
  if (!link) return;
  event.preventDefault();
  begin(link.dataset.name);
});
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector('dialog[open]')) return;
  const key = event.key.toLowerCase();
  if (key === 's') keep();
  else if (key === 'f') byId('find').select();
  else if (key === 'g') {
    goToLine();
    place();
  } else return;
  event.preventDefault();
});
for (const event of ['input', 'selectionchange', 'click', 'keyup']) text.addEventListener(event, place);
byId('save').addEventListener('click', keep);
byId('rename').addEventListener('click', rename);
byId('delete').addEventListener('click', remove);
byId('back').addEventListener('click', () => {
  // What is there now takes its place, unless it was read so.
  const shown = text.value;
  text.value = dropped.get(open.name);
  if (shown === open.text) dropped.delete(open.name);
  else dropped.set(open.name, shown);
  place();
  text.focus();
});
byId('finding').addEventListener('submit', (event) => {
  event.preventDefault();
  find();
  place();
});
byId('new').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = byId('new-name').value.trim();
  if (linkOf(name)) {
    begin(name);
    return;
  }
  if (!mayLeave()) return;
  turn += 1;
  opened({ name, text: '', checksum: '' });
  byId('new-name').value = '';
  text.focus();
});
addEventListener('beforeunload', (event) => {
  if (isDirty() || dropped.size) event.preventDefault();
});
for (const each of document.querySelectorAll('[data-waits]')) each.disabled = false;
// A file that the address names, or that was chosen before this script was there. One name can be spelled in many
// ways there, and in some that say nothing.
try {
  const asked = linkOf(decodeURIComponent(location.hash.slice(1)));
  if (asked) begin(asked.dataset.name);
} catch {
  history.replaceState(null, '', location.pathname);
}
