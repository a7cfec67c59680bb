import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LipwireClient } from '../src/index.js';
import { connected, FakePlayer, FakeSocket, READY, sendSpeech, settle } from './stand-ins.js';

test('it says hello with what it needs: played flow, words, phonemes and visemes', async () => {
  const { socket } = await connected({ voice: 'joe', leadMs: 500 });
  assert.equal(socket.url, 'ws://host/v1/stream');
  assert.deepEqual(socket.protocols, ['lipwire.v1']);
  assert.deepEqual(socket.sent[0], {
    type: 'hello',
    voice: 'joe',
    audio: { codec: 'pcm_s16le' },
    timing: { words: true, phonemes: true, visemes: ['oculus'] },
    flow: { mode: 'played', lead_ms: 500 },
  });
});

test('an utterance is finished when its last sample was heard, not when it arrived', async () => {
  const { client, socket, player } = await connected();
  const utterance = client.speak('Hi you!');
  /** @type {string[]} */
  const words = [];
  utterance.on('word', ({ text }) => words.push(text));
  await settle();
  assert.deepEqual(socket.of('speak'), [
    { type: 'speak', utterance: 1, text: 'Hi you!', end: true, number: 1 },
  ]);
  sendSpeech(socket);
  player.play(50);
  assert.deepEqual(words, ['Hi']);
  assert.equal(client.state, 'speaking');
  assert.equal(client.face.mouth().sample, 50);
  player.play(200);
  const finished = await utterance.finished;
  assert.deepEqual(words, ['Hi', 'you']);
  assert.equal(finished.reason, 'done');
  assert.deepEqual([finished.textSpoken, finished.textRemaining], ['Hi you!', '']);
  assert.equal(client.state, 'ready');
  assert.deepEqual(
    socket.of('played').map(({ utterance: u, sample }) => [u, sample]),
    [
      [1, 50],
      [1, 200],
    ],
  );
});

test('the end of one utterance is reported before the begin of the next', async () => {
  const { client, socket, player } = await connected();
  client.speak('One');
  client.speak('Two');
  await settle();
  sendSpeech(socket);
  sendSpeech(socket, { utterance: 2 });
  player.play(150);
  player.play(230);
  assert.deepEqual(
    socket.of('played').map(({ utterance, sample }) => [utterance, sample]),
    [
      [1, 150],
      [1, 200],
      [2, 30],
    ],
  );
});

test('a stream of text is sent piece by piece, never half a character', async () => {
  const { client, socket } = await connected();
  async function* tokens() {
    yield 'Hi \ud83d';
    yield '\ude42 you';
    yield 'and a text that is longer than the server takes';
  }
  client.speak(tokens());
  await settle();
  await settle();
  const sent = socket.of('speak');
  assert.deepEqual(
    sent.map(({ text }) => text),
    ['Hi ', '🙂 you', 'and a text that is l', 'onger than the serve', 'r takes', ''],
  );
  assert.equal(sent.at(-1).end, true);
});

test('an interrupt answers with what the server says was heard', async () => {
  const { client, socket, player } = await connected();
  const utterance = client.speak('Hi you');
  await settle();
  sendSpeech(socket, { end: false });
  player.play(120);
  const interrupted = client.interrupt();
  await settle();
  assert.deepEqual(socket.of('interrupt'), [{ type: 'interrupt', utterance: 1, heard: 120 }]);
  const audio = new Uint8Array(200);
  socket.receive({ type: 'chunk', utterance: 1, segment: 0, start: 200, count: 100, audio });
  assert.equal(player.written, 200);
  socket.receive({
    type: 'interrupted',
    utterance: 1,
    heard: 120,
    sent: 300,
    text_spoken: 'Hi',
    text_remaining: ' you',
    character: 2,
  });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 300, reason: 'interrupted' });
  assert.equal((await interrupted)?.textSpoken, 'Hi');
  assert.equal((await utterance.finished).reason, 'interrupted');
});

test('what was sent to its end can still be cut off', async () => {
  const { client, socket, player } = await connected();
  const utterance = client.speak('Hi you');
  await settle();
  sendSpeech(socket);
  player.play(120);
  const interrupted = client.interrupt();
  await settle();
  socket.receive({
    type: 'interrupted',
    utterance: 1,
    heard: 120,
    sent: 200,
    text_spoken: 'Hi',
    text_remaining: ' you',
    character: 2,
  });
  assert.equal((await interrupted)?.sample, 120);
  assert.equal((await utterance.finished).textRemaining, ' you');
  assert.equal(client.state, 'ready');
});

test('the sound of an utterance can be looked at when it comes', async () => {
  const { client, socket } = await connected();
  const utterance = client.speak('Hi you');
  /** @type {number[][]} */
  const came = [];
  utterance.on('audio', ({ start, samples }) => came.push([start, samples.length]));
  await settle();
  sendSpeech(socket);
  assert.deepEqual(came, [
    [0, 100],
    [100, 100],
  ]);
});

test('an interrupt tells when the last sound left the loudspeaker', async () => {
  const { client, socket, player } = await connected();
  const utterance = client.speak('Hi you');
  await settle();
  sendSpeech(socket, { end: false });
  player.play(120);
  assert.equal(utterance.silentAt, undefined);
  const before = performance.now();
  client.interrupt();
  await settle();
  assert.ok((utterance.silentAt ?? 0) >= before);
});

test('who closes it while the player is made leaves none behind', async () => {
  const player = new FakePlayer();
  const closing = new Promise((resolve) => (player.close = async () => resolve('closed')));
  /** @type {(player: FakePlayer) => void} */
  let made = () => {};
  const making = new Promise((resolve) => (made = resolve));
  const client = new LipwireClient('http://host/v1/stream', undefined, {
    Socket: /** @type {any} */ (FakeSocket),
    createPlayer: /** @type {any} */ (() => making),
  });
  const refused = assert.rejects(client.connect(), { code: 'connection_lost' });
  const socket = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  socket.onopen();
  socket.receive(READY);
  await client.close();
  await refused;
  made(player);
  assert.equal(await closing, 'closed');
  assert.deepEqual([client.state, client.audioNode], ['closed', undefined]);
});

test('an interrupt with nothing to stop says nothing to the server', async () => {
  const { client, socket } = await connected();
  assert.equal(await client.interrupt(), undefined);
  assert.deepEqual(socket.of('interrupt'), []);
});

test('an interrupt before any text was sent ends the utterance here', async () => {
  const { client, socket } = await connected();
  const utterance = client.speak(new ReadableStream());
  await settle();
  await client.interrupt();
  assert.equal((await utterance.finished).reason, 'interrupted');
  assert.deepEqual(socket.of('interrupt'), []);
});

const broken = {
  'a chunk before its segment': [
    { type: 'utterance_started', utterance: 1, at: 0 },
    { type: 'chunk', utterance: 1, segment: 0, start: 0, count: 1, audio: new Uint8Array(2) },
  ],
  'an end without a start': [{ type: 'utterance_ended', utterance: 1, count: 0, reason: 'done' }],
  'a lost message': [{ seq: 7, type: 'pong', stamp: 0, now_ms: 0 }],
};
for (const [name, messages] of Object.entries(broken)) {
  test(`${name} ends the connection with bad_state`, async () => {
    const { client, socket, errors } = await connected();
    const { finished } = client.speak('Hi');
    await settle();
    for (const message of messages) socket.receive(message);
    assert.equal(socket.closed.code, 4400);
    socket.lose(4400);
    await assert.rejects(finished, { code: 'bad_state' });
    assert.equal(errors.length, 1);
    assert.equal(client.state, 'idle');
  });
}

test('an error before the turn of an utterance is the end of it', async () => {
  const { client, socket, errors } = await connected();
  const { finished } = client.speak('Hi');
  await settle();
  socket.receive({ type: 'error', code: 'text_limit', message: 'too much', utterance: 1 });
  await assert.rejects(finished, { code: 'text_limit', message: 'too much' });
  assert.equal(errors.length, 1);
});

test('a segment that fails does not end what is said', async () => {
  const { client, socket, player } = await connected();
  const utterance = client.speak('Hi');
  await settle();
  sendSpeech(socket, { end: false });
  socket.receive({ type: 'error', code: 'synthesis_failed', message: 'no', utterance: 1 });
  socket.receive({ type: 'segment_ended', utterance: 1, segment: 0, count: 200 });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 200, reason: 'done' });
  player.play(200);
  assert.equal((await utterance.finished).reason, 'done');
});

test('before a restart there is room for all that is sent at once', async () => {
  const { socket, player } = await connected();
  socket.receive({ type: 'goaway', in_ms: 5000 });
  assert.equal(player.room, 60_000);
});

test('a fatal error gives the lost connection its reason', async () => {
  const { client, socket, errors } = await connected();
  const { finished } = client.speak('Hi');
  await settle();
  socket.receive({ type: 'error', code: 'unauthorized', message: 'the token is old', fatal: true });
  socket.lose(4401);
  await assert.rejects(finished, { code: 'unauthorized', message: 'the token is old' });
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['unauthorized'],
  );
});

test('what arrived in full is played to its end when the connection breaks', async () => {
  const { client, socket, player } = await connected();
  const utterance = client.speak('Hi you');
  await settle();
  sendSpeech(socket);
  socket.lose(1006);
  player.play(200);
  assert.equal((await utterance.finished).reason, 'done');
});

test('nobody at the other end is told apart from a broken connection', async () => {
  const client = new LipwireClient(
    'ws://host/v1/stream',
    {},
    { Socket: /** @type {any} */ (FakeSocket) },
  );
  const connecting = client.connect();
  FakeSocket.opened.at(-1)?.lose(1006);
  await assert.rejects(connecting, { code: 'connection_failed' });
  assert.equal(client.state, 'idle');
});

test('it says that it is blocked until the browser lets sound out', async () => {
  const { client, socket, player } = await connected();
  player.state = 'suspended';
  client.speak('Hi you');
  await settle();
  sendSpeech(socket);
  assert.equal(client.state, 'blocked');
  await client.unlock();
  player.play(10);
  assert.equal(client.state, 'speaking');
});

test('after close nothing is left waiting', async () => {
  const { client, socket } = await connected();
  const { finished } = client.speak('Hi');
  await settle();
  await client.close();
  assert.equal(client.state, 'closed');
  assert.equal(socket.closed.code, 1000);
  await assert.rejects(finished, { code: 'connection_lost' });
});
