import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reel } from '../src/reel.js';

/** @param {number[]} starts */
function reelOf(...starts) {
  const reel = new Reel();
  reel.add(starts.map((start) => ({ reel, start, startMs: start, size: 512, sprites: [] })));
  return reel;
}

test('the frame of a sample is the last that starts at or before it', () => {
  const reel = reelOf(0, 40, 80);
  assert.deepEqual(
    [0, 39, 40, 79, 80, 1e9].map((sample) => reel.at(sample)?.start),
    [0, 0, 40, 40, 80, 80],
  );
});

test('before its first frame there is none', () => {
  assert.equal(reelOf(40).at(39), undefined);
  assert.equal(reelOf().at(0), undefined);
  assert.equal(reelOf().first, undefined);
});

test('what was seen is let go of, what is seen is kept', () => {
  const reel = reelOf(0, 40, 80, 120);
  reel.forget(85);
  assert.equal(reel.length, 2);
  assert.equal(reel.first?.start, 80);
  assert.equal(reel.at(85)?.start, 80);
  reel.forget(10);
  assert.equal(reel.length, 2);
});
