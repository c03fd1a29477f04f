// The list of a theme's files, by folder.
import { byId, el } from './theme-dom.js';

/** The links of all files. */
const links = () => [...document.querySelectorAll('[data-name]')];

/** The folder of a file, by its name. */
export const folderOf = (name) => name.slice(0, name.lastIndexOf('/'));

/** The link of a file, or undefined where there is none of that name. */
export const linkOf = (name) => links().find((each) => each.dataset.name === name);

/** Mark the file that is open, or none. */
export function mark(name) {
  for (const link of links()) {
    if (link.dataset.name === name) {
      link.setAttribute('aria-current', 'true');
      link.closest('details').open = true;
    } else link.removeAttribute('aria-current');
  }
}

function count(folder) {
  folder.querySelector('summary .quiet').textContent = folder.querySelectorAll('li').length;
  folder.hidden = !folder.querySelector('li');
}

/** Put a file into the list of its folder, if it is not there. */
export function list(name) {
  if (linkOf(name)) return;
  const place = folderOf(name);
  const link = el('a', { href: `#${encodeURIComponent(name)}` }, name.slice(place.length + 1));
  link.dataset.name = name;
  let folder = [...document.querySelectorAll('[data-folder]')].find((each) => each.dataset.folder === place);
  if (!folder) {
    const summary = el('summary', {}, `${place} `, el('span', { className: 'quiet' }));
    folder = el('details', {}, summary, el('ul', { className: 'files' }));
    folder.dataset.folder = place;
    byId('new').before(folder);
  }
  const after = [...folder.querySelectorAll('[data-name]')].find((each) => each.dataset.name > name);
  const item = el('li', {}, link);
  if (after) after.closest('li').before(item);
  else folder.querySelector('ul').append(item);
  folder.open = true;
  count(folder);
}

/** Take a file out of the list. */
export function unlist(name) {
  const link = linkOf(name);
  const folder = link?.closest('details');
  link?.closest('li').remove();
  if (folder) count(folder);
}
