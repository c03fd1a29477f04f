// The editor of a theme: a tree of sections and blocks, a form for what is chosen, the page beside it.
// All that is changed is kept here until it is saved as one batch, each file onto what it was read from.
import { dispute, settle } from './theme-conflict.js';
import {
  SETTINGS, at, become, changed, chosen, copy, data, docs, idOf, isDirty, nameOf, names, orderOf, ownOrder, parsed, parts,
  schemaOf, spelled, template, unused, want, words, world,
} from './theme-data.js';
import { ask, byId, el, tell } from './theme-dom.js';
import { formOf } from './theme-fields.js';
import * as tree from './theme-tree.js';
import { viewOf } from './theme-view.js';

const root = byId('editor');
const { base, csrf, origin, token } = root.dataset;
const MOST_UNDONE = 100;
const done = [];
const undone = [];
let view;

// ---- changes

/** Do one change that can be undone; what is typed into the same field is one change. */
function change(work, key = null) {
  if (!key || done.at(-1)?.key !== key) {
    done.push(moment(key));
    if (done.length > MOST_UNDONE) done.shift();
  }
  undone.length = 0;
  work();
  if (key) {
    // The form stays as it is, for somebody types in it.
    drawTree();
    mark();
  } else draw();
}

/** All that a change may change, as it is now. */
const moment = (key = null) => ({ key, docs: copy(docs), chosen: copy(chosen), template });

/** Go to a moment that `from` has, so that `to` leads back to this one. */
function go(from, to, said) {
  const next = from.pop();
  if (!next) return;
  to.push({ ...moment(), key: next.key });
  const before = template;
  become({ docs: next.docs, chosen: next.chosen, template: next.template });
  list();
  draw();
  if (template !== before) view.open();
  tell(said);
}
const undo = () => go(done, undone, 'Undone.');
const redo = () => go(undone, done, 'Done again.');

function mark() {
  byId('save').disabled = !isDirty();
  byId('undo').disabled = !done.length;
  byId('redo').disabled = !undone.length;
  view?.follow();
}

function add(file, path, made) {
  change(() => {
    const owner = path.length ? at(file, path) : docs[file];
    const order = ownOrder(file, path);
    const key = path.length ? 'blocks' : 'sections';
    owner[key] ??= {};
    const id = unused(made.type, owner[key]);
    owner[key][id] = made;
    order.push(id);
    become({ chosen: { file, path: [...path, id] } });
  });
}

const move = (file, path, by) => place(file, path, orderOf(file, path.slice(0, -1)).indexOf(path.at(-1)) + by);

function place(file, path, to) {
  const order = orderOf(file, path.slice(0, -1));
  const from = order.indexOf(path.at(-1));
  if (to < 0 || to >= order.length || to === from) return;
  change(() => {
    const own = ownOrder(file, path.slice(0, -1));
    own.splice(to, 0, ...own.splice(from, 1));
  });
  tell(`Moved to place ${to + 1} of ${order.length}.`);
}

function remove(file, path) {
  change(() => {
    const order = ownOrder(file, path.slice(0, -1));
    order.splice(order.indexOf(path.at(-1)), 1);
    const owner = path.length > 1 ? at(file, path.slice(0, -1)).blocks : docs[file].sections;
    delete owner[path.at(-1)];
    become({ chosen: path.length > 1 ? { file, path: path.slice(0, -1) } : null });
  });
}

const hide = (file, path) => change(() => {
  const part = at(file, path);
  if (part.disabled) delete part.disabled;
  else part.disabled = true;
});

// ---- what is seen

const drawTree = () => tree.drawTree({ choose, move, place, add });

function deeds({ file, path }) {
  const order = orderOf(file, path.slice(0, -1));
  const index = order.indexOf(path.at(-1));
  const name = nameOf(file, path);
  const button = (label, work, disabled = false) => {
    const made = el('button', { type: 'button', disabled }, label, el('span', { className: 'hidden' }, ` ${name}`));
    made.addEventListener('click', work);
    return made;
  };
  return el(
    'div',
    { className: 'actions edeeds' },
    button('Up', () => move(file, path, -1), index === 0),
    button('Down', () => move(file, path, 1), index === order.length - 1),
    button(at(file, path).disabled ? 'Show' : 'Hide', () => hide(file, path)),
    button('Remove', () => remove(file, path)),
  );
}

function drawForm() {
  const form = byId('form');
  const title = byId('form-title');
  if (chosen?.file === SETTINGS) {
    const { current, presets } = docs[SETTINGS];
    const values = typeof current === 'string' ? presets?.[current] ?? {} : current ?? {};
    const all = data.schema.slice(1).flatMap((group) => [{ type: 'header', content: group.name }, ...(group.settings ?? [])]);
    title.textContent = 'Whole theme';
    form.replaceChildren(formOf(all, values, (id, value) => change(() => {
      if (typeof docs[SETTINGS].current !== 'object') docs[SETTINGS].current = copy(values);
      docs[SETTINGS].current[id] = value;
    }, `${SETTINGS} ${id}`), world()));
    return;
  }
  const part = chosen && at(chosen.file, chosen.path);
  title.textContent = part ? words(schemaOf(chosen.file, chosen.path).name) || part.type : 'Settings';
  if (!part) {
    form.replaceChildren(el('p', { className: 'quiet' }, 'Choose a section, or a block in it.'));
    return;
  }
  const { file, path } = chosen;
  form.replaceChildren(deeds(chosen), formOf(schemaOf(file, path).settings, part.settings ?? {}, (id, value) => change(() => {
    const now = at(file, path);
    now.settings ??= {};
    now.settings[id] = value;
  }, `${file} ${path} ${id}`), world()));
}

function draw() {
  drawTree();
  drawForm();
  mark();
}

function choose(next) {
  become({ chosen: next });
  draw();
  byId('form-title').focus({ preventScroll: true });
  if (next.path.length) view.go(idOf(next.file, next.path[0]));
}

// ---- the page beside it

function address(now) {
  const url = new URL(data.pages[template] ?? '/', origin);
  url.searchParams.set('till_design', now);
  url.searchParams.set('design_mode', 'true');
  return url.href;
}

function refused(problem) {
  byId('unseen').textContent = problem && `Not shown: ${problem}`;
  byId('unseen').hidden = !problem;
}

let isSaving = false;
async function save() {
  // A second save would find its files changed: by the first.
  if (isSaving) return;
  const names = changed();
  if (!names.length) return;
  const files = names.map((name) => ({ name, text: spelled(docs[name]), ifMatch: data.documents[name].checksum }));
  byId('save').disabled = true;
  isSaving = true;
  settle();
  try {
    const said = await ask(`${base}/files`, { csrf, files });
    for (const { name, text } of files) data.documents[name] = { base: text, checksum: said.checksums[name] };
    data.version = said.version;
    byId('version').textContent = said.version;
    tell(`Saved as version ${said.version}.`);
  } catch (problem) {
    tell('', problem.stale?.length ? '' : problem.message);
    if (problem.stale?.length) dispute(problem.stale, { theirs, mine });
  }
  isSaving = false;
  mark();
}

/** Save over what somebody else made of the files: what they are now is what this is saved onto. */
function mine(stale) {
  for (const { name, checksum } of stale) data.documents[name].checksum = checksum;
  save();
}

/** Take what somebody else made of the files; what was here can be had back as any change. */
async function theirs(stale) {
  try {
    const read = await Promise.all(stale.map(async ({ name, checksum }) => {
      const found = checksum ? await ask(`${base}/file?name=${encodeURIComponent(name)}`) : null;
      return [name, found, found && parsed(found.text)];
    }));
    change(() => {
      for (const [name, found, value] of read) {
        // A file that is gone is one to be made again, should what was here be wanted after all.
        data.documents[name] = { base: found ? spelled(value) : '', checksum: found?.checksum ?? '' };
        if (found) docs[name] = value;
        else delete docs[name];
      }
      become({ template: docs[template] ? template : names()[0] ?? template, chosen: null });
    });
    list();
    view.open();
    tell('What somebody else saved is here now. Undo brings back what you had.');
  } catch (problem) {
    tell('', problem.message);
  }
}

function list() {
  const options = names().map((name) => el('option', { value: name }, name.replace('templates/', '').replace('.json', '')));
  byId('template').replaceChildren(...options);
  byId('template').value = template;
}

async function begin() {
  become({ data: await ask(`${base}/editor/data`) });
  data.version = Number(byId('version').textContent);
  for (const [name, file] of Object.entries(data.documents)) {
    try {
      const value = parsed(file.text);
      if (name === 'config/settings_schema.json') data.schema = value;
      else docs[name] = value;
      file.base = spelled(value);
    } catch {
      delete data.documents[name];
    }
  }
  data.schema ??= [{}];
  become({ template: names()[0] ?? template });
  list();
  view = viewOf({
    frame: byId('view'),
    origin,
    saved: token,
    want,
    place: address,
    parts,
    link: (files) => ask(`${base}/sketch`, { csrf, files }),
    told: refused,
    lost: (isLost) => { byId('lost').hidden = !isLost; },
  });
  draw();
  view.open();
}

byId('template').addEventListener('change', (event) => {
  become({ template: event.target.value, chosen: null });
  draw();
  view.open();
});
byId('device').disabled = false;
byId('device').addEventListener('click', () => {
  const isPhone = document.querySelector('.eview').classList.toggle('phone');
  byId('device').setAttribute('aria-pressed', isPhone);
});
byId('undo').addEventListener('click', undo);
byId('redo').addEventListener('click', redo);
byId('again').addEventListener('click', () => view.open());
byId('save').addEventListener('click', save);
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  const isText = event.target.matches('input, textarea');
  if (key === 's') save();
  else if (!isText && (key === 'y' || (key === 'z' && event.shiftKey))) redo();
  else if (!isText && key === 'z') undo();
  else return;
  event.preventDefault();
});
addEventListener('beforeunload', (event) => {
  if (isDirty()) event.preventDefault();
});
begin().catch((problem) => tell('', problem.message));
