import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Watchdog } from '../src/watchdog.js';

/**
 * @param {Watchdog} watchdog
 * @param {number} from
 * @param {number} to
 */
function watch(watchdog, from, to, expecting = true) {
  const advice = [];
  for (let now = from; now <= to; now += 1000) {
    const what = watchdog.look(now, expecting);
    if (what !== 'nothing') advice.push([now, what]);
  }
  return advice;
}

test('a silent server is asked after 5 s and given up 10 s later', () => {
  assert.deepEqual(watch(new Watchdog(), 0, 15_000), [
    [5000, 'ping'],
    [15_000, 'give up'],
  ]);
});

test('any message is an answer', () => {
  const watchdog = new Watchdog();
  watch(watchdog, 0, 14_000);
  watchdog.arrived(14_500);
  assert.deepEqual(watch(watchdog, 15_000, 20_000), [[20_000, 'ping']]);
});

test('a server that owes nothing may be silent', () => {
  const watchdog = new Watchdog();
  assert.deepEqual(watch(watchdog, 0, 60_000, false), []);
  assert.deepEqual(watch(watchdog, 61_000, 64_000), []);
});

test('a page that slept gives the server another chance', () => {
  const watchdog = new Watchdog();
  watch(watchdog, 0, 6000);
  assert.deepEqual(watch(watchdog, 600_000, 604_000), []);
  assert.equal(watchdog.look(605_000, true), 'ping');
});
