import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitHeard } from '../src/heard.js';
import {
  advance,
  closeCodeOf,
  decode,
  ERROR_CODES,
  encode,
  httpStatusOf,
  rescale,
  SETS,
  WEIGHT_SETS,
  TRANSITIONS,
} from '../src/protocol.js';
import { plain, vectors, withBytes } from './vectors.js';

test('every message decodes to what the vectors say and encodes to the same bytes', () => {
  for (const { name, message, hex } of vectors('messages')) {
    const expected = withBytes(message);
    assert.deepEqual(plain(decode(Buffer.from(hex, 'hex'))), expected, name);
    assert.equal(Buffer.from(encode(expected)).toString('hex'), hex, name);
  }
});

test('what JavaScript can tell to be no message is refused', () => {
  const cases = vectors('invalid').filter((/** @type {any} */ c) => c.js);
  assert.ok(cases.length > 0);
  for (const { name, hex } of cases) {
    assert.throws(() => decode(Buffer.from(hex, 'hex')), { code: 'bad_message' }, name);
  }
});

test('positions are rescaled as the server rescales them', () => {
  for (const { position, from_rate, to_rate, expected } of vectors('timeline')) {
    assert.equal(rescale(position, from_rate, to_rate), expected);
  }
});

test('error codes, close codes and statuses are those of the server', () => {
  const table = vectors('errors');
  assert.deepEqual([...ERROR_CODES].sort(), table.map((/** @type {any} */ e) => e.code).sort());
  for (const { code, close_code, http_status } of table) {
    assert.equal(closeCodeOf(code), close_code, code);
    assert.equal(httpStatusOf(code), http_status, code);
  }
});

test('the life of an utterance is the same on both sides', () => {
  const listed = vectors('utterance').transitions.map((/** @type {any} */ t) => t.join(' '));
  const known = Object.entries(TRANSITIONS).flatMap(([state, row]) =>
    Object.entries(row).map(([type, next]) => `${state} ${type} ${next}`),
  );
  assert.deepEqual(known.sort(), listed.sort());
  assert.throws(() => advance('ended', 'chunk'), { code: 'bad_state' });
});

test('viseme numbers mean the same shapes on both sides', () => {
  assert.deepEqual({ ...SETS }, vectors('visemes'));
  assert.deepEqual({ ...WEIGHT_SETS }, vectors('weights'));
});

test('a text is split where the sound broke off as the server splits it', () => {
  for (const { name, text, words, samples, ...expected } of vectors('heard')) {
    assert.deepEqual(splitHeard(text, words, samples), expected, name);
  }
});
