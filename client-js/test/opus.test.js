import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpusReader } from '../src/opus.js';
import { COLD, FakeDecoder } from './fake-decoder.js';
import { connected, READY, reconnected, settle } from './stand-ins.js';

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
  assert.deepEqual(
    [...delivered[1].audio],
    upTo(1800, 2760).map((sample) => sample + COLD),
  );
});

const LEDGER = { received: 0, queued: 0, phonemized: 0, encoded: 0 };
const WHOLE = 840 + 3 * 960;

/** Someone who is told a segment of four packets, and what he has been given to play of it. */
async function listening() {
  const audio = { codec: 'opus', sample_rate: 48_000, delay: 120 };
  const { client, socket } = await connected({ codec: 'opus' }, READY.limits, undefined, { audio });
  /** @type {number[]} */
  const played = [];
  client.speak('Hi you').on('audio', ({ start, samples }) => {
    assert.equal(start, played.length);
    played.push(...samples);
  });
  await settle();
  socket.receive({ type: 'utterance_started', utterance: 1, at: 0 });
  const text = { text: 'Hi you', span: [0, 6], words: [], visemes: {}, ledger: LEDGER };
  socket.receive({ type: 'segment', utterance: 1, segment: 0, start: 0, count: WHOLE, ...text });
  const lose = async () => {
    socket.lose(1006);
    await new Promise((resolve) => setTimeout(resolve, 1));
    const next = await reconnected({ audio });
    const { sample } = next.sent[0].session.position;
    const first = Math.ceil(sample / 960);
    for (const packet of [0, 1, 2, 3].slice(first)) next.receive(packetOf(packet));
    FakeDecoder.runAll();
    await settle();
    return sample;
  };
  return { socket, played, lose };
}

/** @param {number} packet */
function packetOf(packet) {
  const start = Math.max(0, packet * 960 - 120);
  return chunk({ start, count: packet ? 960 : 840, packets: [packet] });
}

test('what was decoded when the connection was lost goes on with the same samples', async () => {
  const { socket, played, lose } = await listening();
  for (const packet of [0, 1]) socket.receive(packetOf(packet));
  FakeDecoder.runAll();
  await settle();
  assert.equal(await lose(), 1800);
  assert.deepEqual(played, upTo(0, WHOLE));
  assert.equal(FakeDecoder.made.length, 1);
});

test('what was lost in the decoder comes again, each sample in its place', async () => {
  const { socket, played, lose } = await listening();
  socket.receive(packetOf(0));
  FakeDecoder.runAll();
  await settle();
  for (const packet of [1, 2]) socket.receive(packetOf(packet));
  assert.equal(await lose(), 840);
  // Only the packet that its decoder came cold to is another one, by as much as Opus allows.
  const seam = upTo(840, 1800).map((sample) => sample + COLD);
  assert.deepEqual(played, [...upTo(0, 840), ...seam, ...upTo(1800, WHOLE)]);
});

test('what comes of a connection that is gone is not played, however late it is decoded', async () => {
  const { socket, played, lose } = await listening();
  socket.receive(packetOf(0));
  const [stale] = FakeDecoder.made;
  const work = stale.work.splice(0);
  assert.equal(await lose(), 0);
  const heard = [...played];
  for (const task of work) task();
  await settle();
  assert.deepEqual(played, heard);
  // All of it came again: the segment begins behind the delay, as it did before.
  assert.deepEqual(
    played.map((sample) => Math.floor(sample)),
    upTo(0, WHOLE),
  );
});
