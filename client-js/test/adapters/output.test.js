import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Puppet } from '../../src/adapters/puppet.js';
import { Mouthing, Stage } from './stage.js';

/** @import { Pose } from '../../src/adapters/puppet.js' */

/** @param {object} [options] */
function staged(options) {
  const stage = new Stage();
  const client = new Mouthing();
  /** @type {Pose[]} */
  const poses = [];
  const show = (/** @type {Pose} */ pose) => {
    poses.push({ ...pose, weights: pose.weights.slice() });
  };
  const puppet = new Puppet(/** @type {any} */ (client), show, options);
  poses.length = 0;
  return { stage, client, poses, puppet };
}

test('it is told how it looks in every animation frame while something is said', () => {
  const { stage, client, poses, puppet } = staged();
  client.shares = { 10: 0.75 };
  for (const now of [1e6, 1e6 + 16, 1e6 + 32]) stage.draw(now);
  assert.equal(poses.length, 3);
  assert.equal(puppet.stats().drawn, 4);
  assert.equal(poses[2].weights[10], 0.75);
  assert.equal(poses[2].now, 1e6 + 32);
  assert.ok(Math.abs(poses[2].arkit.jawOpen - 0.45) < 1e-6);
  assert.equal(poses[2].speaking, false);
});

test('a face that waits is drawn less often, but closes its mouth at once', () => {
  const { stage, client, poses } = staged();
  client.shares = { 10: 1 };
  stage.draw(1e6);
  client.shares = {};
  for (let now = 0; now < 160; now += 16) stage.draw(1e6 + 16 + now);
  assert.equal(poses[1].weights[0], 1);
  assert.equal(poses.length, 1 + 5);
});

test('a face that cannot be seen is not drawn', () => {
  const { stage, puppet } = staged({ element: {} });
  stage.watching[0].see(false);
  assert.equal(stage.waiting, false);
  stage.watching[0].see(true);
  assert.equal(stage.waiting, true);
  puppet.visible = false;
  assert.equal(stage.waiting, false);
  stage.watching[0].see(true);
  assert.equal(stage.waiting, false);
  puppet.visible = true;
  assert.equal(stage.waiting, true);
});

test('what is disposed of is never drawn again', () => {
  const { stage, client, poses, puppet } = staged();
  puppet.dispose();
  puppet.visible = true;
  client.shares = { 10: 1 };
  puppet.update(1e6);
  assert.equal(stage.waiting, false);
  assert.equal(poses.length, 0);
});

test('a page with a loop of its own is not given another', () => {
  const { stage, client, poses, puppet } = staged({ auto: false });
  assert.equal(stage.waiting, false);
  client.shares = { 1: 1 };
  puppet.update(1e6);
  assert.equal(poses[0].weights[1], 1);
});

test('for who wants little motion only the mouth moves, and nothing while it rests', () => {
  const { stage, client, poses } = staged();
  stage.calm = true;
  client.shares = { 10: 1 };
  stage.draw(1e6);
  client.shares = {};
  for (let now = 0; now < 5000; now += 40) stage.draw(1e6 + 40 + now);
  assert.equal(poses.length, 2);
  for (const { blink, gaze, head, energy } of poses) {
    assert.deepEqual(
      { blink, gaze, head, energy },
      { blink: 0, gaze: [0, 0], head: [0, 0, 0], energy: 0 },
    );
  }
  stage.calm = false;
  stage.draw(1e6 + 6000);
  assert.notDeepEqual(poses[2].head, [0, 0, 0]);
});

test('who speaks is livelier than who waits', () => {
  const { stage, client, poses } = staged();
  client.shares = { 10: 1 };
  for (let now = 0; now < 1000; now += 20) stage.draw(1e6 + now);
  assert.ok((poses.at(-1)?.energy ?? 0) > 0.9);
  client.shares = {};
  for (let now = 0; now < 2000; now += 40) stage.draw(1e6 + 1000 + now);
  assert.ok((poses.at(-1)?.energy ?? 1) < 0.01);
});

test('it looks, is held and feels as it was posed, within 400 ms, and goes on living', () => {
  const { stage, client, poses } = staged();
  stage.draw(1e6);
  assert.deepEqual([poses[0].emotion, poses[0].feelings], [undefined, undefined]);
  client.feel('angry', { gaze: [200, 0], head: [0, 100, 0] });
  for (let now = 40; now <= 440; now += 40) stage.draw(1e6 + now);
  const [first, last] = [poses[1], poses[poses.length - 1]];
  const anger = ({ feelings = [] }) => feelings[4];
  assert.ok(anger(first) > 0.2 && anger(first) < 0.4 && anger(last) > 0.95);
  assert.deepEqual(last.feelings?.slice(0, 4), [0, 0, 0, 0]);
  assert.ok(Math.abs(last.gaze[0] - 0.2) < 0.12);
  assert.ok(last.head[1] > 0.03 && last.head[1] < 0.1);
  assert.equal(last.emotion, 'angry');
  client.feel('neutral');
  for (let now = 480; now <= 1280; now += 40) stage.draw(1e6 + now);
  assert.ok(anger(poses[poses.length - 1]) < 0.01);
});

test('a thoughtful face looks up and aside by itself', () => {
  const { stage, client, poses } = staged();
  stage.calm = true;
  client.feel('thoughtful');
  stage.draw(1e6);
  const { gaze, head } = poses[0];
  assert.ok(gaze[0] > 0.1 && gaze[1] > 0.1 && head[2] > 0);
});

test('for who wants little motion a mood is there at once, also while the mouth rests', () => {
  const { stage, client, poses } = staged();
  stage.calm = true;
  for (let now = 0; now < 400; now += 40) stage.draw(1e6 + now);
  assert.equal(poses.length, 1);
  client.feel('sad');
  for (let now = 400; now < 800; now += 40) stage.draw(1e6 + now);
  assert.equal(poses.length, 2);
  assert.deepEqual(poses[1].feelings, [0, 1, 0, 0, 0]);
});
