import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LipwireError } from '../src/errors.js';
import { Player } from '../src/player.js';
import { settle } from './stand-ins.js';

const RATE = 1000;

/** An output whose context and worklet do what the test says. */
class FakeOutput {
  /** @type {any[]} */
  orders = [];
  context = Object.assign(new EventTarget(), {
    state: 'suspended',
    currentTime: 0,
    sampleRate: RATE,
    resume: async () => this.turn('running'),
  });
  node = {
    port: {
      /** @type {any} */
      onmessage: undefined,
      postMessage: (/** @type {any} */ order) => this.orders.push(order),
    },
  };

  /** @param {string} state */
  turn(state) {
    this.context.state = state;
    this.context.dispatchEvent(new Event('statechange'));
  }

  /** @param {object} report */
  report(report) {
    const data = { frame: 0, position: 0, playing: false, buffered: 0, rendered: 0, ...report };
    this.node.port.onmessage({ data });
  }

  /** Which samples the worklet would have, and where the first of them lies. */
  get row() {
    const { to } = this.orders.findLast(({ type }) => type === 'skip') ?? { to: 0 };
    const writes = this.orders.filter(({ type }) => type === 'write');
    return { to, samples: writes.flatMap(({ samples }) => [...samples]) };
  }

  async close() {}
}

/**
 * @param {import('node:test').TestContext} t
 * @param {{state?: string} & Partial<import('../src/player.js').PlayerOptions>} [options]
 */
function rig(t, { state = 'suspended', ...more } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const clock = { now: 0 };
  t.mock.method(performance, 'now', () => clock.now);
  const output = new FakeOutput();
  output.context.state = state;
  const options = { sampleRate: RATE, bufferMs: 5000, ...more };
  const player = new Player(options, /** @type {any} */ (output));
  t.after(() => player.close());
  /** @type {any[]} */
  const reports = [];
  player.on('report', (report) => reports.push(report));
  const wait = async (/** @type {number} */ ms) => {
    for (let i = 0; i < ms; i += 10) {
      clock.now += 10;
      t.mock.timers.tick(10);
    }
    // What stands in for the sound is loaded.
    await import('../src/silence.js');
    await settle();
  };
  return { player, output, reports, wait };
}

/** Samples that say where they lie. */
const row = (/** @type {number} */ from, /** @type {number} */ to) => {
  return Float32Array.from({ length: to - from }, (_, i) => from + i);
};

test('where the browser waits for a click the face goes on without sound', async (t) => {
  const { player, reports, wait } = rig(t);
  player.write(row(0, 1000));
  assert.equal(player.blocked, true);
  await wait(290);
  assert.equal(player.heard, 0);
  await wait(10);
  await wait(500);
  assert.ok(Math.abs(player.heard - 500) <= 10);
  assert.ok(reports.length >= 4);
  assert.ok(Math.abs(reports.at(-1).position - 500) <= 100);
  assert.equal(player.stats().played, 0);
  assert.ok(player.stats().silent > 300);
  assert.equal(player.stats().clock, 'silence');
});

test('a click lets out the sound from where the face is', async (t) => {
  const { player, output, wait } = rig(t);
  player.write(row(0, 1000));
  await wait(300);
  player.write(row(1000, 2000));
  player.write(row(2000, 3000));
  player.complete();
  await wait(1500);
  const { heard } = player;
  await player.unlock();
  const { to, samples } = output.row;
  assert.equal(to, heard);
  assert.deepEqual(samples.slice(1000), [...row(heard, 3000)]);
  assert.deepEqual(output.orders.slice(-2), [{ type: 'complete' }, { type: 'hold', held: false }]);
  output.report({ type: 'clock', position: heard });
  assert.equal(player.heard, heard);
  assert.equal(player.blocked, false);
});

test('no sample is lost though time goes on during the click', async (t) => {
  const { player, output, wait } = rig(t);
  player.write(row(0, 100));
  await wait(300);
  player.write(row(100, 3000));
  await wait(1500);
  const { now } = performance;
  let late = 0;
  t.mock.method(performance, 'now', () => now() + (late += 5));
  await player.unlock();
  const { to, samples } = output.row;
  assert.deepEqual(samples.slice(100), [...row(to, 3000)]);
  assert.equal(player.heard, to);
});

test('a click before the first second of it is over finds what was there', async (t) => {
  const { player, output, wait } = rig(t);
  player.write(row(0, 1000));
  await wait(300);
  player.write(row(1000, 2000));
  await wait(200);
  await player.unlock();
  // The worklet has the first thousand: of that it leaves out what was seen.
  assert.deepEqual(output.row, { to: player.heard, samples: [...row(0, 2000)] });
  assert.ok(player.heard < 250);
});

test('a stop in silence answers how far the face was, and nothing of it is heard later', async (t) => {
  const { player, output, wait } = rig(t);
  player.write(row(0, 1000));
  await wait(300);
  player.write(row(1000, 2000));
  await wait(1200);
  const end = await player.flush();
  assert.ok(Math.abs(end - 1200) <= 10);
  assert.equal(player.heard, 2000);
  player.write(row(2000, 2500));
  await player.unlock();
  const flushed = output.orders.find(({ type }) => type === 'flush');
  assert.equal(flushed.to, 2000);
  assert.deepEqual(output.row.samples.slice(1000), [...row(2000, 2500)]);
});

test('who wants no silent face gets none: all waits for the click', async (t) => {
  const { player, output, reports, wait } = rig(t, { silentWhenBlocked: false });
  player.write(row(0, 1000));
  await wait(2000);
  assert.deepEqual([player.heard, reports.length, player.blocked], [0, 0, true]);
  await player.unlock();
  assert.deepEqual(output.row, { to: 0, samples: [...row(0, 1000)] });
});

test('a context that takes a moment to begin is not gone on without', async (t) => {
  const { player, output, wait } = rig(t);
  player.write(row(0, 1000));
  await wait(200);
  await player.unlock();
  await wait(1000);
  assert.deepEqual(output.row, { to: 0, samples: [...row(0, 1000)] });
  assert.equal(player.heard, 0);
});

test('what the telephone interrupts goes on in silence, and then in sound', async (t) => {
  const { player, output, wait } = rig(t, { state: 'running' });
  player.write(row(0, 1000));
  output.report({ type: 'start', frame: 0, playing: true });
  output.context.currentTime = 0.2;
  assert.equal(player.heard, 200);
  output.turn('interrupted');
  assert.equal(player.blocked, true);
  await wait(300);
  await wait(400);
  assert.ok(Math.abs(player.heard - 600) <= 10);
  output.turn('running');
  assert.ok(Math.abs(output.row.to - 600) <= 10);
});

test('what is held stands still in silence, too', async (t) => {
  const { player, output, wait } = rig(t);
  player.write(row(0, 1000));
  await wait(400);
  player.hold(true);
  const { heard } = player;
  await wait(500);
  assert.equal(player.heard, heard);
  // It is silent already, and stays held when the sound is back.
  assert.equal(output.orders.filter(({ type }) => type === 'hold').length, 1);
  player.hold(false);
  await wait(100);
  assert.ok(player.heard > heard);
});

test('what the page was too busy to hear of is not taken for heard', async (t) => {
  for (const still of ['hold', 'flush']) {
    const { player, output } = rig(t, { state: 'running' });
    player.write(row(0, 3000));
    output.report({ type: 'start', frame: 0, playing: true });
    output.context.currentTime = 0.5;
    assert.equal(player.heard, 500);
    const end = still === 'hold' ? player.hold(true) : player.flush();
    // The worklet stood still at once, and says so to a page that does something else for two seconds.
    output.context.currentTime = 2.5;
    assert.equal(player.heard, 500);
    t.mock.timers.tick(1000);
    if (still === 'flush') assert.equal(await end, 500);
    output.report({ type: 'held', frame: 505, position: 505 });
    assert.equal(player.heard, 505);
    t.mock.reset();
    t.mock.timers.reset();
  }
});

test('what comes while the page does not hear that nothing was left is heard from its beginning', (t) => {
  const { player, output } = rig(t, { state: 'running' });
  player.write(row(0, 1000));
  output.report({ type: 'start', frame: 0, playing: true });
  output.context.currentTime = 3;
  player.write(row(1000, 3000));
  output.context.currentTime = 3.1;
  assert.equal(player.heard, 1000);
  output.report({ type: 'underrun', frame: 990, position: 990 });
  output.report({ type: 'start', frame: 3050, position: 990, playing: true });
  output.context.currentTime = 3.2;
  assert.equal(player.heard, 1140);
});

test('it never goes back', async (t) => {
  const { player, output } = rig(t, { state: 'running' });
  player.write(row(0, 1000));
  output.report({ type: 'start', frame: 0, playing: true });
  output.context.currentTime = 0.5;
  assert.equal(player.heard, 500);
  output.report({ type: 'underrun', frame: 480, position: 480 });
  assert.equal(player.heard, 500);
});

test('where there is no sound at all it says why, and goes on without', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  // There is no AudioContext in Node.
  const player = await Player.create({ sampleRate: RATE, bufferMs: 5000 });
  t.after(() => player.close());
  assert.ok(player.failure instanceof LipwireError);
  assert.equal(player.failure.code, 'audio_unavailable');
  assert.deepEqual([player.state, player.blocked], ['none', false]);
  /** @type {any[]} */
  const reports = [];
  player.on('report', (report) => reports.push(report));
  player.write(row(0, 1000));
  t.mock.timers.tick(100);
  assert.deepEqual(
    reports.map(({ type }) => type),
    ['clock'],
  );
  assert.equal(player.stats().context, 'none');
});

test('who does not want that is told by a rejection', async () => {
  const options = { sampleRate: RATE, bufferMs: 5000, silentWhenBlocked: false };
  await assert.rejects(Player.create(options), { code: 'audio_unavailable' });
});

test('it says how long it took from the first sample to the first that is heard', async (t) => {
  const { player, output, wait } = rig(t, { state: 'running' });
  player.write(row(0, 50));
  await wait(100);
  player.write(row(50, 100));
  Object.assign(output.context, { currentTime: 0.1, baseLatency: 0.03 });
  output.report({ type: 'start', frame: 100, playing: true });
  assert.equal(player.stats().startDelayMs, 130);
});

for (const [what, options, unlocks] of /** @type {[string, any, boolean][]} */ ([
  ['unlocks', {}, true],
  ['does not unlock where it is told not to', { autoUnlock: false }, false],
  ['does not unlock a context of the page’s', { audioContext: {} }, false],
  ['does not unlock what goes into a node of the page’s', { destination: {} }, false],
])) {
  test(`a gesture anywhere on the page ${what}`, async (t) => {
    Object.assign(globalThis, { document: new EventTarget() });
    t.after(() => Object.assign(globalThis, { document: undefined }));
    for (const [gesture, state] of [
      ['pointermove', 'suspended'],
      ['pointerup', unlocks ? 'running' : 'suspended'],
      ['keydown', unlocks ? 'running' : 'suspended'],
      ['touchend', unlocks ? 'running' : 'suspended'],
    ]) {
      const { player } = rig(t, options);
      player.write(row(0, 100));
      document.dispatchEvent(new Event(gesture));
      assert.equal(player.state, state);
      await player.close();
      t.mock.reset();
      t.mock.timers.reset();
    }
    const { player } = rig(t, options);
    player.write(row(0, 100));
    await player.close();
    document.dispatchEvent(new Event('keydown'));
    assert.equal(player.state, 'suspended');
  });
}
