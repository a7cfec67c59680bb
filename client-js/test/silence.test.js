import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Silence } from '../src/silence.js';

function rig({ position = 0, written = 0 } = {}) {
  const clock = { now: 5000 };
  const silence = new Silence({ rate: 1000, position, written }, () => clock.now);
  return { clock, silence };
}

test('it goes through the row as fast as it would be heard, and stops at its end', () => {
  const { clock, silence } = rig({ position: 100, written: 500 });
  assert.equal(silence.position, 100);
  clock.now += 250;
  assert.equal(silence.position, 350);
  clock.now += 250;
  assert.equal(silence.position, 500);
});

test('what comes late is gone through from its beginning', () => {
  const { clock, silence } = rig({ written: 100 });
  clock.now += 5000;
  silence.write(new Float32Array(400));
  assert.equal(silence.position, 100);
  clock.now += 150;
  assert.equal(silence.position, 250);
});

test('held it stands still', () => {
  const { clock, silence } = rig({ written: 500 });
  clock.now += 100;
  silence.hold(true);
  clock.now += 100;
  assert.equal(silence.position, 100);
  silence.hold(false);
  clock.now += 100;
  assert.equal(silence.position, 200);
});

test('a skip says where it was', () => {
  const { clock, silence } = rig({ written: 500 });
  clock.now += 200;
  assert.equal(silence.skip(), 200);
  assert.deepEqual([silence.position, silence.passed], [500, 200]);
});

test('it says when a position would be heard', () => {
  const { clock, silence } = rig({ written: 500 });
  clock.now += 100;
  assert.deepEqual([silence.heardAt(0), silence.heardAt(300)], [5000, 5300]);
});

test('looking often does not slow it down', () => {
  const { clock, silence } = rig({ written: 500 });
  for (let i = 0; i < 1000; i++) {
    clock.now += 0.25;
    void silence.position;
  }
  assert.ok(Math.abs(silence.position - 250) <= 1);
});
