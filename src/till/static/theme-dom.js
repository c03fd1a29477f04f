// What both editors of themes share.

/** An element with properties and children; texts are never read as HTML. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name in made && name !== 'list') made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export const byId = (id) => document.getElementById(id);

/** Say that something worked, or in `problem` that it did not. */
export function tell(text, problem = '') {
  byId('said').textContent = text;
  byId('said').hidden = !text;
  byId('wrong').textContent = problem;
  byId('wrong').hidden = !problem;
}

/**
 * JSON from a page of the admin; throws an Error with the one sentence of a refusal, and its `status`. Its `stale`
 * are the files that somebody else changed meanwhile.
 */
export async function ask(url, body) {
  const sent = body ? { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) } : {};
  const answer = await fetch(url, { ...sent, redirect: 'manual' }).catch(() => {
    throw new Error('The server cannot be reached: check the connection, then try again.');
  });
  // It leads to the page for signing in.
  if (answer.type === 'opaqueredirect') {
    throw new Error('Your session has ended: sign in again in another tab, then repeat.');
  }
  const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json');
  const said = isJson ? await answer.json().catch(() => null) : null;
  if (!said) throw new Error(`The server did not answer as expected (HTTP ${answer.status}): try again.`);
  if (answer.ok) return said;
  if (answer.status === 403 && body?.csrf) {
    // Whoever signed in again, in another tab, has another session than this page.
    const { csrf } = await ask(`${url.slice(0, url.lastIndexOf('/'))}/session`);
    if (csrf !== body.csrf) return ask(url, { ...body, csrf });
  }
  const more = Object.entries(said.fields ?? {}).map(([name, words]) => `${name} ${words[0]}`);
  const problem = new Error([said.message, ...more.slice(1, 6)].join('\n'));
  throw Object.assign(problem, { status: answer.status, stale: said.stale ?? [] });
}
