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

test('what was wrong is believed again after half a second, or when the device has changed', () => {
  const stamp = { contextTime: 4.96, performanceTime: 9_960 };
  const context = { currentTime: 5, outputLatency: 0.25, getOutputTimestamp: () => stamp };
  const clock = new HeardClock(context, now);
  assert.deepEqual([clock.seconds, clock.source], [5, 'output timestamp']);
  context.currentTime = 7;
  assert.deepEqual([clock.seconds, clock.source], [6.75, 'output latency']);
  stamp.contextTime = 7.16;
  stamp.performanceTime = 10_000;
  context.currentTime = 7.2;
  assert.equal(clock.source, 'output latency');
  context.currentTime = 7.6;
  assert.equal(clock.source, 'output timestamp');
  assert.equal(clock.seconds, 7.16);

  stamp.contextTime = 1;
  assert.equal(clock.source, 'output latency');
  stamp.contextTime = 7.5;
  assert.equal(clock.source, 'output latency');
  clock.reset();
  assert.equal(clock.source, 'output timestamp');
});

test('a timestamp that stands still while the context goes on is none', () => {
  let at = 10_000;
  const stamp = { contextTime: 4.99, performanceTime: 10_000 };
  const context = { currentTime: 5, baseLatency: 0.25, getOutputTimestamp: () => stamp };
  const clock = new HeardClock(context, () => at);
  assert.equal(clock.source, 'output timestamp');
  // Its time is always now, its position never: without a look at it, sound would be far behind.
  for (context.currentTime = 5.1; context.currentTime < 5.9; context.currentTime += 0.1) {
    at += 100;
    stamp.performanceTime = at;
    assert.equal(clock.source, context.currentTime < 5.5 ? 'output timestamp' : 'base latency');
  }
});

test('who knows better than the browser can say how late the sound is', () => {
  const context = { currentTime: 5, baseLatency: 0.5 };
  const clock = new HeardClock(context, now);
  clock.offsetMs = 250;
  assert.equal(clock.seconds, 4.25);
  clock.offsetMs = -10_000;
  assert.equal(clock.seconds, 5);
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

test('a context at another rate than the samples has other frames', () => {
  const track = new PositionTrack(0.5);
  track.mark(1000, 0, true);
  track.mark(2000, 500, true);
  track.mark(3000, 1000, false);
  assert.deepEqual(
    [0, 1000, 2500, 3000, 5000].map((frame) => track.positionAt(frame)),
    [0, 0, 750, 1000, 1000],
  );
  assert.equal(track.frameAt(750), 2500);
});

test('what was thrown away is jumped over from the moment it was', () => {
  const track = new PositionTrack();
  track.mark(0, 0, true);
  track.mark(700, 700, false);
  track.mark(700, 9000, false);
  assert.equal(track.positionAt(600), 600);
  assert.equal(track.positionAt(800), 9000);
});
