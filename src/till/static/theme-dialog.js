// A question in a dialog, and the work that follows it.
import { byId, tell } from './theme-dom.js';

/** Ask in a dialog, and do `work` where the answer is not no; what is refused is said in the dialog, which stays. */
export function inDialog(id, work) {
  const dialog = byId(id);
  const wrong = byId(`${id}-wrong`);
  const form = dialog.querySelector('form');
  const buttons = form.querySelectorAll('button');
  let isBusy = false;
  // A browser closes it in the end for who insists; it may even be open for another question by then.
  const isHere = () => dialog.open && form.onsubmit === submitted;
  async function submitted(event) {
    if (!isBusy && event.submitter?.value === 'no') return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    event.submitter.disabled = true;
    try {
      await work();
      if (isHere()) dialog.close();
    } catch (problem) {
      const said = problem.stale?.length
        ? 'Somebody else changed this meanwhile, so nothing was done: open the file again, and look at it first.'
        : problem.message;
      if (isHere()) {
        wrong.textContent = said;
        wrong.hidden = false;
      } else tell('', said);
    }
    isBusy = false;
    if (form.onsubmit === submitted) event.submitter.disabled = false;
  }
  form.onsubmit = submitted;
  // What is under way cannot be taken back by leaving.
  dialog.oncancel = (event) => {
    if (isBusy) event.preventDefault();
  };
  for (const each of buttons) each.disabled = false;
  wrong.hidden = true;
  dialog.showModal();
}
