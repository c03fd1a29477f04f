// The form of one section, one block or the theme's settings, made of the settings of its schema.
import { el } from './theme-dom.js';

const FONTS = [['serif', 'Serif'], ['sans-serif', 'Sans serif'], ['mono', 'Monospace']];
const ALIGNMENTS = [['left', 'Left'], ['center', 'Centre'], ['right', 'Right']];
const LONG = ['textarea', 'richtext', 'inline_richtext', 'html', 'liquid'];
const LISTS = ['product_list', 'collection_list'];
const PICKED = ['product', 'collection', 'page', 'blog', 'article', 'link_list', 'image_picker'];

function choice(id, options, value, change, { many = false, none = false } = {}) {
  const select = el('select', { id, multiple: many });
  const known = options.map(([each]) => each);
  const shown = [...(none ? [['', 'Nothing']] : []), ...options];
  const chosen = many ? value ?? [] : [value ?? ''];
  for (const each of chosen) if (each && !known.includes(each)) shown.push([each, each]);
  for (const [each, label] of shown) {
    select.append(el('option', { value: each, selected: chosen.includes(each) }, label));
  }
  let last = chosen;
  select.addEventListener('change', () => {
    if (many) {
      // The order is the list's own: what is new comes last.
      const now = [...select.selectedOptions].map((each) => each.value);
      last = [...last.filter((each) => now.includes(each)), ...now.filter((each) => !last.includes(each))];
    }
    change(many ? last : select.value);
  });
  return select;
}

function typed(id, type, value, change, more = {}) {
  const input = el('input', { id, type, value: value ?? '', ...more });
  const isNumber = type === 'number' || type === 'range';
  // No number is none, not nought.
  const now = () => (input.value === '' ? undefined : Number(input.value));
  input.addEventListener('input', () => change(isNumber ? now() : input.value));
  return input;
}

function control(setting, id, value, change, world) {
  const { type } = setting;
  // What is no text would be lost in a field of text.
  if (type === 'color_scheme_group' || (typeof value === 'object' && value && !LISTS.includes(type))) {
    return el('p', { id, className: 'quiet' }, 'This is set in the code of the theme.');
  }
  const labelled = (options) => options.map((each) => [String(each.value), world.said(each.label)]);
  if (LONG.includes(type)) {
    const area = el('textarea', { id, rows: 4, value: value ?? '' });
    area.addEventListener('input', () => change(area.value));
    return area;
  }
  if (type === 'checkbox') {
    const box = el('input', { id, type: 'checkbox', checked: Boolean(value) });
    box.addEventListener('change', () => change(box.checked));
    return box;
  }
  if (type === 'select' || type === 'radio') return choice(id, labelled(setting.options ?? []), value, change);
  if (type === 'text_alignment') return choice(id, ALIGNMENTS, value, change);
  if (type === 'font_picker') return choice(id, FONTS, value, change);
  if (LISTS.includes(type)) {
    return choice(id, world.choices[type.replace('_list', '')] ?? [], value, change, { many: true });
  }
  if (PICKED.includes(type)) return choice(id, world.choices[type] ?? [], value, change, { none: true });
  if (type === 'range') {
    const output = el('output', { htmlFor: id }, `${value ?? ''}${setting.unit ?? ''}`);
    const { min, max, step } = setting;
    const input = typed(id, 'range', null, (now) => {
      output.textContent = `${now}${setting.unit ?? ''}`;
      change(now);
    }, { min, max, step });
    input.value = value ?? min;
    return el('span', { className: 'erange' }, input, output);
  }
  if (type === 'number') return typed(id, 'number', value, change, { step: 'any' });
  if (type === 'color' && /^#[0-9a-f]{6}$/i.test(value ?? '')) return typed(id, 'color', value, change);
  return typed(id, 'text', value, change, { autocomplete: 'off' });
}

/**
 * A form for `settings` of a schema: what is set is in `values`, and each change is told as
 * `change(id, value)`. `world` has `said` (labels in words) and `choices` (what can be picked).
 */
export function formOf(settings, values, change, world) {
  const form = el('form');
  form.addEventListener('submit', (event) => event.preventDefault());
  for (const setting of settings ?? []) {
    if (setting.type === 'header' || setting.type === 'paragraph') {
      form.append(el(setting.type === 'header' ? 'h3' : 'p', {}, world.said(setting.content)));
      continue;
    }
    if (!setting.id) continue;
    const id = `field-${setting.id}`;
    const value = values[setting.id] ?? setting.default;
    const input = control(setting, id, value, (now) => change(setting.id, now), world);
    const name = world.said(setting.label) || setting.id;
    const label = input.matches('p') ? el('strong', {}, name) : el('label', { htmlFor: id }, name);
    const field = setting.type === 'checkbox'
      ? el('div', { className: 'check' }, input, label)
      : el('div', { className: 'field' }, label, input);
    if (setting.info) {
      const hint = el('p', { className: 'hint', id: `${id}-hint` }, world.said(setting.info));
      (input.matches('input, select, textarea') ? input : input.querySelector('input'))?.setAttribute('aria-describedby', hint.id);
      field.append(hint);
    }
    form.append(field);
  }
  if (!form.children.length) form.append(el('p', { className: 'quiet' }, 'There is nothing to set here.'));
  return form;
}
