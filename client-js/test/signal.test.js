import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, sendSpeech, settle } from './stand-ins.js';

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

test('a client can be left to the end of its block', async () => {
  const { client, socket } = await connected();
  await client[Symbol.asyncDispose]();
  assert.deepEqual([client.state, socket.closed.code], ['closed', 1000]);
});
