import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LipwireClient } from '../src/index.js';
import { connected, FakePlayer, FakeSocket, READY, sendSpeech, settle } from './stand-ins.js';

/** Three utterances, the first two of them here, the first one heard to its sample 120. */
async function speaking() {
  const made = await connected();
  const controllers = [0, 1, 2].map(() => new AbortController());
  const [first, second, third] = controllers.map(({ signal }) => {
    return made.client.speak('Hi you', { signal });
  });
  await settle();
  sendSpeech(made.socket);
  sendSpeech(made.socket, { utterance: 2 });
  made.player.play(120);
  return { ...made, controllers, first, second, third };
}

test('a signal stops its utterance, and what comes after it is heard whole', async () => {
  const { socket, player, controllers, first, second } = await speaking();
  const before = player.written;
  controllers[0].abort();
  await settle();
  assert.deepEqual(socket.of('interrupt'), [{ type: 'interrupt', utterance: 1, heard: 120 }]);
  assert.equal(player.written - before, 200);
  assert.equal(first.heard, 120);
  player.play(player.heard + 50);
  assert.equal(second.heard, 50);
  player.play(player.written);
  assert.equal((await second.finished).reason, 'done');
});

test('a signal stops what is yet to be heard, and nothing before it', async () => {
  const { client, socket, player, controllers, first, second } = await speaking();
  controllers[1].abort();
  await settle();
  assert.deepEqual(socket.of('interrupt'), [{ type: 'interrupt', utterance: 2, heard: 0 }]);
  assert.equal(client.position()?.utterance, first);
  player.play(200);
  assert.equal((await first.finished).reason, 'done');
  await settle();
  assert.equal(player.heard, player.written);
  assert.equal(second.heard, 0);
});

test('a signal stops what has not begun', async () => {
  const { socket, controllers, third } = await speaking();
  controllers[2].abort();
  await settle();
  assert.deepEqual(socket.of('interrupt'), [{ type: 'interrupt', utterance: 3, heard: 0 }]);
  socket.receive({ type: 'warning', code: 'nothing_speaking', message: '', utterance: 3 });
  assert.equal((await third.finished).reason, 'interrupted');
});

test('a signal that was given before is no text to send', async () => {
  const { client, socket } = await connected();
  const { finished } = client.speak('Hi', { signal: AbortSignal.abort() });
  assert.equal((await finished).reason, 'interrupted');
  await settle();
  assert.deepEqual(socket.of('speak'), []);
});

test('a signal that comes too late does nothing', async () => {
  const { socket, player, controllers, first } = await speaking();
  player.play(200);
  await first.finished;
  controllers[0].abort();
  await settle();
  assert.deepEqual(socket.of('interrupt'), []);
});

/** A client whose server has not answered yet. */
function connecting() {
  const controller = new AbortController();
  const client = new LipwireClient('http://host/v1/stream', undefined, {
    Socket: /** @type {any} */ (FakeSocket),
    createPlayer: /** @type {any} */ (async () => new FakePlayer()),
  });
  /** @type {any[]} */
  const told = [];
  client.on('state', (state) => told.push(state));
  client.on('error', (error) => told.push(error));
  const gone = { name: 'LipwireError', code: 'connection_lost' };
  const { signal } = controller;
  const given = () => assert.rejects(client.connect({ signal }), gone);
  const newest = () => /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  return { client, controller, signal, told, given, gone, newest };
}

test('a signal gives up connecting for all who wait, and tells nobody of an error', async () => {
  const { client, controller, told, given, gone, newest } = connecting();
  const rejected = given();
  const unheard = assert.rejects(client.speak('Hi').finished, gone);
  newest().onopen();
  controller.abort();
  await Promise.all([rejected, unheard]);
  assert.equal(newest().closed.code, 1000);
  assert.deepEqual(told, ['connecting', 'idle']);
});

test('what was given up can be connected again', async () => {
  const { client, controller, given, newest } = connecting();
  const rejected = given();
  controller.abort();
  await rejected;
  const ready = client.connect();
  newest().onopen();
  newest().receive(READY);
  assert.equal((await ready).session.id, 's');
  await client.close();
});

test('a signal that was given before connects nothing', async () => {
  const { client, controller, given } = connecting();
  controller.abort();
  await given();
  assert.equal(client.state, 'idle');
});

test('a signal gives up a connection that is tried again', async () => {
  const { client, socket, player } = await connected();
  const said = client.speak('Hi you');
  await settle();
  sendSpeech(socket, { end: false });
  socket.lose(1006);
  const controller = new AbortController();
  const rejected = assert.rejects(client.connect({ signal: controller.signal }));
  controller.abort();
  await rejected;
  assert.equal(client.state, 'speaking');
  player.play(200);
  await assert.rejects(said.finished, { code: 'connection_lost' });
  assert.equal(client.state, 'idle');
});

test('a signal says nothing to a connection that is there', async () => {
  const { client, socket } = await connected();
  const controller = new AbortController();
  await client.connect({ signal: controller.signal });
  controller.abort();
  await client.connect({ signal: controller.signal });
  assert.deepEqual([client.state, socket.closed], ['ready', undefined]);
});

test('a client can be left to the end of its block', async () => {
  const { client, socket } = await connected();
  await client[Symbol.asyncDispose]();
  assert.deepEqual([client.state, socket.closed.code], ['closed', 1000]);
});
