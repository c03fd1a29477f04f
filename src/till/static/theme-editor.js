// The editor of a theme: a tree of sections and blocks, a form for what is chosen, the page beside it.
// All that is changed is kept here until it is saved as one batch, each file onto what it was read from.
import { dispute, settle } from './theme-conflict.js';
import { ask, byId, el, tell } from './theme-dom.js';
import { formOf } from './theme-fields.js';
import { viewOf } from './theme-view.js';

const root = byId('editor');
const { base, csrf, origin, token } = root.dataset;
const SETTINGS = 'config/settings_data.json';
const MOST_UNDONE = 100;
const MOST_SECTIONS = 5;
let data;
let docs = {};
let template = 'templates/index.json';
let chosen = null;
const done = [];
const undone = [];
let view;

const copy = (value) => structuredClone(value);
const words = (text) => {
  if (typeof text === 'object' && text) return text.en ?? Object.values(text)[0] ?? '';
  if (typeof text !== 'string' || !text.startsWith('t:')) return text ?? '';
  return text.slice(2).split('.').reduce((found, key) => found?.[key], data.labels) ?? text.slice(2);
};
const world = () => ({ said: words, choices: data.choices });
const spelled = (value) => `${JSON.stringify(value, null, 2)}\n`;
const parsed = (text) => JSON.parse(text.replace(/^\s*\/\*[\s\S]*?\*\//, ''));
const changed = () => Object.keys(docs).filter((name) => spelled(docs[name]) !== data.documents[name].base);
const isDirty = () => changed().length > 0;

// ---- the theme as data

/** The owner of blocks that a path names: a section, or a block in it; a path is ids from the file down. */
function at(file, path) {
  return path.reduce((owner, id, depth) => (depth ? owner.blocks : owner.sections)?.[id], docs[file]);
}
const orderOf = (file, path) => {
  const owner = path.length ? at(file, path) : docs[file];
  const key = path.length ? 'block_order' : 'order';
  owner[key] ??= Object.keys((path.length ? owner.blocks : owner.sections) ?? {});
  return owner[key];
};

function schemaOf(file, path) {
  const section = data.sections[at(file, path.slice(0, 1))?.type] ?? {};
  if (path.length === 1) return section;
  const { type } = at(file, path) ?? {};
  return (section.blocks ?? []).find((each) => each.type === type && each.name) ?? data.blocks[type] ?? {};
}

/** What may be put into `path`: pairs of a name in words and the data of a new one. */
function offered(file, path) {
  if (!path.length) {
    const group = file.startsWith('sections/') ? docs[file].type : null;
    const page = file.replace('templates/', '').split('.')[0];
    const fits = ({ enabled_on: on, disabled_on: off }) => {
      const hit = (where) => (group ? where?.groups : where?.templates)?.some((each) => each === '*' || each === (group ?? page));
      return on ? hit(on) : !hit(off);
    };
    return Object.entries(data.sections).filter(([, schema]) => fits(schema)).flatMap(([type, schema]) => (
      (schema.presets ?? []).map((preset) => [words(preset.name) || words(schema.name), fresh(type, preset)])
    ));
  }
  const schema = schemaOf(file, path);
  return (schema.blocks ?? []).flatMap((each) => {
    if (each.type === '@app') return [];
    if (each.type !== '@theme') {
      const own = each.name ? each : data.blocks[each.type] ?? {};
      return [[words(own.name) || each.type, fresh(each.type, {})]];
    }
    return Object.entries(data.blocks).filter(([type]) => !type.startsWith('_')).flatMap(([type, own]) => (
      (own.presets ?? []).map((preset) => [words(preset.name), fresh(type, preset)])
    ));
  });
}

function fresh(type, preset) {
  const made = { type, settings: copy(preset.settings ?? {}) };
  const listed = Array.isArray(preset.blocks)
    ? preset.blocks.map((each, index) => [`${each.type}_${index + 1}`, each])
    : Object.entries(preset.blocks ?? {});
  if (listed.length) {
    made.blocks = Object.fromEntries(listed.map(([id, each]) => [id, fresh(each.type, each)]));
    made.block_order = preset.block_order ?? listed.map(([id]) => id);
  }
  return made;
}

function unused(type, taken) {
  const stem = type.replaceAll('-', '_');
  let number = 1;
  while (`${stem}_${number}` in taken) number += 1;
  return `${stem}_${number}`;
}

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
  ({ docs, chosen, template } = next);
  byId('template').value = template;
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
    const order = orderOf(file, path);
    const key = path.length ? 'blocks' : 'sections';
    owner[key] ??= {};
    const id = unused(made.type, owner[key]);
    owner[key][id] = made;
    order.push(id);
    chosen = { file, path: [...path, id] };
  });
}

function move(file, path, by) {
  const order = orderOf(file, path.slice(0, -1));
  place(file, path, order.indexOf(path.at(-1)) + by);
}

function place(file, path, to) {
  const order = orderOf(file, path.slice(0, -1));
  const from = order.indexOf(path.at(-1));
  if (to < 0 || to >= order.length || to === from) return;
  change(() => order.splice(to, 0, ...order.splice(from, 1)));
  tell(`Moved to place ${to + 1} of ${order.length}.`);
}

function remove(file, path) {
  change(() => {
    const order = orderOf(file, path.slice(0, -1));
    order.splice(order.indexOf(path.at(-1)), 1);
    const owner = path.length > 1 ? at(file, path.slice(0, -1)).blocks : docs[file].sections;
    delete owner[path.at(-1)];
    chosen = path.length > 1 ? { file, path: path.slice(0, -1) } : null;
  });
}

const hide = (file, path) => change(() => {
  const part = at(file, path);
  if (part.disabled) delete part.disabled;
  else part.disabled = true;
});

// ---- what is seen

function nameOf(file, path) {
  const part = at(file, path);
  const text = part.settings?.heading || part.settings?.text || part.settings?.label || '';
  const said = String(text).replace(/<[^>]*>/g, '').slice(0, 40);
  const kind = words(schemaOf(file, path).name) || part.type;
  return said && path.length > 1 ? `${kind}: ${said}` : kind;
}

function row(file, path) {
  const part = at(file, path);
  const button = el('button', { type: 'button', draggable: true }, nameOf(file, path));
  if (chosen?.file === file && chosen.path.join() === path.join()) button.setAttribute('aria-current', 'true');
  button.addEventListener('click', () => choose({ file, path }));
  button.addEventListener('keydown', (event) => {
    if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
    event.preventDefault();
    chosen = { file, path };
    move(file, path, event.key === 'ArrowUp' ? -1 : 1);
    document.querySelector('.erow [aria-current]')?.focus();
  });
  const line = el('div', { className: part.disabled ? 'erow off' : 'erow' }, button);
  const beside = (event) => event.dataTransfer.types.includes(`text/${[file, ...path.slice(0, -1)].join('-').toLowerCase().replace(/[^a-z0-9-]/g, '')}`);
  button.addEventListener('dragstart', (event) => {
    const kind = [file, ...path.slice(0, -1)].join('-').toLowerCase().replace(/[^a-z0-9-]/g, '');
    event.dataTransfer.setData(`text/${kind}`, path.at(-1));
  });
  line.addEventListener('dragover', (event) => {
    if (!beside(event)) return;
    event.preventDefault();
    line.classList.add('over');
  });
  line.addEventListener('dragleave', () => line.classList.remove('over'));
  line.addEventListener('drop', (event) => {
    event.preventDefault();
    line.classList.remove('over');
    const id = event.dataTransfer.getData(event.dataTransfer.types[0]);
    const order = orderOf(file, path.slice(0, -1));
    if (order.includes(id)) place(file, [...path.slice(0, -1), id], order.indexOf(path.at(-1)));
  });
  return line;
}

function adder(file, path, what, into) {
  const options = offered(file, path);
  const most = path.length ? schemaOf(file, path).max_blocks ?? 50 : 25;
  if (!options.length || orderOf(file, path).length >= most) return [];
  const label = into ? `Add ${what} to ${into}` : `Add ${what}`;
  const select = el('select', { 'aria-label': label });
  options.forEach(([name], index) => select.append(el('option', { value: index }, name)));
  const button = el('button', { type: 'button' }, 'Add', el('span', { className: 'hidden' }, ` ${what}${into ? ` to ${into}` : ''}`));
  button.addEventListener('click', () => add(file, path, copy(options[select.value][1])));
  return [el('div', { className: 'eadd' }, select, button)];
}

function branch(file, path) {
  const list = el('ul');
  for (const id of orderOf(file, path)) {
    const inner = [...path, id];
    if (!at(file, inner)) continue;
    const item = el('li', {}, row(file, inner));
    const isOpen = chosen?.file === file && chosen.path[0] === inner[0];
    if (isOpen && (schemaOf(file, inner).blocks?.length || at(file, inner).blocks)) {
      item.append(branch(file, inner), ...adder(file, inner, 'a block', nameOf(file, inner)));
    }
    list.append(item);
  }
  return list;
}

function drawTree() {
  const groups = Object.keys(docs).filter((name) => name.startsWith('sections/'));
  const before = groups.filter((name) => docs[name].type === 'header');
  const after = groups.filter((name) => !before.includes(name));
  const shown = [];
  for (const file of [...before, ...(docs[template]?.sections ? [template] : []), ...after]) {
    const title = file === template ? 'Page' : words(docs[file].name) || file;
    shown.push(el('h2', {}, title), branch(file, []), ...adder(file, [], 'a section', title));
  }
  if (docs[SETTINGS]) {
    const button = el('button', { type: 'button' }, 'Colours, type and the rest');
    if (chosen?.file === SETTINGS) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => choose({ file: SETTINGS, path: [] }));
    shown.push(el('h2', {}, 'Whole theme'), el('div', { className: 'erow' }, button));
  }
  byId('tree').replaceChildren(...shown);
}

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
  chosen = next;
  draw();
  byId('form-title').focus({ preventScroll: true });
  if (next.path.length) view.go(idOf(next.file, next.path[0]));
}

// ---- the page beside it

/** The id that the page has for a section. */
function idOf(file, section) {
  const stem = file.replace(/^(templates|sections)\//, '').replace(/\.json$/, '');
  if (file.startsWith('sections/')) return `sections--${stem}__${section}`;
  return `template--${stem.replace(/[^\w-]/g, '-')}__${section}`;
}

function address(now) {
  const url = new URL(data.pages[template] ?? '/', origin);
  url.searchParams.set('till_design', now);
  url.searchParams.set('design_mode', 'true');
  return url.href;
}

/** What of a file is not a section's own: with another one, the whole page is another. */
function frameOf({ sections, ...rest }) {
  const hidden = Object.entries(sections ?? {}).map(([id, { type, disabled }]) => [id, type, disabled]);
  return JSON.stringify([rest, hidden]);
}

/** The sections of the page in which two states of the theme differ; null where more than they do. */
function parts(old, now) {
  const found = [];
  for (const name of Object.keys(now).filter((each) => now[each] !== old[each])) {
    const isShown = name === template || !name.startsWith('templates/');
    if (!isShown) continue;
    if (!old[name] || name.startsWith('config/')) return null;
    const [one, other] = [old[name], now[name]].map((text) => JSON.parse(text));
    if (!one.sections || !other.sections || frameOf(one) !== frameOf(other)) return null;
    const ids = Object.keys(other.sections).filter((id) => !other.sections[id].disabled);
    const others = ids.filter((id) => JSON.stringify(one.sections[id]) !== JSON.stringify(other.sections[id]));
    found.push(...others.map((id) => idOf(name, id)));
  }
  return found.length > MOST_SECTIONS ? null : found;
}

function want() {
  const texts = Object.fromEntries(Object.keys(docs).map((name) => [name, spelled(docs[name])]));
  const files = Object.fromEntries(changed().map((name) => [name, texts[name]]));
  return { texts, files, version: data.version };
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
      if (!docs[template]) template = names()[0] ?? template;
      chosen = null;
    });
    list();
    view.open();
    tell('What somebody else saved is here now. Undo brings back what you had.');
  } catch (problem) {
    tell('', problem.message);
  }
}

/** The templates that have sections, the first page first. */
function names() {
  const first = 'templates/index.json';
  return Object.keys(data.pages).filter((name) => docs[name]?.sections).sort((one, other) => (
    Number(other === first) - Number(one === first) || one.localeCompare(other)
  ));
}

function list() {
  const options = names().map((name) => el('option', { value: name }, name.replace('templates/', '').replace('.json', '')));
  byId('template').replaceChildren(...options);
  byId('template').value = template;
}

async function begin() {
  data = await ask(`${base}/editor/data`);
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
  template = names()[0] ?? template;
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
  template = event.target.value;
  chosen = null;
  draw();
  view.open();
});
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
