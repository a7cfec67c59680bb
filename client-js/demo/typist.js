/** Longer words are several tokens, as they are for a language model. */
const TOKEN = /\s*\S{1,6}|\s+$/gu;

/** @param {string} text */
export function tokensOf(text) {
  return text.match(TOKEN) ?? [];
}

/**
 * A text as a language model would write it: token by token. Where the page was held up, it catches up.
 * @param {string[]} tokens
 * @param {() => number} perSecond may change while it writes
 * @param {(piece: string) => void} onWritten
 */
export async function* typed(tokens, perSecond, onWritten) {
  let written = 0;
  let due = 1;
  let since = performance.now();
  while (written < tokens.length) {
    const upTo = Math.min(tokens.length, Math.floor(due));
    if (upTo > written) {
      const piece = tokens.slice(written, upTo).join('');
      written = upTo;
      onWritten(piece);
      yield piece;
    } else {
      await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond()));
    }
    const now = performance.now();
    due += ((now - since) / 1000) * perSecond();
    since = now;
  }
}
