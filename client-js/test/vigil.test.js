import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Vigil } from '../src/vigil.js';

/** @param {import('node:test').TestContext} t */
function rig(t) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const clock = { now: 0 };
  /** @type {[number, string][]} */
  const done = [];
  const vigil = new Vigil(
    () => clock.now,
    () => done.push([clock.now, 'asks']),
    () => done.push([clock.now, 'gives up']),
  );
  t.after(() => vigil.keep(false));
  const pass = (/** @type {number} */ until) => {
    while (clock.now < until) {
      clock.now += 1000;
      t.mock.timers.tick(1000);
    }
  };
  return { vigil, clock, done, pass };
}

test('a silent server is asked after 5 s and given up 10 s later', (t) => {
  const { vigil, done, pass } = rig(t);
  vigil.keep(true);
  pass(15_000);
  assert.deepEqual(done, [
    [5000, 'asks'],
    [15_000, 'gives up'],
  ]);
});

test('any message is an answer', (t) => {
  const { vigil, done, pass } = rig(t);
  vigil.keep(true);
  pass(14_000);
  vigil.arrived();
  pass(20_000);
  assert.deepEqual(done, [
    [5000, 'asks'],
    [19_000, 'asks'],
  ]);
});

test('a server that owes nothing may be silent', (t) => {
  const { vigil, done, pass } = rig(t);
  vigil.keep(true);
  pass(3000);
  vigil.keep(false);
  pass(60_000);
  vigil.keep(true);
  pass(64_000);
  assert.deepEqual(done, []);
});

test('a page that slept gives the server another chance', (t) => {
  const { vigil, clock, done, pass } = rig(t);
  vigil.keep(true);
  pass(6000);
  clock.now = 600_000;
  pass(605_000);
  assert.deepEqual(done, [[5000, 'asks']]);
  pass(606_000);
  assert.deepEqual(done[1], [606_000, 'asks']);
});
