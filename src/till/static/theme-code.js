// The editor of a theme's files: one at a time, saved only onto what it was read from.
import { dispute, settle } from './theme-conflict.js';
import { ask, byId, tell } from './theme-dom.js';
import { folderOf, linkOf, links, list, mark, unlist } from './theme-files.js';

const root = byId('code');
const { base, csrf } = root.dataset;
const text = byId('text');
// The file that is open: `text` is what was read, null of one that has none; `checksum` is empty before it is saved.
let open = null;
// What was typed and is not shown any more, by the name of its file: dropped for somebody else's, or not saved.
const dropped = new Map();

const isDirty = () => open !== null && open.text !== null && (text.value !== open.text || open.checksum === '');
const mayLeave = () => !isDirty() || confirm(`${open.name} is not saved. Leave it?`);
const read = (name) => ask(`${base}/file?name=${encodeURIComponent(name)}`);
const send = (batch) => ask(`${base}/files`, { csrf, ...batch });

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

let turn = 0;
async function begin(name) {
  if (!mayLeave()) return;
  settle();
  turn += 1;
  const mine = turn;
  const left = { open, text: text.value };
  try {
    const found = await read(name);
    // Another file was asked for meanwhile.
    if (mine !== turn) return;
    tell('');
    if (open === left.open && text.value !== left.text && isDirty()) {
      dropped.set(open.name, text.value);
      tell('', `${open.name} is not saved: open it again, and bring yours back.`);
    }
    open = found;
    show();
    text.setSelectionRange(0, 0);
    text.focus();
  } catch (problem) {
    if (mine === turn) tell('', problem.message);
  }
}

let isSaving = false;
async function keep() {
  if (!isDirty() || isSaving) return;
  // Another file may be open by the time that this one is saved.
  const mine = open;
  const file = { name: mine.name, text: text.value, ifMatch: mine.checksum };
  byId('save').disabled = true;
  isSaving = true;
  settle();
  try {
    const said = await send({ files: [file] });
    list(mine.name);
    marked();
    mine.text = file.text;
    mine.checksum = said.checksums[file.name];
    if (dropped.get(mine.name) === file.text) dropped.delete(mine.name);
    byId('version').textContent = said.version;
    tell(`${file.name} is saved.`);
  } catch (problem) {
    tell('', problem.stale?.length ? '' : problem.message);
    if (open !== mine) {
      dropped.set(mine.name, file.text);
      tell('', `${problem.message}\n${mine.name} was not saved: open it again, and bring yours back.`);
    } else if (problem.stale?.length) {
      dispute(problem.stale, {
        isOpen: true,
        theirs: () => theirs(mine),
        mine: ([{ checksum }]) => overwrite(mine, checksum),
      });
    }
  }
  isSaving = false;
  place();
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
  if (found) {
    open = found;
    tell('This is what somebody else saved.');
  } else {
    // It is to be made again, should what was typed be wanted after all.
    unlist(mine.name);
    open = { name: mine.name, text: '', checksum: '' };
    tell('Somebody else deleted this file. Saving makes it again.');
  }
  show();
  text.focus();
}

/** Ask in a dialog, and do `work` where the answer is not no; what is refused is said in the dialog, which stays. */
function inDialog(id, work) {
  const dialog = byId(id);
  const wrong = byId(`${id}-wrong`);
  const form = dialog.querySelector('form');
  form.onsubmit = async (event) => {
    if (event.submitter?.value === 'no') return;
    event.preventDefault();
    event.submitter.disabled = true;
    try {
      await work();
      dialog.close();
    } catch (problem) {
      wrong.textContent = problem.stale?.length
        ? 'Somebody else changed this meanwhile, so nothing was done: open the file again, and look at it first.'
        : problem.message;
      wrong.hidden = false;
    }
    event.submitter.disabled = false;
  };
  wrong.hidden = true;
  dialog.showModal();
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
    open = null;
    byId('version').textContent = said.version;
    show();
    tell(`${mine.name} is deleted.`);
  });
}

function find() {
  const wanted = byId('find').value.toLowerCase();
  if (!wanted || text.disabled) return;
  const whole = text.value.toLowerCase();
  const from = whole.indexOf(wanted, text.selectionEnd);
  const at = from >= 0 ? from : whole.indexOf(wanted);
  if (at < 0) {
    tell(`${byId('find').value} is not in this file.`);
    return;
  }
  go(at, wanted.length);
}

function go(at, length) {
  text.focus();
  text.setSelectionRange(at, at + length);
  const line = text.value.slice(0, at).split('\n').length;
  text.scrollTop = Math.max(0, (line - 5) * (text.scrollHeight / text.value.split('\n').length));
  place();
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
    const lines = text.value.split('\n');
    const wanted = Math.min(Math.max(Number(prompt(`Line, 1 to ${lines.length}`)) || 0, 0), lines.length);
    if (wanted) go(lines.slice(0, wanted - 1).join('\n').length + (wanted > 1 ? 1 : 0), lines[wanted - 1].length);
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
});
byId('new').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = byId('new-name').value.trim();
  if (linkOf(name)) {
    begin(name);
    return;
  }
  if (!mayLeave()) return;
  settle();
  turn += 1;
  open = { name, text: '', checksum: '' };
  byId('new-name').value = '';
  show();
  text.focus();
});
addEventListener('beforeunload', (event) => {
  if (isDirty() || dropped.size) event.preventDefault();
});
for (const each of document.querySelectorAll('[data-waits]')) each.disabled = false;
// A file that the address names, or that was chosen before this script was there.
const asked = links().find((each) => each.hash === location.hash);
if (asked) begin(asked.dataset.name);
