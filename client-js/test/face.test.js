import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begunAgain, connected, READY, sendSpeech, settle } from './stand-ins.js';

/** @type {import('../src/messages.js').Frames} */
const FRAMES = { mode: 'sprites', size: 256, fps: 25 };
const { limits } = READY;
const data = new Uint8Array([1, 2, 3]);

/** @param {number} id */
function sprite(id, key = `picture ${id}`) {
  return { id, key, mime: 'image/webp', width: 12, height: 10, x: 160, y: 328, data };
}

/** @param {import('../src/face.js').Face} face */
const seen = (face, ahead = 0) => face.frame(ahead)?.sprites.map(({ sprite }) => sprite.key);

/**
 * A client with sprites 1 to 9 and an idle loop of two frames and 100 ms, at a time that the test sets.
 */
async function looking() {
  const time = { now: 1000 };
  const all = await connected({ frames: FRAMES }, limits, () => time.now);
  await all.client.face.expect(FRAMES);
  all.socket.receive({
    type: 'sprites',
    sprites: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => sprite(n)),
  });
  const idle = [
    [0, [1, 0, 0, 0]],
    [50, [2, 0, 0, 0]],
  ];
  all.socket.receive({ type: 'idle', count: 100, frames: idle });
  return { ...all, time, face: all.client.face };
}

/**
 * One segment of 200 samples, with the face of sprite 3, from sample 50 on of 4, from 100 on of 5.
 * @param {FakeSocket} socket
 */
function sendFace(socket) {
  const ledger = { received: 0, queued: 0, phonemized: 0, encoded: 0 };
  const of = { utterance: 1, segment: 0 };
  const audio = new Uint8Array(200);
  const segment = { start: 0, count: 200, text: 'Hi you', span: [0, 6], visemes: {}, ledger };
  socket.receive({ type: 'utterance_started', utterance: 1, at: 0 });
  socket.receive({ type: 'segment', ...of, ...segment });
  socket.receive({
    ...{ type: 'chunk', ...of, start: 0, count: 100, audio },
    frames: [
      [0, [3, 16, -8, 500]],
      [50, [4, 0, 0, 0]],
    ],
  });
  const frames = [[100, [5, 0, 0, 0]]];
  socket.receive({ type: 'chunk', ...of, start: 100, count: 100, audio, frames });
}

test('it asks for what the options say', async () => {
  const { socket } = await connected({ frames: FRAMES, avatar: 'ida' });
  assert.deepEqual([socket.sent[0].frames, socket.sent[0].avatar], [FRAMES, 'ida']);
});

test('without frames there is no face, and nothing breaks', async () => {
  const { client } = await connected();
  assert.deepEqual(
    [client.face.frame(), client.face.rest, client.face.sprites],
    [undefined, undefined, []],
  );
});

test('frames that are asked for later are seen, too', async () => {
  const { client, socket } = await connected();
  const configured = client.configure({ frames: FRAMES });
  await client.face.expect(FRAMES);
  await settle();
  assert.deepEqual(socket.of('configure'), [{ type: 'configure', frames: FRAMES }]);
  socket.receive({ type: 'configured', from: [1, 0], frames: FRAMES });
  await configured;
  socket.receive({ type: 'sprites', sprites: [sprite(1)] });
  socket.receive({ type: 'idle', count: 100, frames: [[0, [1, 0, 0, 0]]] });
  assert.deepEqual(seen(client.face), ['picture 1']);
});

test('sprites are told of as they come, and kept for who looks later', async () => {
  const { client, socket } = await connected({ frames: FRAMES });
  await client.face.expect(FRAMES);
  /** @type {string[]} */
  const told = [];
  client.face.on('sprites', (sprites) => told.push(...sprites.map(({ key }) => key)));
  socket.receive({ type: 'sprites', sprites: [sprite(1), sprite(2)] });
  socket.receive({ type: 'sprites', sprites: [sprite(3)] });
  assert.deepEqual(told, ['picture 1', 'picture 2', 'picture 3']);
  assert.deepEqual(client.face.sprites.map(({ key, x, y }) => [key, x, y])[0], [
    'picture 1',
    10,
    20.5,
  ]);
  assert.equal(client.face.sprites.length, 3);
});

test('while nobody speaks the loop goes round, beginning when it is first seen', async () => {
  const { face, time } = await looking();
  time.now += 5000;
  assert.deepEqual(seen(face), ['picture 1']);
  assert.equal(face.frame(), face.rest);
  time.now += 60;
  assert.deepEqual(seen(face), ['picture 2']);
  assert.deepEqual(seen(face, 50), ['picture 1']);
  time.now += 50;
  assert.deepEqual(seen(face), ['picture 1']);
});

test('a frame is seen from the moment on that its first sample is heard', async () => {
  const { client, face, player, socket } = await looking();
  client.speak('Hi you');
  await settle();
  sendFace(socket);
  /** @type {any[]} */
  const shown = [];
  for (const sample of [0, 1, 49, 50, 99, 100, 150]) {
    player.play(sample);
    shown.push(seen(face)?.[0]);
  }
  assert.deepEqual(
    shown.map((key) => Number(key.at(-1))),
    [1, 3, 3, 4, 4, 5, 5],
  );
});

test('places are pixels and radians, and the size is the one that was granted', async () => {
  const { client, face, player, socket } = await looking();
  socket.receive({ type: 'configured', frames: FRAMES });
  client.speak('Hi you');
  await settle();
  sendFace(socket);
  player.play(10);
  const frame = face.frame();
  const [{ x, y, turn }] = frame?.sprites ?? [];
  assert.deepEqual([frame?.size, x, y, turn], [256, 1, -0.5, 0.5]);
});

test('a segment keeps the size that it began with', async () => {
  const { client, face, player, socket } = await looking();
  client.speak('Hi you');
  await settle();
  sendFace(socket);
  socket.receive({ type: 'configured', frames: FRAMES });
  const chunk = { type: 'chunk', utterance: 1, segment: 0, start: 200, count: 100 };
  socket.receive({ ...chunk, audio: new Uint8Array(200), frames: [[200, [6, 0, 0, 0]]] });
  player.play(250);
  assert.deepEqual([seen(face), face.frame()?.size], [['picture 6'], 512]);
});

test('a sprite that was never sent is left out', async () => {
  const { face, socket } = await looking();
  socket.receive({ type: 'idle', count: 100, frames: [[0, [77, 0, 0, 0, 2, 0, 0, 0, 3, 0]]] });
  assert.deepEqual(seen(face), ['picture 2']);
});

test('a loop without frames, or without length, is none', async () => {
  const { face, socket } = await looking();
  socket.receive({ type: 'idle', count: 100 });
  assert.equal(face.frame(), undefined);
  socket.receive({ type: 'idle', count: 0, frames: [[0, [1, 0, 0, 0]]] });
  assert.equal(face.frame(), undefined);
});

test('after an interrupt the mouth is shut at once, before the server has answered', async () => {
  const { client, face, player, socket, time } = await looking();
  client.speak('Hi you');
  await settle();
  sendFace(socket);
  player.play(120);
  assert.deepEqual(seen(face), ['picture 5']);
  time.now += 70;
  client.interrupt();
  assert.equal(face.frame(), face.rest);
});

test('what runs dry goes to rest, and goes on when there is sound again', async () => {
  const { client, face, player, socket, time } = await looking();
  client.speak('Hi you');
  await settle();
  sendFace(socket);
  player.play(60);
  assert.deepEqual(seen(face), ['picture 4']);
  time.now += 101;
  assert.equal(face.frame(), face.rest);
  player.play(61);
  assert.deepEqual(seen(face), ['picture 4']);
});

test('what was seen and what is never seen is not kept', async () => {
  const { client, player, socket } = await looking();
  const utterance = client.speak('Hi you');
  await settle();
  sendFace(socket);
  assert.equal(utterance.reel?.length, 3);
  player.play(60);
  assert.equal(utterance.reel?.length, 2);
  client.interrupt();
  assert.equal(utterance.reel?.length, 0);
});

test('at its end an utterance gives way to the loop, from its beginning', async () => {
  const { client, face, player, socket, time } = await looking();
  client.speak('Hi you');
  await settle();
  time.now += 60;
  sendSpeech(socket);
  player.play(200);
  await settle();
  assert.equal(face.frame(), face.rest);
});

test('pictures of their own come with their type', async () => {
  const { face, socket } = await looking();
  socket.receive({ type: 'configured', frames: { mode: 'full', mime: 'image/webp' } });
  socket.receive({ type: 'idle', count: 100, pictures: [[0, true, data]] });
  assert.deepEqual(face.frame()?.picture, { mime: 'image/webp', data });
});

test('who wants no frames any more has no face', async () => {
  const { face, socket } = await looking();
  socket.receive({ type: 'configured', frames: {} });
  assert.equal(face.frame(), undefined);
});

test('on the next connection the same numbers are other pictures', async () => {
  const { face, socket } = await looking();
  const next = await begunAgain(socket, { frames: FRAMES });
  assert.equal(face.sprites.length, 0);
  assert.deepEqual(seen(face), ['picture 1']);
  next.receive({ type: 'sprites', sprites: [sprite(1, 'another')] });
  assert.deepEqual(seen(face), ['picture 1']);
  next.receive({ type: 'idle', count: 100, frames: [[0, [1, 0, 0, 0]]] });
  assert.deepEqual(seen(face), ['another']);
});

test('pose asks for what is given and answers what holds', async () => {
  const { client, socket } = await connected();
  const posed = client.pose({ emotion: 'happy', gaze: [100, 0] });
  await settle();
  assert.deepEqual(socket.of('pose'), [{ type: 'pose', emotion: 'happy', gaze: [100, 0] }]);
  socket.receive({ type: 'posed', emotion: 'happy', gaze: [100, 0], head: [0, 0, 0] });
  assert.deepEqual(await posed, { emotion: 'happy', gaze: [100, 0], head: [0, 0, 0] });
});

test('a pose that is refused is rejected, and only what was posed holds on the next connection', async () => {
  const { client, socket, errors } = await connected();
  const posed = client.pose({ emotion: 'sad' });
  const refused = assert.rejects(client.pose({ emotion: 'hungry' }), { code: 'bad_message' });
  await settle();
  const holds = { emotion: 'sad', gaze: [0, 0], head: [0, 0, 0] };
  socket.receive({ type: 'posed', ...holds });
  socket.receive({ type: 'error', code: 'bad_message', message: 'no emotion named hungry' });
  await posed;
  await refused;
  const next = await begunAgain(socket);
  assert.deepEqual(next.of('pose'), [{ type: 'pose', ...holds }]);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['connection_lost'],
  );
});

test('a size that is configured holds from its segment on, and what comes before it has its own', async () => {
  const { client, socket } = await looking();
  const utterance = client.speak('Hi you');
  await settle();
  const frames = { ...FRAMES, size: 128 };
  socket.receive({ type: 'configured', from: [1, 1], frames });
  sendSpeech(socket, { end: false });
  assert.equal(utterance.reel?.size, 512);
  const ledger = { received: 0, queued: 0, phonemized: 0, encoded: 0 };
  socket.receive({ type: 'segment_ended', utterance: 1, segment: 0, count: 200 });
  const place = { utterance: 1, segment: 1, start: 200, count: 100, span: [6, 7] };
  socket.receive({ type: 'segment', ...place, text: '!', visemes: {}, ledger });
  assert.equal(utterance.reel?.size, 128);
});
