import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { OpusReader } from '../src/opus.js';
import { settle } from './stand-ins.js';

const PACKET = 960;
const DELAY = 120;

/** A decoder whose packets hold the number of their first sample, 120 samples late as Opus is. */
class FakeDecoder {
  /** @type {FakeDecoder[]} */
  static made = [];
  state = 'unconfigured';
  /** @type {(() => void)[]} */
  work = [];

  /** @param {{output: (data: any) => void, error: (error: Error) => void}} callbacks */
  constructor({ output, error }) {
    this.output = output;
    this.error = error;
    FakeDecoder.made.push(this);
  }

  configure() {
    this.state = 'configured';
  }

  /** @param {{data: Uint8Array}} chunk */
  decode({ data: [number] }) {
    this.work.push(() => {
      const from = number * PACKET - DELAY;
      this.output({
        numberOfFrames: PACKET,
        copyTo: (/** @type {Float32Array} */ into) => into.forEach((_, i) => (into[i] = from + i)),
        close: () => {},
      });
    });
  }

  run() {
    for (const task of this.work.splice(0)) task();
  }

  async flush() {
    this.run();
  }

  close() {
    this.state = 'closed';
  }
}

beforeEach(() => {
  FakeDecoder.made = [];
  Object.assign(globalThis, {
    AudioDecoder: FakeDecoder,
    EncodedAudioChunk: class {
      /** @param {object} init */
      constructor(init) {
        Object.assign(this, init);
      }
    },
  });
});

/** @param {{start: number, count: number, packets: number[], segment?: number}} chunk */
function chunk({ start, count, packets, segment = 0 }) {
  const audio = packets.map((number) => Uint8Array.of(number));
  return /** @type {any} */ ({ type: 'chunk', utterance: 1, segment, start, count, audio });
}

function rig() {
  /** @type {any[]} */
  const complaints = [];
  /** @type {any[]} */
  const delivered = [];
  const reader = new OpusReader((error) => complaints.push(error));
  const read = (/** @type {any} */ message) => reader.read(message, (m) => delivered.push(m));
  return { reader, read, delivered, complaints };
}

const segment = /** @type {any} */ ({ type: 'segment', utterance: 1, segment: 0, start: 0 });
const upTo = (/** @type {number} */ from, /** @type {number} */ to) => {
  return Array.from({ length: to - from }, (_, i) => from + i);
};

test('a segment is decoded to its samples, whatever its chunks and packets are', async () => {
  const { read, delivered } = rig();
  read(segment);
  read(chunk({ start: 0, count: 840, packets: [0] }));
  read(chunk({ start: 840, count: 1920, packets: [1, 2] }));
  read(chunk({ start: 2760, count: 100, packets: [3] }));
  assert.deepEqual(
    delivered.map(({ type }) => type),
    ['segment'],
  );
  FakeDecoder.made[0].run();
  await settle();
  const samples = delivered.slice(1).flatMap(({ audio }) => [...audio]);
  assert.deepEqual(samples, upTo(0, 2860));
});

test('what comes behind sound waits for it, and nothing else does', async () => {
  const { read, delivered } = rig();
  read({ type: 'pong' });
  assert.equal(delivered.length, 1);
  read(segment);
  read(chunk({ start: 0, count: 840, packets: [0] }));
  read({ type: 'pong' });
  assert.deepEqual(
    delivered.map(({ type }) => type),
    ['pong', 'segment'],
  );
  FakeDecoder.made[0].run();
  await settle();
  assert.deepEqual(
    delivered.map(({ type }) => type),
    ['pong', 'segment', 'chunk', 'pong'],
  );
  read({ type: 'pong' });
  assert.equal(delivered.length, 5);
});

test('the last packets come with the end of the segment, from a decoder that keeps them', async () => {
  const { read, delivered } = rig();
  read(segment);
  read(chunk({ start: 0, count: 840, packets: [0] }));
  read({ type: 'segment_ended', utterance: 1, segment: 0, count: 840 });
  await settle();
  assert.deepEqual([...delivered[1].audio], upTo(0, 840));
  assert.equal(FakeDecoder.made[0].state, 'closed');
});

test('each segment has a decoder of its own', async () => {
  const { read, delivered } = rig();
  for (const start of [0, 500]) {
    read({ ...segment, start });
    read(chunk({ start, count: 500, packets: [0] }));
  }
  for (const decoder of FakeDecoder.made) decoder.run();
  await settle();
  assert.equal(FakeDecoder.made.length, 2);
  assert.deepEqual([...delivered[3].audio], upTo(0, 500));
});

test('what cannot be decoded is silence of its length, and is told', async () => {
  const { read, delivered, complaints } = rig();
  read(segment);
  read(chunk({ start: 0, count: 840, packets: [0] }));
  FakeDecoder.made[0].state = 'closed';
  FakeDecoder.made[0].error(new Error('broken'));
  read(chunk({ start: 840, count: 960, packets: [1] }));
  await settle();
  assert.deepEqual(
    complaints.map(({ code }) => code),
    ['bad_message'],
  );
  assert.deepEqual(
    delivered.slice(1).map(({ audio }) => audio.length),
    [840, 960],
  );
  assert.ok(delivered[1].audio.every((/** @type {number} */ sample) => sample === 0));
});

test('after a lost connection it goes on in the middle of a segment', async () => {
  const { reader, read, delivered } = rig();
  read(segment);
  read(chunk({ start: 0, count: 840, packets: [0] }));
  reader.forget();
  FakeDecoder.made[0].run();
  await settle();
  assert.equal(delivered.length, 1);
  read(chunk({ start: 1800, count: 960, packets: [2] }));
  FakeDecoder.made[1].run();
  await settle();
  assert.deepEqual([...delivered[1].audio], upTo(1800, 2760));
});
