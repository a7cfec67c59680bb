import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begunAgain, connected, READY, sendSpeech, settle } from './stand-ins.js';

const CONFIGURED = {
  type: 'configured',
  voice: READY.voice,
  rate_percent: 150,
  volume_percent: 100,
  noise_percent: 100,
  timing: {},
  frames: {},
};
const REFUSED = { type: 'error', code: 'not_found', message: 'no voice named nobody' };
const { limits } = READY;

test('it says hello with how it should speak', async () => {
  const { socket } = await connected({
    speaker: 'ann',
    ratePercent: 90,
    volumePercent: 50,
    noisePercent: 0,
    lexicon: { SQL: 'sequel' },
  });
  const hello = socket.sent[0];
  assert.deepEqual(
    [hello.speaker, hello.rate_percent, hello.volume_percent, hello.noise_percent, hello.lexicon],
    ['ann', 90, 50, 0, { SQL: 'sequel' }],
  );
});

test('configure asks for what is given and answers what holds', async () => {
  const { client, socket } = await connected();
  const configured = client.configure({ ratePercent: 150, lexicon: { SQL: 'sequel' } });
  await settle();
  assert.deepEqual(socket.of('configure'), [
    { type: 'configure', rate_percent: 150, lexicon: { SQL: 'sequel' } },
  ]);
  socket.receive(CONFIGURED);
  assert.equal((await configured).rate_percent, 150);
  assert.equal(client.session?.rate_percent, 150);
  assert.deepEqual(client.session?.limits, limits);
});

test('a configure that is refused is rejected, and it alone', async () => {
  const { client, socket, errors } = await connected();
  const refused = assert.rejects(client.configure({ voice: 'nobody' }), { code: 'not_found' });
  const configured = client.configure({ ratePercent: 150 });
  await settle();
  socket.receive(REFUSED);
  socket.receive(CONFIGURED);
  await refused;
  assert.equal((await configured).rate_percent, 150);
  assert.deepEqual(errors, []);
});

test('an error of an utterance, or after the answer, is told as ever', async () => {
  const { client, socket, errors } = await connected();
  const configured = client.configure({ ratePercent: 150 });
  await settle();
  socket.receive({ type: 'error', code: 'synthesis_failed', message: 'no', utterance: 1 });
  socket.receive(CONFIGURED);
  await configured;
  socket.receive(REFUSED);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['synthesis_failed', 'not_found'],
  );
});

test('a connection that is gone for good answers nothing: configure is rejected', async () => {
  const { client, socket } = await connected();
  const lost = assert.rejects(client.configure({ ratePercent: 150 }), { code: 'internal' });
  await settle();
  socket.lose(1011);
  await lost;
});

test('what was configured holds on the next connection, what was refused does not', async () => {
  const { client, socket } = await connected({ voice: 'joe', speaker: 'ann', ratePercent: 80 });
  const configured = client.configure({ voice: 'jane', volumePercent: 50 });
  await settle();
  socket.receive(CONFIGURED);
  await configured;
  const refused = assert.rejects(client.configure({ voice: 'nobody' }));
  await settle();
  socket.receive(REFUSED);
  await refused;
  const hello = (await begunAgain(socket)).sent[0];
  assert.deepEqual(
    [hello.voice, hello.speaker, hello.rate_percent, hello.volume_percent],
    ['jane', undefined, 80, 50],
  );
});

test('a pause holds the server and the sound, and resume lets both go on', async () => {
  const { client, socket, player } = await connected();
  const utterance = client.speak('Hi you');
  await settle();
  sendSpeech(socket);
  player.play(50);
  await client.pause();
  assert.deepEqual(socket.of('pause'), [{ type: 'pause' }]);
  assert.deepEqual([player.held, client.state, client.paused], [true, 'speaking', true]);
  await client.unlock();
  assert.equal(player.held, true);
  await client.resume();
  assert.deepEqual(socket.of('continue'), [{ type: 'continue' }]);
  assert.deepEqual([player.held, client.state, client.paused], [false, 'speaking', false]);
  player.play(200);
  assert.equal((await utterance.finished).reason, 'done');
});

test('a pause is no sound that ran dry', async () => {
  let now = 0;
  const { client, socket, player } = await connected({}, limits, () => now);
  client.speak('Hi you');
  await settle();
  sendSpeech(socket, { end: false, sent: 100 });
  player.play(50);
  assert.equal(client.dryMs, 0);
  now = 1000;
  assert.equal(client.dryMs, 1000);
  await client.pause();
  assert.equal(client.dryMs, 0);
  await client.close();
});

test('a pause holds on the next connection, too', async () => {
  const { client, socket } = await connected({}, limits);
  await client.pause();
  assert.deepEqual((await begunAgain(socket)).of('pause'), [{ type: 'pause' }]);
});

test('resume without a pause says nothing', async () => {
  const { client, socket } = await connected();
  await client.resume();
  assert.deepEqual(socket.of('continue'), []);
});

test('what is paused can be stopped for good', async () => {
  const { client, socket, player } = await connected();
  client.speak('Hi you');
  await settle();
  sendSpeech(socket);
  player.play(120);
  await client.pause();
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
  assert.equal((await interrupted)?.textSpoken, 'Hi');
  assert.equal(client.state, 'ready');
});

test('what was asked of a session that is gone is asked of the next one', async () => {
  const { client, socket } = await connected();
  const configured = client.configure({ ratePercent: 150 });
  await settle();
  const next = await begunAgain(socket);
  assert.deepEqual(next.of('configure'), [{ type: 'configure', rate_percent: 150 }]);
  next.receive(CONFIGURED);
  assert.equal((await configured).rate_percent, 150);
});

test('the face knows how it is held since somebody asked', async () => {
  const { client, socket } = await connected();
  assert.equal(client.face.pose, undefined);
  const posed = client.pose({ emotion: 'sad' });
  await settle();
  socket.receive({ type: 'posed', emotion: 'sad', gaze: [0, 0], head: [0, 0, 0] });
  await posed;
  assert.equal(client.face.pose?.emotion, 'sad');
});
