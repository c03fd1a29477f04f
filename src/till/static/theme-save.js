// Saving what the editor changed, onto what it was read from.
import { arrived } from './theme-conflict.js';
import { data } from './theme-data.js';
import { ask, byId } from './theme-dom.js';

const { base, csrf } = byId('editor').dataset;

/** A file as it is now. */
export const read = (name) => ask(`${base}/file?name=${encodeURIComponent(name)}`);

/** Save files, and answer the version that they are in; those whose answer was lost before are not saved twice. */
export async function keep(files) {
  try {
    const said = await ask(`${base}/files`, { csrf, files });
    for (const { name, text } of files) data.documents[name] = { base: text, checksum: said.checksums[name] };
    return said.version;
  } catch (problem) {
    if (!problem.stale?.length) throw problem;
    const there = await arrived(files, problem.stale, read);
    for (const { name, text, checksum } of there) data.documents[name] = { base: text, checksum };
    const isNew = ({ name }) => there.every((each) => each.name !== name);
    const stale = problem.stale.filter(isNew);
    if (stale.length) throw Object.assign(problem, { stale });
    const rest = files.filter(isNew);
    return rest.length ? keep(rest) : Math.max(data.version, ...problem.stale.map(({ version }) => version ?? 0));
  }
}
