// The editor of a theme: a tree of sections and blocks, a form for what is chosen, the page beside it.
// All that is changed is kept here until it is saved as one batch, each file onto what it was read from.
import { dispute, settle } from './theme-conflict.js';
import {
  SETTINGS, at, become, changed, chosen, copy, data, docs, idOf, isDirty, nameOf, names, orderOf, ownOrder, parsed, parts,
  schemaOf, spelled, template, unused, want, words, world,
} from './theme-data.js';
import { ask, byId, el, tell } from './theme-dom.js';
import { formOf } from './theme-fields.js';
import { keep, read } from './theme-save.js';
import * as tree from './theme-tree.js';
import { canRedo, canUndo, cut, redo, remember, undo } from './theme-undo.js';
import { viewOf } from './theme-view.js';

const root = byId('editor');
const { base, csrf, origin, token } = root.dataset;
let view;

// ---- changes

/** Do one change that can be undone; what is typed into the same field is one change. */
function change(work, key = null) {
  remember(key);
  work();
  if (key) {
    // The form stays as it is, for somebody types in it.
    drawTree();
    mark();
  } else draw();
}

/** Undo a change, or do one again. */
function go(back, said) {
  const before = template;
  if (!back()) return;
  list();
  draw();
  if (template !== before) view.open();
  tell(said);
}

function mark() {
  byId('save').disabled = !isDirty();
  byId('undo').disabled = !canUndo();
  byId('redo').disabled = !canRedo();
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
  const button = (deed, label, work, disabled = false) => {
    const made = el('button', { type: 'button', disabled, 'data-deed': deed }, label, el('span', { className: 'hidden' }, ` ${name}`));
    made.addEventListener('click', work);
    return made;
  };
  return el(
    'div',
    { className: 'actions edeeds' },
    button('up', 'Up', () => move(file, path, -1), index === 0),
    button('down', 'Down', () => move(file, path, 1), index === order.length - 1),
    button('hide', at(file, path).disabled ? 'Show' : 'Hide', () => hide(file, path)),
    button('remove', 'Remove', () => remove(file, path)),
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
  const deed = document.activeElement?.dataset.deed;
  drawTree();
  drawForm();
  mark();
  if (!deed) return;
  // Whoever goes by keys stays where they were; only what removes is another part's now.
  const button = deed === 'remove' ? null : document.querySelector(`[data-deed=${deed}]:enabled`);
  (button ?? byId('form-title')).focus({ preventScroll: true });
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
let isAsked = false;
async function save() {
  // A second save would find its files changed, by the first: it comes after it.
  isAsked = isSaving;
  if (isSaving) return;
  const files = changed().map((name) => ({ name, text: spelled(docs[name]), ifMatch: data.documents[name].checksum }));
  if (!files.length) return;
  byId('save').disabled = true;
  isSaving = true;
  settle();
  // What is typed from now on is undone without what is saved here.
  cut();
  try {
    data.version = await keep(files);
    byId('version').textContent = data.version;
    tell(`Saved as version ${data.version}.`);
  } catch (problem) {
    isAsked = false;
    tell('', problem.stale?.length ? '' : problem.message);
    if (problem.stale?.length) dispute(problem.stale, { theirs, mine });
  }
  isSaving = false;
  mark();
  if (isAsked) save();
}

/** Save over what somebody else made of the files: what they are now is what this is saved onto. */
function mine(stale) {
  for (const { name, checksum } of stale) data.documents[name].checksum = checksum;
  save();
}

/** Take what somebody else made of the files; what was here can be had back as any change. */
async function theirs(stale) {
  try {
    const found = await Promise.all(stale.map(async ({ name, checksum }) => {
      const file = checksum ? await read(name) : null;
      return [name, file, file && parsed(file.text)];
    }));
    change(() => {
      for (const [name, file, value] of found) {
        // A file that is gone is one to be made again, should what was here be wanted after all.
        data.documents[name] = { base: file ? spelled(value) : '', checksum: file?.checksum ?? '' };
        if (file) docs[name] = value;
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
byId('undo').addEventListener('click', () => go(undo, 'Undone.'));
byId('redo').addEventListener('click', () => go(redo, 'Done again.'));
byId('again').addEventListener('click', () => view.open());
byId('save').addEventListener('click', save);
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  const isText = event.target.matches('input, textarea');
  if (key === 's') save();
  else if (!isText && (key === 'y' || (key === 'z' && event.shiftKey))) go(redo, 'Done again.');
  else if (!isText && key === 'z') go(undo, 'Undone.');
  else return;
  event.preventDefault();
});
addEventListener('beforeunload', (event) => {
  if (isDirty()) event.preventDefault();
});
begin().catch((problem) => tell('', problem.message));
