// The tree of sections and blocks beside the page: chosen, moved by keys and by drag, added to.
import {
  SETTINGS, at, become, chosen, copy, docs, nameOf, offered, orderOf, schemaOf, template, words,
} from './theme-data.js';
import { byId, el } from './theme-dom.js';

let acts;

function row(file, path) {
  const part = at(file, path);
  const button = el('button', { type: 'button', draggable: true }, nameOf(file, path));
  if (chosen?.file === file && chosen.path.join() === path.join()) button.setAttribute('aria-current', 'true');
  button.addEventListener('click', () => acts.choose({ file, path }));
  button.addEventListener('keydown', (event) => {
    if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
    event.preventDefault();
    become({ chosen: { file, path } });
    acts.move(file, path, event.key === 'ArrowUp' ? -1 : 1);
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
    if (order.includes(id)) acts.place(file, [...path.slice(0, -1), id], order.indexOf(path.at(-1)));
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
  button.addEventListener('click', () => acts.add(file, path, copy(options[select.value][1])));
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

/** Draw the tree; `acts` are what may be done to it: `choose`, `move`, `place` and `add`. */
export function drawTree(doing) {
  acts = doing;
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
    button.addEventListener('click', () => acts.choose({ file: SETTINGS, path: [] }));
    shown.push(el('h2', {}, 'Whole theme'), el('div', { className: 'erow' }, button));
  }
  byId('tree').replaceChildren(...shown);
}
