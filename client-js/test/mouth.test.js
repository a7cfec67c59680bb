import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mouth, Oculus, relax } from '../src/index.js';

const RATE = 22_050;
const ms = (/** @type {number} */ value) => Math.round((value * RATE) / 1000);

/** @param {[viseme: number, milliseconds: number, weight?: number][]} shapes */
function mouthOf(shapes) {
  const mouth = new Mouth(RATE);
  let start = 0;
  const oculus = shapes.map(([viseme, length, weight = 255]) => {
    const timing = /** @type {[number, number, number, number]} */ ([
      viseme,
      start,
      ms(length),
      weight,
    ]);
    start += ms(length);
    return timing;
  });
  mouth.add(/** @type {any} */ ({ visemes: { oculus } }));
  return mouth;
}

const SPEECH = /** @type {[number, number][]} */ ([
  [Oculus.SIL, 100],
  [Oculus.AA, 120],
  [Oculus.PP, 80],
  [Oculus.OH, 34],
  [Oculus.FF, 70],
  [Oculus.SS, 20],
  [Oculus.PP, 30],
  [Oculus.IH, 90],
]);

test('weights add up to one at every sample', () => {
  const mouth = mouthOf(SPEECH);
  for (let sample = -500; sample < ms(700); sample += 7) {
    const sum = mouth.pose(sample).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5, `${sum} at ${sample}`);
  }
});

test('lips are sealed for all of a closure, from its first sample to its last', () => {
  const mouth = mouthOf(SPEECH);
  for (const [from, to, viseme] of [
    [220, 300, Oculus.PP],
    [334, 404, Oculus.FF],
    [424, 454, Oculus.PP],
  ]) {
    for (let sample = ms(from) + 1; sample < ms(to) - 1; sample += 5) {
      assert.ok(mouth.pose(sample)[viseme] > 0.999, `${viseme} at ${sample}`);
    }
  }
});

test('lips that were at the teeth are sealed when a closure begins', () => {
  const mouth = mouthOf([
    [Oculus.FF, 80],
    [Oculus.PP, 60],
  ]);
  assert.ok(mouth.pose(ms(80) + 1)[Oculus.PP] > 0.999);
});

test('a vowel is formed before its middle and begins before its sound', () => {
  const mouth = mouthOf(SPEECH);
  assert.ok(mouth.pose(ms(160))[Oculus.AA] > 0.99);
  assert.ok(mouth.pose(ms(90))[Oculus.AA] > 0.05);
});

test('a pose never jumps', () => {
  const mouth = mouthOf(SPEECH);
  let before = mouth.pose(0);
  for (let sample = 0; sample < ms(800); sample += ms(1)) {
    const pose = mouth.pose(sample);
    for (let i = 0; i < 15; i++) assert.ok(Math.abs(pose[i] - before[i]) < 0.2, `at ${sample}`);
    before = pose;
  }
});

test('it is at rest before its text, after it and in gaps', () => {
  const mouth = new Mouth(RATE);
  const oculus = [
    [Oculus.AA, ms(500), ms(100), 255],
    [Oculus.OU, ms(2000), ms(100), 255],
  ];
  mouth.add(/** @type {any} */ ({ visemes: { oculus } }));
  for (const at of [-10, 0, 300, 1500, 2500]) {
    assert.equal(mouth.pose(ms(at))[Oculus.SIL], 1, `at ${at} ms`);
  }
});

test('a weight below 255 mixes with rest', () => {
  const mouth = mouthOf([[Oculus.AA, 300, 51]]);
  const pose = mouth.pose(ms(200));
  assert.ok(Math.abs(pose[Oculus.AA] - 0.2) < 1e-6);
  assert.ok(Math.abs(pose[Oculus.SIL] - 0.8) < 1e-6);
});

test('a mouth that was stopped closes in 80 ms', () => {
  const pose = new Float32Array(15);
  pose[Oculus.AA] = 1;
  assert.ok(relax(pose.slice(), 40)[Oculus.AA] < 0.6);
  assert.equal(relax(pose.slice(), 80)[Oculus.SIL], 1);
});

test('a mouth whose shapes are cut off rests from there on, until there are others', () => {
  const mouth = mouthOf([
    [Oculus.AA, 200],
    [Oculus.PP, 100],
  ]);
  mouth.cut(ms(100));
  assert.ok(mouth.pose(ms(60))[Oculus.AA] > 0.99);
  assert.equal(mouth.pose(ms(250))[Oculus.SIL], 1);
  const oculus = [[Oculus.OU, ms(100), ms(200), 255]];
  mouth.add(/** @type {any} */ ({ visemes: { oculus } }));
  assert.ok(mouth.pose(ms(200))[Oculus.OU] > 0.99);
});
