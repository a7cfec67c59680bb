import assert from 'node:assert/strict';
import { test } from 'node:test';
import { life } from '../../src/adapters/life.js';

const MINUTE = Array.from({ length: 12_000 }, (_, at) => at * 5);

/** @param {number} [seed] */
function blinks(seed) {
  const shut = MINUTE.map((ms) => life(ms, seed).blink > 0.5);
  return shut.filter((now, at) => now && !shut[at - 1]).length;
}

test('the same moment looks the same each time, and other seeds look different', () => {
  assert.deepEqual(life(12_345, 7), life(12_345, 7));
  assert.notDeepEqual(life(12_345, 7), life(12_345, 8));
});

test('eyes blink every few seconds, shut all the way, and open again', () => {
  for (const seed of [0, 1, 2]) {
    assert.ok(blinks(seed) >= 12 && blinks(seed) <= 25, `${blinks(seed)} a minute`);
    const values = MINUTE.map((ms) => life(ms, seed).blink);
    assert.ok(Math.max(...values) > 0.95 && Math.max(...values) <= 1);
    assert.ok(values.filter((value) => value === 0).length > 0.85 * values.length);
  }
});

test('eyes come back to whoever is in front of them, and never look far away', () => {
  const gazes = MINUTE.map((ms) => life(ms).gaze);
  assert.ok(gazes.some(([right, up]) => right === 0 && up === 0));
  assert.ok(gazes.some(([right]) => right > 0.03) && gazes.some(([right]) => right < -0.03));
  assert.ok(gazes.every(([right, up]) => Math.abs(right) <= 0.1 && Math.abs(up) <= 0.05));
});

test('nothing jumps', () => {
  const all = MINUTE.map((ms) => life(ms));
  for (const [at, { gaze, head }] of all.entries()) {
    const last = all[Math.max(0, at - 1)];
    for (const axis of [0, 1]) assert.ok(Math.abs(gaze[axis] - last.gaze[axis]) < 0.015);
    for (const axis of [0, 1, 2]) assert.ok(Math.abs(head[axis] - last.head[axis]) < 0.001);
  }
});

test('it can be asked for any time', () => {
  for (const ms of [-5000, 0, 1e12]) {
    const { blink, gaze, head } = life(ms);
    assert.ok([blink, ...gaze, ...head].every(Number.isFinite));
  }
});
