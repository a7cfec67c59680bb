import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resampler } from '../src/resampler.js';
import { Ring } from '../src/ring.js';

const SECONDS = 0.4;

/**
 * How much louder a sine is than everything that is wrong about it, in decibels.
 * @param {number} from
 * @param {number} to
 * @param {number} frequency
 */
function snr(from, to, frequency) {
  const ring = new Ring(from);
  const sine = (/** @type {number} */ seconds) => Math.sin(2 * Math.PI * frequency * seconds);
  ring.write(Float32Array.from({ length: SECONDS * from }, (_, i) => sine(i / from)));
  const count = Math.floor(SECONDS * to);
  const output = new Float32Array(count);
  const resampler = new Resampler(from, to);
  // In blocks, as the worklet does.
  for (let i = 0; i + 128 <= count; i += 128) resampler.render(ring, output.subarray(i), 128);
  let signal = 0;
  let noise = 0;
  for (let i = 100; i < count - 228; i++) {
    const expected = sine(i / to);
    signal += expected ** 2;
    noise += (output[i] - expected) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

for (const [from, to, frequency, least] of [
  [22_050, 48_000, 1000, 60],
  [22_050, 48_000, 3000, 60],
  [22_050, 48_000, 6000, 50],
  [22_050, 44_100, 1000, 60],
  [22_050, 44_100, 3000, 60],
  [22_050, 44_100, 6000, 50],
  [16_000, 48_000, 1000, 60],
  [16_000, 48_000, 3000, 60],
  [48_000, 44_100, 1000, 60],
  [48_000, 44_100, 6000, 60],
  [24_000, 44_100, 6000, 50],
  [22_050, 47_999, 3000, 55],
]) {
  test(`${frequency} Hz of ${from} Hz are clean at ${to} Hz`, (t) => {
    const decibels = snr(from, to, frequency);
    t.diagnostic(`${decibels.toFixed(1)} dB`);
    assert.ok(decibels >= least, `${decibels} dB`);
  });
}

test('at its own rate every sample stays what it is', () => {
  const ring = new Ring(100);
  const samples = Float32Array.from({ length: 50 }, (_, i) => Math.sin(i));
  ring.write(samples);
  const output = new Float32Array(50);
  const resampler = new Resampler(22_050, 22_050);
  assert.equal(resampler.frames(50), 50);
  resampler.render(ring, output, 50);
  assert.deepEqual(output, samples);
  assert.equal(ring.read, 50);
});

test('it says how many frames there are, to the last one', () => {
  const ring = new Ring(1000);
  ring.write(new Float32Array(147));
  const resampler = new Resampler(22_050, 48_000);
  assert.equal(resampler.frames(147), 320);
  resampler.render(ring, new Float32Array(320), 100);
  assert.equal(resampler.frames(ring.waiting), 220);
});
