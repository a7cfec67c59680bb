import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import inlined from '../src/player.worklet.inline.js';

const RATE = 22_050;
const BLOCK = 128;
const FADE = Math.round(0.005 * RATE);

/** @type {any} */
const scope = globalThis;
scope.sampleRate = RATE;
scope.currentFrame = 0;
scope.AudioWorkletProcessor = class {
  /** @type {any} */
  port = {
    sent: [],
    postMessage(/** @type {any} */ message) {
      this.sent.push({ ...message });
    },
  };
};
/** @type {any} */
let Processor;
scope.registerProcessor = (/** @type {string} */ _name, /** @type {any} */ implementation) => {
  Processor = implementation;
};
await import('../src/player.worklet.js');

class Rig {
  /** @type {number[]} */
  heard = [];
  #written = 0;

  constructor({ rate = RATE, contextRate = RATE, start = 0.06, lead = 3 } = {}) {
    scope.sampleRate = contextRate;
    scope.currentFrame = 0;
    const processorOptions = { rate, capacity: 8192 - 16, start, lead };
    this.processor = new Processor({ processorOptions });
  }

  /** @param {object} data */
  send(data) {
    this.processor.port.onmessage({ data });
  }

  /** @param {number} count */
  write(count, value = 1) {
    this.#written += count;
    this.send({ type: 'write', samples: new Float32Array(count).fill(value) });
  }

  flush() {
    this.send({ type: 'flush', to: this.#written });
  }

  run(blocks = 1) {
    for (let i = 0; i < blocks; i++) {
      const output = new Float32Array(BLOCK);
      this.processor.process([], [[output]]);
      this.heard.push(...output);
      scope.currentFrame += BLOCK;
    }
  }

  /** @param {string} type */
  reports(type) {
    return this.processor.port.sent.filter((/** @type {any} */ r) => r.type === type);
  }

  get last() {
    return this.processor.port.sent.at(-1);
  }

  steepest(until = this.heard.length) {
    const heard = this.heard.slice(0, until);
    return Math.max(...heard.map((value, i) => Math.abs(value - (heard[i - 1] ?? 0))));
  }
}

test('what is inlined is the file that lies next to the client', () => {
  const file = new URL('../dist/player.worklet.js', import.meta.url);
  assert.ok(readFileSync(file, 'utf8').endsWith(`\n${inlined}\n`));
});

test('it waits for 60 ms of sound before it starts', () => {
  const rig = new Rig();
  rig.write(1000);
  rig.run(4);
  assert.equal(rig.reports('start').length, 0);
  rig.write(1000);
  rig.run(1);
  assert.deepEqual(rig.reports('start')[0].frame, 4 * BLOCK);
});

test('a short text that is complete starts at once and is played to its last sample', () => {
  const rig = new Rig();
  rig.write(300);
  rig.send({ type: 'complete' });
  rig.run(5);
  const [idle] = rig.reports('idle');
  assert.equal(idle.rendered, 300);
  assert.equal(idle.frame, 300);
  assert.equal(idle.underruns, 0);
});

test('running dry fades out, holds the position and loses no sample', () => {
  const rig = new Rig();
  rig.write(2000);
  rig.run(30);
  const [underrun] = rig.reports('underrun');
  assert.equal(underrun.underruns, 1);
  assert.ok(underrun.position <= 2000);
  rig.run(10);
  assert.equal(rig.last.position, underrun.position);
  assert.ok(rig.steepest() <= 1.5 / FADE);

  rig.write(3000);
  rig.send({ type: 'complete' });
  rig.run(60);
  assert.equal(rig.reports('start')[1].position, underrun.position);
  assert.equal(rig.last.rendered, 5000);
});

test('after an underrun more is gathered before it starts again', () => {
  const rig = new Rig();
  rig.write(1400);
  rig.run(20);
  assert.equal(rig.reports('underrun').length, 1);
  rig.write(1400);
  rig.run(2);
  assert.equal(rig.reports('start').length, 1);
  rig.write(700);
  rig.run(2);
  assert.equal(rig.reports('start').length, 2);
});

test('a flush fades within 8 ms, drops what waits and says where the sound ended', () => {
  const rig = new Rig();
  rig.write(4000);
  rig.run(4);
  rig.flush();
  rig.run(4);
  const [flushed] = rig.reports('flushed');
  assert.equal(flushed.position, 4 * BLOCK + FADE);
  assert.equal(flushed.frame, 4 * BLOCK + FADE);
  assert.equal(rig.last.buffered, 0);
  assert.ok(rig.heard.slice(4 * BLOCK + FADE).every((value) => value === 0));
  assert.ok(rig.steepest() <= 1.5 / FADE);
});

test('what is written after a flush is played after it', () => {
  const rig = new Rig();
  rig.write(4000);
  rig.run(4);
  rig.flush();
  rig.write(2000, 0.5);
  rig.send({ type: 'complete' });
  rig.run(40);
  const [, start] = rig.reports('start');
  assert.equal(start.position, 4000);
  assert.equal(rig.last.rendered, 4 * BLOCK + FADE + 2000);
});

test('what does not fit is counted', () => {
  const rig = new Rig();
  rig.write(8000);
  rig.write(1000);
  assert.equal(rig.reports('overflow')[0].overflow, 8000 + 1000 - (8192 - 16));
});

test('it can be given more room while it plays, and loses nothing', () => {
  const rig = new Rig();
  rig.write(8000);
  rig.run(10);
  rig.send({ type: 'grow', capacity: 20_000 });
  rig.write(12_000);
  rig.send({ type: 'complete' });
  rig.run(200);
  assert.equal(rig.reports('overflow').length, 0);
  assert.equal(rig.last.rendered, 20_000);
  assert.equal(rig.last.position, 20_000);
});

test('it reports about ten times a second, also when there is nothing to play', () => {
  const rig = new Rig();
  rig.run(Math.ceil(RATE / BLOCK));
  assert.ok(Math.abs(rig.reports('clock').length - 10) <= 1);
});

test('samples come out in the order in which they were put in, across the end of the ring', () => {
  const rig = new Rig();
  let next = 0;
  for (let round = 0; round < 10; round++) {
    const samples = Float32Array.from({ length: 2560 }, () => next++);
    rig.send({ type: 'write', samples });
    rig.run(18);
  }
  const steady = rig.heard.slice(FADE + BLOCK);
  assert.ok(steady.length > 8192 * 2);
  assert.ok(steady.every((value, i) => value === steady[0] + i));
});

test('it says for how long there was nothing to play', () => {
  const rig = new Rig();
  rig.write(2000);
  rig.run(30);
  const [underrun] = rig.reports('underrun');
  assert.equal(underrun.underrunMs, 0);
  rig.write(3000);
  rig.run(1);
  const [, start] = rig.reports('start');
  assert.equal(start.underrunMs, Math.round(((start.frame - underrun.frame) * 1000) / RATE));
  assert.ok(start.underrunMs > 50);
  rig.run(10);
  assert.equal(rig.last.underrunMs, start.underrunMs);
});

test('what was missing and will never come is waited for no longer', () => {
  const rig = new Rig();
  rig.write(2000);
  rig.run(30);
  rig.flush();
  const { underrunMs } = rig.last;
  assert.ok(underrunMs > 50);
  rig.run(100);
  assert.equal(rig.last.underrunMs, underrunMs);
});

test('after a minute without an underrun less is gathered again', () => {
  const rig = new Rig();
  rig.write(2000);
  rig.run(30);
  assert.equal(rig.reports('underrun').length, 1);
  scope.currentFrame += 61 * RATE;
  rig.write(4000);
  rig.run(20);
  rig.flush();
  rig.run(4);
  rig.write(1400);
  rig.run(1);
  assert.equal(rig.reports('start').length, 3);
});

test('where the server cannot run ahead 160 ms are gathered', () => {
  const rig = new Rig({ start: 0.16 });
  rig.write(3000);
  rig.run(4);
  assert.equal(rig.reports('start').length, 0);
  rig.write(600);
  rig.run(1);
  assert.equal(rig.reports('start').length, 1);
});

test('it never waits for more than the server may send', () => {
  const rig = new Rig({ lead: 0.1 });
  for (let underruns = 1; underruns <= 8; underruns++) {
    rig.write(0.1 * RATE);
    rig.run(30);
    assert.equal(rig.last.underruns, underruns);
  }
});

test('what is held fades, keeps its place and goes on from there', () => {
  const rig = new Rig();
  rig.write(4000);
  rig.run(4);
  rig.send({ type: 'hold', held: true });
  rig.run(20);
  const [held] = rig.reports('held');
  assert.equal(held.position, 4 * BLOCK + FADE);
  assert.deepEqual([rig.last.position, rig.last.playing], [held.position, false]);
  assert.ok(rig.heard.slice(held.frame).every((value) => value === 0));
  rig.send({ type: 'hold', held: false });
  rig.send({ type: 'complete' });
  rig.run(40);
  assert.deepEqual([rig.last.rendered, rig.last.underruns], [4000, 0]);
  assert.ok(rig.steepest(rig.reports('idle')[0].frame) <= 1.5 / FADE);
});

test('what is let go of at once was hardly held', () => {
  const rig = new Rig();
  rig.write(4000);
  rig.run(4);
  rig.send({ type: 'hold', held: true });
  rig.run(1);
  rig.send({ type: 'hold', held: false });
  rig.send({ type: 'complete' });
  rig.run(40);
  assert.deepEqual([rig.last.rendered, rig.last.underruns, rig.last.underrunMs], [4000, 0, 0]);
});

test('nothing starts while it is held, and a flush is answered all the same', () => {
  const rig = new Rig();
  rig.send({ type: 'hold', held: true });
  rig.write(4000);
  rig.run(10);
  assert.equal(rig.reports('start').length, 0);
  rig.flush();
  assert.equal(rig.reports('flushed')[0].position, 0);
  assert.equal(rig.last.position, 4000);
});

test('what was seen in silence is not heard after it', () => {
  const rig = new Rig();
  rig.write(1000, 0.9);
  rig.send({ type: 'skip', to: 3000 });
  rig.write(2000, 0.5);
  rig.send({ type: 'complete' });
  rig.run(30);
  const [start] = rig.reports('start');
  assert.deepEqual([start.position, rig.last.position, rig.last.rendered], [3000, 5000, 2000]);
  assert.ok(rig.heard.some((value) => value === 0.5));
  assert.ok(rig.heard.every((value) => value <= 0.5));
});

test('a skip into what is there keeps the rest of it', () => {
  const rig = new Rig();
  rig.write(3000);
  rig.send({ type: 'skip', to: 1000 });
  rig.send({ type: 'complete' });
  rig.run(30);
  assert.equal(rig.reports('start')[0].position, 1000);
  assert.equal(rig.last.rendered, 2000);
});

for (const [rate, contextRate] of [
  [22_050, 48_000],
  [22_050, 44_100],
  [16_000, 48_000],
  [48_000, 44_100],
  [24_000, 22_050],
]) {
  test(`at ${contextRate} Hz every sample of ${rate} Hz is played, and none twice`, () => {
    const rig = new Rig({ rate, contextRate });
    rig.write(5000, 0.5);
    rig.send({ type: 'complete' });
    rig.run(150);
    const [start] = rig.reports('start');
    const [idle] = rig.reports('idle');
    assert.deepEqual([idle.position, idle.rendered, idle.underruns], [5000, 5000, 0]);
    const frames = idle.frame - start.frame;
    assert.ok(Math.abs(frames - (5000 * contextRate) / rate) <= 1);
    const fade = Math.round(0.005 * contextRate);
    const end = idle.frame - Math.ceil((8 * contextRate) / rate);
    const steady = rig.heard.slice(start.frame + fade, end);
    assert.ok(steady.every((value) => Math.abs(value - 0.5) < 1e-4));
  });

  test(`at ${contextRate} Hz a stop or a gap in ${rate} Hz makes no click`, () => {
    const rig = new Rig({ rate, contextRate });
    rig.write(4000);
    rig.run(6);
    rig.send({ type: 'hold', held: true });
    rig.run(10);
    rig.send({ type: 'hold', held: false });
    rig.run(100);
    assert.equal(rig.last.underruns, 1);
    rig.write(4000);
    rig.run(6);
    rig.flush();
    rig.run(10);
    assert.equal(rig.reports('flushed').length, 1);
    assert.ok(rig.steepest() <= 2 / Math.round(0.005 * contextRate));
  });
}
