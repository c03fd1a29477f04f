// A theme as the editor has it: what was read, what it is now, which page is open and what of it is chosen.
// Others see these names as they are at that moment; `become` alone sets them.
export const SETTINGS = 'config/settings_data.json';
const MOST_SECTIONS = 5;
export let data;
export let docs = {};
export let template = 'templates/index.json';
export let chosen = null;

/** Set those of the four that are given. */
export function become(next) {
  ({ data, docs, template, chosen } = { data, docs, template, chosen, ...next });
}

export const copy = (value) => structuredClone(value);
export const words = (text) => {
  if (typeof text === 'object' && text) return text.en ?? Object.values(text)[0] ?? '';
  if (typeof text !== 'string' || !text.startsWith('t:')) return text ?? '';
  return text.slice(2).split('.').reduce((found, key) => found?.[key], data.labels) ?? text.slice(2);
};
export const world = () => ({ said: words, choices: data.choices });
export const spelled = (value) => `${JSON.stringify(value, null, 2)}\n`;
export const parsed = (text) => JSON.parse(text.replace(/^\s*\/\*[\s\S]*?\*\//, ''));
export const changed = () => Object.keys(docs).filter((name) => spelled(docs[name]) !== data.documents[name].base);
export const isDirty = () => changed().length > 0;

/** The owner of blocks that a path names: a section, or a block in it; a path is ids from the file down. */
export function at(file, path) {
  return path.reduce((owner, id, depth) => (depth ? owner.blocks : owner.sections)?.[id], docs[file]);
}
/** The ids in a part, in their order. */
export const orderOf = (file, path) => {
  const owner = path.length ? at(file, path) : docs[file];
  return owner[path.length ? 'block_order' : 'order'] ?? Object.keys((path.length ? owner.blocks : owner.sections) ?? {});
};
/** The same, to be changed. */
export const ownOrder = (file, path) => {
  const owner = path.length ? at(file, path) : docs[file];
  owner[path.length ? 'block_order' : 'order'] = orderOf(file, path);
  return owner[path.length ? 'block_order' : 'order'];
};

export function schemaOf(file, path) {
  const section = data.sections[at(file, path.slice(0, 1))?.type] ?? {};
  if (path.length === 1) return section;
  const { type } = at(file, path) ?? {};
  return (section.blocks ?? []).find((each) => each.type === type && each.name) ?? data.blocks[type] ?? {};
}

/** What may be put into `path`: pairs of a name in words and the data of a new one. */
export function offered(file, path) {
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

export function unused(type, taken) {
  const stem = type.replaceAll('-', '_');
  let number = 1;
  while (`${stem}_${number}` in taken) number += 1;
  return `${stem}_${number}`;
}

export function nameOf(file, path) {
  const part = at(file, path);
  const text = part.settings?.heading || part.settings?.text || part.settings?.label || '';
  const said = String(text).replace(/<[^>]*>/g, '').slice(0, 40);
  const kind = words(schemaOf(file, path).name) || part.type;
  return said && path.length > 1 ? `${kind}: ${said}` : kind;
}

/** The templates that have sections, the first page first. */
export function names() {
  const first = 'templates/index.json';
  return Object.keys(data.pages).filter((name) => docs[name]?.sections).sort((one, other) => (
    Number(other === first) - Number(one === first) || one.localeCompare(other)
  ));
}

/** The id that the page has for a section. */
export function idOf(file, section) {
  const stem = file.replace(/^(templates|sections)\//, '').replace(/\.json$/, '');
  if (file.startsWith('sections/')) return `sections--${stem}__${section}`;
  return `template--${stem.replace(/[^\w-]/g, '-')}__${section}`;
}

/** What of a file is not a section's own: with another one, the whole page is another. */
function frameOf({ sections, ...rest }) {
  const hidden = Object.entries(sections ?? {}).map(([id, { type, disabled }]) => [id, type, disabled]);
  return JSON.stringify([rest, hidden]);
}

/** The sections of the page in which two states of the theme differ; null where more than they do. */
export function parts(old, now) {
  if (Object.keys(old).some((name) => !(name in now))) return null;
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

/** All texts as they are now, those of the files that changed, and the version they came from. */
export function want() {
  const texts = Object.fromEntries(Object.keys(docs).map((name) => [name, spelled(docs[name])]));
  const files = Object.fromEntries(changed().map((name) => [name, texts[name]]));
  return { texts, files, version: data.version };
}
