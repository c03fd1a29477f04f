// The editor of a theme's files: one at a time, saved only onto what it was read from.
import { ask, byId, el, tell } from './theme-dom.js';

const root = byId('code');
const { base, csrf } = root.dataset;
const text = byId('text');
const save = byId('save');
let open = null;

const isDirty = () => open !== null && (text.value !== open.text || open.checksum === '');

function show() {
  byId('file').textContent = open.name;
  text.disabled = false;
  text.value = open.text;
  for (const link of document.querySelectorAll('[data-name]')) {
    if (link.dataset.name === open.name) {
      link.setAttribute('aria-current', 'true');
      link.closest('details').open = true;
    } else link.removeAttribute('aria-current');
  }
  place();
}

function place() {
  const before = text.value.slice(0, text.selectionStart).split('\n');
  byId('place').textContent = `Line ${before.length}, column ${before.at(-1).length + 1}.`;
  save.disabled = !isDirty();
}

async function read(name) {
  if (isDirty() && !confirm(`${open.name} is not saved. Leave it?`)) return;
  try {
    open = await ask(`${base}/file?name=${encodeURIComponent(name)}`);
    tell('');
    show();
    text.setSelectionRange(0, 0);
    text.focus();
  } catch (problem) {
    tell('', problem.message);
  }
}

let isSaving = false;
async function keep() {
  if (!isDirty() || isSaving) return;
  // Another file may be open by the time that this one is saved.
  const mine = open;
  const file = { name: mine.name, text: text.value, ifMatch: mine.checksum };
  save.disabled = true;
  isSaving = true;
  try {
    const said = await ask(`${base}/files`, { csrf, files: [file] });
    if (mine.checksum === '') list(mine.name);
    mine.text = file.text;
    mine.checksum = said.checksums[file.name];
    byId('version').textContent = said.version;
    tell(`${file.name} is saved.`);
  } catch (problem) {
    tell('', problem.message);
  }
  isSaving = false;
  place();
}

/** Put a new file into the list of its folder. */
function list(name) {
  const folder = name.slice(0, name.lastIndexOf('/'));
  const link = el('a', { href: `#${name}` }, name.slice(folder.length + 1));
  link.dataset.name = name;
  link.setAttribute('aria-current', 'true');
  const found = [...document.querySelectorAll('.etree details')].find((each) => each.textContent.trim().startsWith(`${folder} `));
  (found?.querySelector('ul') ?? document.querySelector('.files'))?.append(el('li', {}, link));
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
  read(link.dataset.name);
});
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
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
text.addEventListener('input', place);
text.addEventListener('selectionchange', place);
text.addEventListener('click', place);
text.addEventListener('keyup', place);
save.addEventListener('click', keep);
byId('finding').addEventListener('submit', (event) => {
  event.preventDefault();
  find();
});
byId('new').addEventListener('submit', (event) => {
  event.preventDefault();
  if (isDirty() && !confirm(`${open.name} is not saved. Leave it?`)) return;
  open = { name: byId('new-name').value.trim(), text: '', checksum: '' };
  show();
  text.focus();
});
addEventListener('beforeunload', (event) => {
  if (isDirty()) event.preventDefault();
});
