import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Oculus } from '../src/protocol.js';
import { connected, FakeSocket, READY, reconnected, sendSpeech, settle } from './stand-ins.js';

/** @param {import('node:test').TestContext} t */
async function speaking(t, { end = false, sent = 200 } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const clock = { now: 0 };
  const made = await connected({}, undefined, () => clock.now);
  const utterance = made.client.speak('Hi you');
  await settle();
  sendSpeech(made.socket, { end, sent });
  const wait = async (/** @type {number} */ seconds) => {
    for (let i = 0; i < seconds; i++) {
      clock.now += 1000;
      t.mock.timers.tick(1000);
      await settle();
    }
  };
  return { ...made, utterance, clock, wait };
}

/** @param {{socket: FakeSocket, wait: (seconds: number) => Promise<void>}} made */
async function giveUp({ socket, wait }) {
  let lost = socket;
  for (let i = 0; i < 150; i++) {
    if (!lost.closed) lost.lose(1006);
    lost.closed = { code: 1006 };
    await wait(1);
    lost = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  }
}

test('what has arrived is heard and seen to its end when nobody comes back', async (t) => {
  const made = await speaking(t, { sent: 100 });
  const { client, socket, player, utterance, errors } = made;
  player.play(20);
  await giveUp(made);
  assert.equal(client.state, 'speaking');
  assert.equal(errors.length, 1);
  player.play(60);
  assert.equal(client.face.mouth().sample, 60);
  assert.ok(client.face.mouth().weights[Oculus.AA] > 0.5);
  const reports = socket.of('played').length;
  player.play(100);
  await assert.rejects(utterance.finished, { code: 'connection_lost' });
  assert.equal(client.state, 'idle');
  assert.equal(socket.of('played').length, reports);
});

test('what is left of a connection that is gone for good can be stopped', async (t) => {
  const made = await speaking(t);
  const { client, socket, player, utterance } = made;
  player.play(120);
  await giveUp(made);
  assert.equal((await client.interrupt())?.textSpoken, 'Hi');
  assert.equal((await utterance.finished).reason, 'interrupted');
  assert.equal(client.state, 'idle');
  assert.deepEqual(socket.of('interrupt'), []);
});

test('another session hears nothing of what the last one left', async (t) => {
  const made = await speaking(t);
  const { client, player, utterance } = made;
  player.play(20);
  await giveUp(made);
  const connecting = client.connect();
  const next = await reconnected({ session: READY.session });
  await connecting;
  player.play(60);
  await client.interrupt();
  assert.equal((await utterance.finished).reason, 'interrupted');
  assert.deepEqual(
    next.sent.map(({ type }) => type),
    ['hello'],
  );
});

test('a stop is final after 2 s without an answer, and a late answer does no harm', async (t) => {
  const { client, socket, player, utterance, wait } = await speaking(t);
  player.play(120);
  const interrupted = client.interrupt();
  await settle();
  await wait(2);
  assert.equal((await interrupted)?.textSpoken, 'Hi');
  assert.equal((await utterance.finished).reason, 'interrupted');
  assert.equal(client.state, 'ready');
  const texts = { text_spoken: 'Hi', text_remaining: ' you', character: 2 };
  socket.receive({ type: 'interrupted', utterance: 1, heard: 120, sent: 200, ...texts });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 200, reason: 'interrupted' });
  assert.equal(socket.closed, undefined);
});

test('what is too little to be played does not hide that the connection is gone', async (t) => {
  const { client, socket, player, clock } = await speaking(t, { sent: 100 });
  player.play(90);
  socket.lose(1006);
  assert.equal(client.state, 'speaking');
  clock.now += 50;
  player.play(90);
  assert.equal(client.state, 'speaking');
  clock.now += 100;
  player.play(90);
  assert.equal(client.state, 'reconnecting');
  await client.pause();
  assert.equal(client.state, 'speaking');
});

test('a server that is frozen is noticed', async (t) => {
  const { client, socket, player, utterance, errors, wait } = await speaking(t);
  player.play(200);
  await wait(4);
  assert.deepEqual(socket.of('ping'), []);
  await wait(1);
  assert.equal(socket.of('ping').length, 1);
  socket.receive({ type: 'pong', stamp: 0, now_ms: 0 });
  await wait(14);
  assert.equal(client.state, 'speaking');
  await wait(1);
  assert.equal(client.state, 'reconnecting');
  await wait(1);
  const next = await reconnected();
  assert.equal(next.sent[0].session.position.sample, 200);
  next.receive({ type: 'segment_ended', utterance: 1, segment: 0, count: 200 });
  next.receive({ type: 'utterance_ended', utterance: 1, count: 200, reason: 'done' });
  assert.equal((await utterance.finished).reason, 'done');
  assert.deepEqual(errors, []);
});

test('a server that owes nothing is not asked', async (t) => {
  const { socket, player, utterance, wait } = await speaking(t, { end: true });
  player.play(200);
  await utterance.finished;
  await wait(60);
  assert.deepEqual(socket.of('ping'), []);
});

test('a mouth that ran dry relaxes, and it is said for how long', async (t) => {
  const { client, player, clock } = await speaking(t);
  player.play(100);
  assert.ok(client.face.mouth().weights[Oculus.AA] > 0.5);
  assert.equal(client.dryMs, 0);
  clock.now += 2000;
  assert.ok(client.face.mouth().weights[Oculus.SIL] > 0.99);
  assert.equal(client.dryMs, 2000);
  player.play(110);
  assert.ok(client.face.mouth().weights[Oculus.AA] > 0.5);
  assert.equal(client.dryMs, 0);
});

for (const [what, source] of /** @type {[string, any][]} */ ([
  ['nothing', undefined],
  ['a number', 7],
  ['a list of numbers', [7]],
])) {
  test(`${what} is no text`, async () => {
    const { client } = await connected();
    await assert.rejects(client.speak(source).finished, {
      name: 'LipwireError',
      code: 'bad_message',
      message: /^speak\(\) takes/,
    });
  });
}
