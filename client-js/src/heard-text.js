/** @import { WordTiming } from './messages.js' */

/**
 * What of a text was heard; a word counts when at least half of it was.
 * @param {string} text
 * @param {WordTiming[]} words
 * @param {number} sample first sample that was not heard
 */
export function heardText(text, words, sample) {
  let character = 0;
  for (const [, , end, start, count] of words) {
    if (sample >= start + count / 2 && sample > start) character = end;
  }
  const characters = Array.from(text);
  return {
    textSpoken: characters.slice(0, character).join(''),
    textRemaining: characters.slice(character).join(''),
    character,
  };
}
