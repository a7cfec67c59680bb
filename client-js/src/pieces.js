/** @typedef {string | AsyncIterable<string> | Iterable<string> | ReadableStream<string>} TextSource */

const HIGH_SURROGATE = /[\ud800-\udbff]$/;
/** Half a character or U+0000: neither can be sent, and leaving one out would shift the offsets. */
const UNSPEAKABLE = /\p{Surrogate}|\0/gu;

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
