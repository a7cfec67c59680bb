import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decode,
  encode,
  LipwireError,
  msToSamples,
  rescale,
  samplesToMs,
} from '../src/protocol.js';

for (const sample of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
  test(`${sample} is never written as a number of samples`, () => {
    assert.throws(() => encode({ type: 'played', utterance: 1, sample }), { code: 'bad_message' });
  });
}

test('the largest exact integer goes through', () => {
  const message = { type: /** @type {const} */ ('ping'), stamp: Number.MAX_SAFE_INTEGER };
  assert.deepEqual(decode(encode(message)), message);
});

test('fields that are undefined are left out', () => {
  assert.deepEqual(decode(encode({ type: 'interrupt', utterance: undefined, heard: 3 })), {
    type: 'interrupt',
    heard: 3,
  });
});

test('bytes arrive as a view that must be copied before it is read as samples', () => {
  const audio = new Uint8Array([1, 0, 2, 0]);
  const data = encode({ type: 'chunk', utterance: 1, segment: 0, start: 0, count: 2, audio });
  const message = /** @type {any} */ (decode(data));
  assert.ok(message.audio instanceof Uint8Array);
  assert.deepEqual([...new Int16Array(message.audio.slice().buffer)], [1, 2]);
});

const refused = {
  'nothing at all': '',
  'a list': '90',
  'a map without a type': '80',
  'a type that is a number': '81a47479706501',
  'a map that breaks off': '82a474797065a470696e67',
  'bytes after the message': '81a474797065a470696e6700',
  'a fraction': '82a474797065a470696e67a57374616d70cb3fe0000000000000',
  'an integer that JavaScript would round': '82a474797065a470696e67a57374616d70cf0020000000000001',
};
for (const [name, hex] of Object.entries(refused)) {
  test(`${name} is no message`, () => {
    assert.throws(
      () => decode(Buffer.from(hex, 'hex')),
      (error) => error instanceof LipwireError && error.code === 'bad_message',
    );
  });
}

test('rescaling stays exact where doubles do not', () => {
  assert.equal(rescale(2 ** 44, 22_050, 48_000), 38_295_915_198_729);
  assert.equal(rescale(1, 2, 1), 1);
});

test('milliseconds are rounded as positions are, for a year of speech', () => {
  for (const rate of [8000, 16_000, 22_050, 44_100, 48_000]) {
    for (let n = 1; n < 32_000_000_000; n = Math.ceil(n * 1.01)) {
      assert.equal(msToSamples(n, rate), rescale(n, 1000, rate));
      assert.equal(samplesToMs(n * 48, rate), rescale(n * 48, rate, 1000));
      assert.equal(samplesToMs(n, rate), rescale(n, rate, 1000));
    }
  }
});
