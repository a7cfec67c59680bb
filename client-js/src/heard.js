/** @import { WordTiming } from './messages.js' */

const SAID = /[\p{L}\p{N}]/u;

/**
 * Splits `text` where the sound broke off; `words` are in order. A word counts as spoken when at least
 * half of it was heard, and something of it. Punctuation after the last word of the text belongs to
 * that word. The server splits by the same rule, and both are held to the same vectors.
 * @param {string} text
 * @param {WordTiming[]} words
 * @param {number} samples that were heard
 */
export function splitHeard(text, words, samples) {
  const missed = words.findIndex(
    ([, , , start, count]) => samples <= start || 2 * (samples - start) < count,
  );
  const last = words.at(missed < 0 ? -1 : missed - 1);
  let character = missed === 0 || !last ? 0 : last[2];
  const characters = Array.from(text);
  if (missed < 0 && last && !SAID.test(characters.slice(character).join(''))) {
    character = characters.length;
  }
  return {
    spoken: characters.slice(0, character).join(''),
    remaining: characters.slice(character).join(''),
    character,
  };
}
