import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between } from '../src/adapters/placing.js';

/**
 * @param {string} key
 * @param {number} x
 * @param {number} [turn]
 * @returns {import('../src/reel.js').Placed}
 */
function placed(key, x, turn = 0) {
  const data = new Uint8Array();
  const sprite = { key, mime: 'image/png', data, width: 1, height: 1, x: 0, y: 0 };
  return { sprite, x, y: 2 * x, turn };
}

/** @param {import('../src/reel.js').Placed[]} sprites */
const placesOf = (sprites) => sprites.map(({ sprite, x }) => [sprite.key, x]);

test('a sprite goes from its old place to its new one', () => {
  const [from, to] = [[placed('head', 10, 0.4)], [placed('head', 20, 0.2)]];
  assert.deepEqual(between(from, to, 0)[0], { ...to[0], x: 10, y: 20, turn: 0.4 });
  assert.deepEqual(between(from, to, 0.5)[0].x, 15);
  assert.deepEqual(between(from, to, 1), to);
});

test('another mouth is shown at once, and starts where the old one was', () => {
  const from = [placed('head', 10), placed('open', 12), placed('hair', 8)];
  const to = [placed('head', 0), placed('shut', 0), placed('hair', 0)];
  assert.deepEqual(placesOf(between(from, to, 0)), [
    ['head', 10],
    ['shut', 12],
    ['hair', 8],
  ]);
});

test('several that are exchanged side by side keep their order', () => {
  const from = [placed('torso', 0), placed('jaw 3', 5), placed('open', 6), placed('hair', 7)];
  const to = [placed('torso', 0), placed('jaw 0', 0), placed('shut', 0), placed('hair', 0)];
  assert.deepEqual(placesOf(between(from, to, 0)), [
    ['torso', 0],
    ['jaw 0', 5],
    ['shut', 6],
    ['hair', 7],
  ]);
});

test('what was not there goes along with what is behind it', () => {
  const from = [placed('head', 10), placed('lids shut', 10), placed('hair', 4)];
  const to = [placed('head', 0), placed('iris', 3), placed('lids', 0), placed('hair', 0)];
  assert.deepEqual(placesOf(between(from, to, 0)), [
    ['head', 10],
    ['iris', 13],
    ['lids', 10],
    ['hair', 4],
  ]);
});

test('what is gone is gone', () => {
  const from = [placed('head', 10), placed('iris', 9), placed('hair', 4)];
  const to = [placed('head', 0), placed('hair', 0)];
  assert.deepEqual(placesOf(between(from, to, 0)), [
    ['head', 10],
    ['hair', 4],
  ]);
});

test('a face after none is where it belongs', () => {
  const to = [placed('head', 3), placed('hair', 4)];
  assert.deepEqual(between([], to, 0), to);
});
