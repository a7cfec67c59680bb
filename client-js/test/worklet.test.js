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
  processor = new Processor({ processorOptions: { capacity: 8192 } });
  /** @type {number[]} */
  heard = [];

  constructor() {
    scope.currentFrame = 0;
  }

  /** @param {object} data */
  send(data) {
    this.processor.port.onmessage({ data });
  }

  /** @param {number} count */
  write(count, value = 1) {
    this.send({ type: 'write', samples: new Float32Array(count).fill(value) });
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

  steepest() {
    return Math.max(...this.heard.map((value, i) => Math.abs(value - (this.heard[i - 1] ?? 0))));
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
  rig.send({ type: 'flush' });
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
  rig.send({ type: 'flush' });
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
  assert.equal(rig.reports('overflow')[0].overflow, 808);
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
