/** Where the code says that the server is; it is written for the one that is shown here. */
const EXAMPLE = 'http://127.0.0.1:8000';
const TOLD_MS = 2000;

/**
 * The page in 15 lines, which is a file of its own, and a button that copies it.
 * @param {Element} place
 * @param {Element} button
 */
export async function showCode(place, button) {
  const answer = await fetch('/demo/fifteen-lines.html').catch(() => undefined);
  if (!answer?.ok) return;
  const code = (await answer.text()).replaceAll(EXAMPLE, location.origin);
  place.textContent = code;
  button.addEventListener('click', async () => {
    const copied = await copy(code, place);
    button.textContent = copied ? 'Copied' : 'Selected: press Ctrl+C';
    setTimeout(() => (button.textContent = 'Copy'), TOLD_MS);
  });
}

/**
 * @param {string} code
 * @param {Element} place selected where the browser lets no page write to its clipboard
 */
async function copy(code, place) {
  try {
    await navigator.clipboard.writeText(code);
    return true;
  } catch {
    getSelection()?.selectAllChildren(place);
    return false;
  }
}
