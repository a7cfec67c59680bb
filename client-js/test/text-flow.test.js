import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, settle } from './stand-ins.js';

const LIMITS = { message_text: 100, waiting_text: 200 };
const ledger = { received: 0, queued: 0, phonemized: 0, encoded: 0 };

/** @typedef {import('./stand-ins.js').FakeSocket} FakeSocket */

/**
 * Code points that were sent of an utterance.
 * @param {FakeSocket} socket
 */
function sent(socket, utterance = 1) {
  const pieces = socket.of('speak').filter((message) => message.utterance === utterance);
  return pieces.reduce((sum, { text }) => sum + Array.from(text).length, 0);
}

/** @param {FakeSocket} socket */
function started(socket, utterance = 1) {
  socket.receive({ type: 'utterance_started', utterance, at: 0 });
}

/**
 * The server has come to `end` of the text.
 * @param {FakeSocket} socket
 * @param {number} end
 */
async function segmented(socket, end, utterance = 1) {
  const place = { utterance, segment: 0, start: 0, count: 0, ledger };
  const timing = { text: 'x', span: [end - 1, end], words: [], visemes: {} };
  socket.receive({ type: 'segment', ...place, ...timing });
  socket.receive({ type: 'segment_ended', ...place });
  await settle();
}

test('a long text goes out in pieces, and only as it is being spoken', async () => {
  const { client, socket } = await connected({}, { message_text: 10_000, waiting_text: 20_000 });
  const text = 'This is a sentence. 🙂 '.repeat(1500);
  const length = Array.from(text).length;
  client.speak(text);
  await settle();
  assert.equal(sent(socket), 10_000);
  started(socket);
  for (let end = 500; end < length; end += 500) {
    await segmented(socket, end);
    const waiting = sent(socket) - end;
    assert.ok(waiting <= 10_000, `${waiting} wait at ${end}`);
    assert.ok(waiting >= Math.min(7500, length - end), `${waiting} wait at ${end}`);
  }
  const pieces = socket.of('speak');
  assert.equal(pieces.map((piece) => piece.text).join(''), text);
  assert.deepEqual(
    pieces.map(({ end }) => end === true),
    pieces.map((_, index) => index === pieces.length - 1),
  );
});

test('no piece is longer than a message may be', async () => {
  const { client, socket } = await connected({}, { message_text: 7, waiting_text: 2000 });
  client.speak('🙂'.repeat(30));
  await settle();
  assert.deepEqual(
    socket.of('speak').map(({ text }) => Array.from(text).length),
    [7, 7, 7, 7, 2],
  );
});

test('limits that are not sent are those of the protocol', async () => {
  const { client, socket } = await connected({}, {});
  client.speak('x'.repeat(30_000));
  await settle();
  assert.equal(sent(socket), 10_000);
});

test('a fast source is read no faster than its text is spoken', async () => {
  const { client, socket } = await connected({}, LIMITS);
  let given = 0;
  async function* tokens() {
    for (; given < 1000; given++) yield 'word ';
  }
  client.speak(tokens());
  await settle();
  assert.equal(sent(socket), 100);
  assert.ok(given <= 21);
  started(socket);
  await segmented(socket, 49);
  assert.equal(sent(socket), 145);
  await client.close();
});

test('text behind the one that speaks leaves it room, and never makes it wait', async () => {
  const { client, socket } = await connected({}, LIMITS);
  client.speak('x'.repeat(300));
  client.speak('y'.repeat(300));
  await settle();
  started(socket);
  for (const end of [0, 100, 200]) {
    if (end) await segmented(socket, end);
    assert.equal(sent(socket), end + 100);
    assert.ok(sent(socket, 2) > 0 && sent(socket, 2) <= 100);
  }
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 0, reason: 'done' });
  await settle();
  assert.equal(sent(socket, 2), 100);
  await client.close();
});

test('what waits of an utterance that was stopped makes room when the server has let go of it', async () => {
  const { client, socket } = await connected({}, LIMITS);
  client.speak('x'.repeat(300));
  await settle();
  started(socket);
  client.interrupt();
  client.speak('y'.repeat(300));
  await settle();
  assert.equal(sent(socket, 2), 0);
  const split = { text_spoken: '', text_remaining: 'x'.repeat(100), character: 0 };
  socket.receive({ type: 'interrupted', utterance: 1, heard: 0, sent: 0, ...split });
  await settle();
  assert.deepEqual([sent(socket), sent(socket, 2)], [100, 100]);
});

test('text that never becomes a segment is asked about, and blocks nothing', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, socket } = await connected({}, LIMITS);
  client.speak(' '.repeat(150));
  await settle();
  assert.equal(sent(socket), 100);
  t.mock.timers.tick(10_000);
  assert.deepEqual(socket.of('flush'), [], 'it is not its turn yet');
  started(socket);
  t.mock.timers.tick(1900);
  assert.deepEqual(socket.of('flush'), []);
  t.mock.timers.tick(100);
  assert.deepEqual(socket.of('flush'), [{ type: 'flush', utterance: 1 }]);
  t.mock.timers.tick(10_000);
  assert.equal(socket.of('flush').length, 1);
  socket.receive({ type: 'flushed', utterance: 1, sample: 0 });
  await settle();
  assert.equal(sent(socket), 150);
  assert.equal(socket.of('speak').at(-1).end, true);
  t.mock.timers.tick(10_000);
  assert.equal(socket.of('flush').length, 1);
});

test('a segment that takes long to be spoken is no reason to ask', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, socket } = await connected({}, LIMITS);
  client.speak('x'.repeat(300));
  await settle();
  started(socket);
  t.mock.timers.tick(1900);
  const place = { utterance: 1, segment: 0, start: 0, count: 100, ledger };
  const timing = { text: 'x', span: [0, 1], words: [], visemes: {} };
  socket.receive({ type: 'segment', ...place, ...timing });
  t.mock.timers.tick(60_000);
  assert.deepEqual(socket.of('flush'), []);
  await client.close();
});
