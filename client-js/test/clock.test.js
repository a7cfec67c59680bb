import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeardClock } from '../src/clock.js';
import { PositionTrack } from '../src/position-track.js';

const now = () => 10_000;

test('the output timestamp is carried on to now', () => {
  const getOutputTimestamp = () => ({ contextTime: 4.96, performanceTime: 9_980 });
  const clock = new HeardClock({ currentTime: 5, getOutputTimestamp }, now);
  assert.ok(Math.abs(clock.seconds - 4.98) < 1e-9);
});

test('nothing is heard that was not rendered', () => {
  const getOutputTimestamp = () => ({ contextTime: 4.96, performanceTime: 9_500 });
  assert.equal(new HeardClock({ currentTime: 5, getOutputTimestamp }, now).seconds, 5);
});

const useless = {
  'of a context that has not begun': { contextTime: 0, performanceTime: 0 },
  'from before a stall': { contextTime: 4.9, performanceTime: 8_000 },
  'far behind the context': { contextTime: 3.5, performanceTime: 9_990 },
  'ahead of the context': { contextTime: 5.2, performanceTime: 9_990 },
};
for (const [what, stamp] of Object.entries(useless)) {
  test(`a timestamp ${what} is passed over for the output latency`, () => {
    const context = { currentTime: 5, outputLatency: 0.25, getOutputTimestamp: () => stamp };
    assert.equal(new HeardClock(context, now).seconds, 4.75);
  });
}

test('without an output latency the base latency has to do', () => {
  assert.equal(new HeardClock({ currentTime: 5, baseLatency: 0.5 }, now).seconds, 4.5);
});

test('it never goes back and never below zero', () => {
  const context = { currentTime: 0.1, outputLatency: 0.2 };
  const clock = new HeardClock(context, now);
  assert.equal(clock.seconds, 0);
  context.currentTime = 2;
  assert.equal(clock.seconds, 1.8);
  context.outputLatency = 0.5;
  assert.equal(clock.seconds, 1.8);
});

test('positions stand still in a pause and go on after it', () => {
  const track = new PositionTrack();
  track.mark(1000, 0, true);
  track.mark(3000, 2000, false);
  track.mark(5000, 2000, true);
  assert.deepEqual(
    [0, 1000, 2500, 4000, 5500].map((frame) => track.positionAt(frame)),
    [0, 0, 1500, 2000, 2500],
  );
  assert.equal(track.frameAt(0), 1000);
  assert.equal(track.frameAt(1500), 2500);
  assert.equal(track.frameAt(2100), 5100);
});

test('what was thrown away is jumped over from the moment it was', () => {
  const track = new PositionTrack();
  track.mark(0, 0, true);
  track.mark(700, 700, false);
  track.mark(700, 9000, false);
  assert.equal(track.positionAt(600), 600);
  assert.equal(track.positionAt(800), 9000);
});
