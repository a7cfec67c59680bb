import { LipwireError } from './errors.js';

/** @typedef {string | AsyncIterable<string> | Iterable<string> | ReadableStream<string>} TextSource */

const HIGH_SURROGATE = /[\ud800-\udbff]$/;
/** Half a character or U+0000: neither can be sent, and leaving one out would shift the offsets. */
const UNSPEAKABLE = /\p{Surrogate}|\0/gu;

/**
 * Throws `bad_message` for what is no text and gives none: a page in plain JavaScript has no compiler
 * to say so.
 * @param {unknown} source
 */
export function checkSource(source) {
  if (typeof source === 'string') return;
  const iterable = /** @type {any} */ (source);
  if (iterable?.[Symbol.asyncIterator] || iterable?.[Symbol.iterator]) return;
  throw noText(source);
}

/** @param {unknown} given */
function noText(given) {
  const what = given === null ? 'null' : typeof given;
  return new LipwireError('bad_message', `speak() takes text or an iterable of it, not ${what}`);
}

/**
 * A source of text as what is sent of it, the last piece marked. A token stream may cut an emoji in
 * two; pieces end between characters.
 * @param {TextSource} source
 * @param {number} limit characters that a piece may have
 * @returns {AsyncGenerator<{text: string, end: boolean}>}
 */
export async function* pieces(source, limit) {
  if (typeof source === 'string') {
    const all = cut(source, limit);
    for (const [index, text] of all.entries()) yield { text, end: index === all.length - 1 };
    return;
  }
  let rest = '';
  for await (const part of /** @type {AsyncIterable<string>} */ (source)) {
    if (typeof part !== 'string') throw noText(part);
    const text = rest + part;
    rest = HIGH_SURROGATE.exec(text)?.[0] ?? '';
    const whole = text.slice(0, text.length - rest.length);
    if (whole) for (const piece of cut(whole, limit)) yield { text: piece, end: false };
  }
  yield { text: '', end: true };
}

/**
 * @param {string} raw
 * @param {number} limit
 */
function cut(raw, limit) {
  const text = raw.replace(UNSPEAKABLE, '\ufffd');
  if (text.length <= limit) return [text];
  const characters = Array.from(text);
  const parts = [];
  for (let i = 0; i < characters.length; i += limit) {
    parts.push(characters.slice(i, i + limit).join(''));
  }
  return parts;
}
