import { encode as pack, decode as unpack } from '@msgpack/msgpack';
import { LipwireError } from './errors.js';

/** @import { ClientMessage, ServerMessage } from './messages.js' */

export const SUBPROTOCOL = 'lipwire.v1';

const PACKING = { ignoreUndefined: true };

/**
 * Packs a message. Fields that are `undefined` are left out.
 *
 * Throws `bad_message` for numbers that the protocol has no place for: every number on the wire is a
 * whole one, and JavaScript would otherwise write 0.5 as a float without a word.
 * @param {ClientMessage | ServerMessage} message
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encode(message) {
  checkNumbers(message);
  return pack(message, PACKING);
}

/**
 * Unpacks a message. Byte fields are views into `data`, often at an odd offset: `slice()` one before
 * it becomes an `Int16Array`.
 * @param {ArrayBuffer | Uint8Array} data
 * @returns {ServerMessage | ClientMessage}
 */
export function decode(data) {
  /** @type {unknown} */
  let message;
  try {
    message = unpack(data);
    checkNumbers(message);
  } catch (error) {
    throw LipwireError.of(error, 'bad_message');
  }
  if (!isMap(message) || typeof message.type !== 'string') {
    throw new LipwireError('bad_message', 'a message is a map with a type');
  }
  return /** @type {ServerMessage | ClientMessage} */ (/** @type {unknown} */ (message));
}

/** @param {unknown} value */
function checkNumbers(value) {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) {
      throw new LipwireError('bad_message', `${value} is no safe integer`);
    }
  } else if (Array.isArray(value)) {
    for (const item of value) checkNumbers(item);
  } else if (isMap(value)) {
    for (const key in value) checkNumbers(value[key]);
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isMap(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}
