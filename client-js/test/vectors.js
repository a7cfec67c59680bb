import { readFileSync } from 'node:fs';

/** @param {string} name */
export function vectors(name) {
  const url = new URL(`../../protocol/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

/**
 * `{"$bytes": "00ff"}` stands for a byte string in the vectors.
 * @param {any} value
 * @returns {any}
 */
export function withBytes(value) {
  if (Array.isArray(value)) return value.map(withBytes);
  if (value === null || typeof value !== 'object') return value;
  if ('$bytes' in value) return new Uint8Array(Buffer.from(value.$bytes, 'hex'));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBytes(item)]));
}

/**
 * Byte fields are views in the codec's answer; comparing needs them alike.
 * @param {any} value
 * @returns {any}
 */
export function plain(value) {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
