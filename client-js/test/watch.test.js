import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, FakeSocket, READY, sendSpeech, settle } from './stand-ins.js';

const ledger = { received: 0, queued: 0, phonemized: 0, encoded: 0 };
const WATCHED = { session: { id: 's', resumed: false, received: [] }, watching: true };

/** @param {FakeSocket} socket */
function sendFromTheMiddle(socket, utterance = 1) {
  socket.receive({ type: 'utterance_started', utterance, at: 120, from: 120 });
  socket.receive({
    type: 'segment',
    utterance,
    segment: 0,
    start: 0,
    count: 200,
    text: 'Hi you',
    span: [0, 6],
    words: [
      ['Hi', 0, 2, 0, 100, 1],
      ['you', 3, 6, 100, 100, 1],
    ],
    visemes: { oculus: [[10, 0, 200, 255]] },
    ledger,
  });
  const audio = new Uint8Array(160);
  socket.receive({ type: 'chunk', utterance, segment: 0, start: 120, count: 80, audio });
  socket.receive({ type: 'segment_ended', utterance, segment: 0, count: 200 });
  socket.receive({ type: 'utterance_ended', utterance, count: 200, reason: 'done' });
}

/** @param {import('../src/hello.js').ClientOptions} [options] */
async function watching(options = {}) {
  const watch = /** @type {const} */ ({ session: 's', secret: 'w', from: 'start' });
  const made = await connected({ watch, ...options }, undefined, undefined, WATCHED);
  /** @type {import('../src/index.js').SpokenUtterance[]} */
  const seen = [];
  made.client.on('utterance', (utterance) => seen.push(utterance));
  return { ...made, seen };
}

test('who watches says so, and at which pace', async () => {
  const { socket } = await watching({ token: 't' });
  assert.deepEqual(socket.sent[0], {
    type: 'watch',
    session: 's',
    watch_secret: 'w',
    from: 'start',
    token: 't',
    audio: { codec: 'pcm_s16le' },
    timing: { words: true, phonemes: true, visemes: ['oculus'] },
    flow: { mode: 'paced', lead_ms: 3000 },
  });
});

test('what somebody else says is an utterance like any other', async () => {
  const { client, socket, player, seen } = await watching();
  sendSpeech(socket);
  assert.equal(seen.length, 1);
  /** @type {string[]} */
  const words = [];
  seen[0].on('word', ({ text }) => words.push(text));
  assert.equal(client.state, 'speaking');
  player.play(200);
  const { reason, textSpoken, textRemaining } = await seen[0].finished;
  assert.deepEqual([reason, textSpoken, textRemaining], ['done', 'Hi you', '']);
  assert.deepEqual(words, ['Hi', 'you']);
});

test('who comes in the middle hears the rest, at its own place', async () => {
  const { client, socket, player, seen } = await watching();
  sendFromTheMiddle(socket);
  /** @type {string[]} */
  const words = [];
  seen[0].on('word', ({ text }) => words.push(text));
  player.play(30);
  assert.deepEqual([client.position()?.sample, words], [150, ['you']]);
  player.play(80);
  assert.equal((await seen[0].finished).sample, 200);
});

test('what is interrupted is silent for those who watch, too', async () => {
  const { socket, player, seen } = await watching();
  sendSpeech(socket, { end: false });
  player.play(50);
  const split = { text_spoken: 'Hi', text_remaining: ' you', character: 2 };
  socket.receive({ type: 'interrupted', utterance: 1, heard: 50, sent: 200, ...split });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 200, reason: 'interrupted' });
  await settle();
  assert.equal(player.heard, player.written);
  assert.equal((await seen[0].finished).reason, 'interrupted');
});

test('who watches may not say anything, nor change how it is said', async () => {
  const { client, socket } = await watching();
  for (const refused of [
    client.speak('Hi').finished,
    client.replay(1).finished,
    client.configure({ ratePercent: 150 }),
    client.pose({ emotion: 'happy' }),
  ]) {
    await assert.rejects(refused, { code: 'bad_state' });
  }
  await client.pause();
  assert.deepEqual(
    socket.sent.map(({ type }) => type),
    ['watch'],
  );
});

test('a watcher whose connection was lost goes on with what is said by then', async () => {
  const { client, socket, player, seen } = await watching();
  sendSpeech(socket, { end: false });
  player.play(50);
  socket.lose(1006);
  player.play(200);
  await assert.rejects(seen[0].finished, { code: 'connection_lost' });
  assert.equal(client.state, 'reconnecting');
  await new Promise((resolve) => setTimeout(resolve, 1));
  const next = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  next.onopen();
  assert.deepEqual([next.sent[0].type, next.sent[0].from], ['watch', 'live']);
  next.receive({ ...READY, ...WATCHED });
  await settle();
  sendFromTheMiddle(next);
  player.play(230);
  assert.equal(seen.length, 2);
  assert.equal(client.position()?.sample, 150);
});

test('what was said can be said again from any sample on', async () => {
  const { client, socket, player } = await connected();
  const first = client.speak('Hi you');
  await settle();
  sendSpeech(socket);
  player.play(200);
  await first.finished;
  const again = client.replay(first, { from: 120 });
  await settle();
  assert.deepEqual(socket.of('replay'), [{ type: 'replay', utterance: 2, of: 1, from: 120 }]);
  sendFromTheMiddle(socket, 2);
  player.play(280);
  const { reason, sample, textSpoken } = await again.finished;
  assert.deepEqual([reason, sample, textSpoken], ['done', 200, 'Hi you']);
});

test('a replay that the server does not know of is rejected', async () => {
  const { client, socket } = await connected();
  const { finished } = client.replay(7);
  await settle();
  assert.deepEqual(socket.of('replay'), [{ type: 'replay', utterance: 1, of: 7 }]);
  socket.receive({ type: 'error', code: 'not_found', message: 'no utterance 7', utterance: 1 });
  await assert.rejects(finished, { code: 'not_found' });
});
