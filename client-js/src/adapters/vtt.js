/**
 * @typedef {object} Spoken a sentence
 * @property {string} text
 * @property {{from: number, start: number}[]} words
 * @property {number} cut where the part begins that was not heard
 * @property {number} start in samples
 * @property {number} end
 */

/**
 * A caption of what was heard of a sentence, with the time of each word; nothing when none of it was.
 * @param {Spoken} spoken
 * @param {number} heard up to this sample
 * @param {{rate: number, past: number}} clock samples a second, and milliseconds that went before
 */
export function cue({ text, words, cut, start, end }, heard, { rate, past }) {
  const time = (/** @type {number} */ sample) => timestamp(past + (sample / rate) * 1000);
  const said = words.filter(({ from }) => from < cut);
  if (cut === 0 || heard <= start) return '';
  let body = '';
  let at = 0;
  for (const word of said) {
    // A timestamp has to be later than the one before it, and than the caption's own.
    const stamp = word.start > start ? `<${time(word.start)}>` : '';
    body += escaped(text.slice(at, word.from)) + stamp;
    at = word.from;
  }
  body += escaped(text.slice(at, cut).trimEnd());
  return `${time(start)} --> ${time(Math.min(end, heard))}\n${body}`;
}

/** @param {number} ms */
function timestamp(ms) {
  const whole = Math.round(ms);
  const two = (/** @type {number} */ value) => String(Math.floor(value)).padStart(2, '0');
  const seconds = `${two((whole / 1000) % 60)}.${String(whole % 1000).padStart(3, '0')}`;
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${seconds}`;
}

/**
 * In a caption a line break ends nothing, an empty line would.
 * @param {string} text
 */
function escaped(text) {
  const entities = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return entities.replace(/\s*\n\s*/g, ' ');
}
