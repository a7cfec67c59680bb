import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listening, speechFrom, undisturbed, WHOLE } from './speech.js';
import { connected, FakeSocket, READY, reconnected, settle } from './stand-ins.js';

/** @param {FakeSocket} socket */
async function cut(socket, code = 1006) {
  socket.lose(code);
  await new Promise((resolve) => setTimeout(resolve, 1));
}

for (let lost = 0; lost <= WHOLE.length; lost++) {
  test(`a connection that breaks after ${lost} messages costs no sample and no word`, async () => {
    const { client, socket, player, heard, words, utterances, errors } = await listening();
    for (const message of WHOLE.slice(0, lost)) socket.receive(message);
    player.play(Math.floor(player.written / 2));
    await cut(socket);
    const next = await reconnected();
    const { type, session } = next.sent[0];
    assert.deepEqual([type, session.id, session.secret], ['hello', 's', 'x']);
    for (const message of speechFrom(session.position, 90)) next.receive(message);
    player.play(player.written);
    assert.deepEqual(heard, undisturbed);
    assert.deepEqual(words, ['Hi', 'you', 'So', 'it']);
    for (const utterance of utterances) assert.equal((await utterance.finished).reason, 'done');
    assert.equal(next.closed, undefined);
    assert.deepEqual([client.state, errors], ['ready', []]);
  });
}

test('text is sent again with its number when nobody has said that it is safe', async () => {
  const { socket } = await listening();
  assert.deepEqual(
    socket.of('speak').map(({ number }) => number),
    [1, 2],
  );
  socket.receive({ type: 'accepted', number: 1 });
  await cut(socket);
  const next = await reconnected();
  assert.deepEqual(next.of('speak'), [
    { type: 'speak', utterance: 2, text: 'So it', end: true, number: 2 },
  ]);
  assert.deepEqual(next.sent[0].session.position, {
    utterance: 1,
    segment: 0,
    span: [0, 0],
    start: 0,
    sample: 0,
  });
});

test('what the server has by then is not sent again', async () => {
  const { socket } = await listening();
  await cut(socket);
  const session = { id: 's', secret: 'y', resumed: true, received: [1, 2] };
  assert.deepEqual((await reconnected({ session })).of('speak'), []);
});

test('while sound is left it speaks, then it says that it reconnects', async () => {
  const { client, socket, player, states } = await listening();
  for (const message of WHOLE.slice(0, 4)) socket.receive(message);
  player.play(50);
  socket.lose(1006);
  assert.equal(client.state, 'speaking');
  assert.equal(client.position()?.sample, 50);
  player.play(player.written);
  assert.equal(client.state, 'reconnecting');
  await settle();
  await new Promise((resolve) => setTimeout(resolve, 1));
  await reconnected();
  assert.deepEqual(states, ['speaking', 'reconnecting', 'speaking']);
});

test('what is said while there is no connection is said when there is one', async () => {
  const { client, socket } = await connected();
  socket.lose(1006);
  const utterance = client.speak('Hi you');
  assert.equal(client.state, 'reconnecting');
  await new Promise((resolve) => setTimeout(resolve, 1));
  const next = await reconnected();
  await settle();
  assert.deepEqual(
    next.of('speak').map(({ text, utterance: number }) => [text, number]),
    [['Hi you', utterance.number]],
  );
  assert.equal(next.sent[0].session.position.utterance, utterance.number);
});

test('a stop that was not answered is settled here, and told when there is somebody', async () => {
  const { client, socket, player, utterances } = await listening();
  for (const message of WHOLE.slice(0, 4)) socket.receive(message);
  player.play(120);
  const stopping = client.interrupt();
  await settle();
  assert.equal(socket.of('interrupt').length, 2);
  await cut(socket);
  assert.equal((await stopping)?.sample, 120);
  assert.equal((await utterances[0].finished).reason, 'interrupted');
  const next = await reconnected();
  assert.deepEqual(next.of('interrupt'), [
    { type: 'interrupt', utterance: 1, heard: 120 },
    { type: 'interrupt', utterance: 2, heard: 0 },
  ]);
  assert.deepEqual(next.sent[0].session.position.sample, 140);
  const told = { text_spoken: 'Hi', text_remaining: ' you', character: 2 };
  next.receive({ type: 'interrupted', utterance: 1, heard: 120, sent: 140, ...told });
  next.receive({ type: 'utterance_ended', utterance: 1, count: 140, reason: 'interrupted' });
  next.receive({ type: 'interrupted', utterance: 2, heard: 0, sent: 0, ...told });
  for (const utterance of [1, 2]) {
    next.receive({ type: 'warning', code: 'nothing_speaking', message: '', utterance });
  }
  assert.deepEqual([next.closed, client.state], [undefined, 'ready']);
});

test('who stops while there is no connection is answered at once', async () => {
  const { client, socket, player } = await listening();
  for (const message of WHOLE.slice(0, 4)) socket.receive(message);
  player.play(120);
  socket.lose(1006);
  assert.equal((await client.interrupt())?.sample, 120);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal((await reconnected()).of('interrupt')[0].heard, 120);
});

test('there is room for the lead that comes on top of what waits', async () => {
  const { socket, player } = await listening();
  for (const message of WHOLE.slice(0, 5)) socket.receive(message);
  player.play(50);
  await cut(socket);
  await reconnected();
  assert.equal(player.room, 150 + READY.flow.lead_ms + 2000);
});

test('a pause and what was asked hold on the next connection', async () => {
  const { client, socket } = await listening();
  await client.pause();
  const configured = client.configure({ ratePercent: 150 });
  await settle();
  await cut(socket);
  const next = await reconnected();
  assert.deepEqual(next.of('pause').length, 1);
  assert.deepEqual(next.of('configure'), [{ type: 'configure', rate_percent: 150 }]);
  next.receive({ type: 'configured', voice: READY.voice, rate_percent: 150, frames: {} });
  assert.equal((await configured).rate_percent, 150);
});

test('what a server that goes breaks off is gone on with elsewhere', async () => {
  const { client, socket, player, heard, utterances, errors } = await listening();
  for (const message of WHOLE.slice(0, 4)) socket.receive(message);
  socket.receive({ type: 'goaway', in_ms: 100 });
  socket.receive({ type: 'error', code: 'going_away', message: 'no time', utterance: 1 });
  socket.receive({ type: 'segment_ended', utterance: 1, segment: 0, count: 140 });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 140, reason: 'error' });
  socket.receive({ type: 'utterance_started', utterance: 2, at: 140 });
  socket.receive({ type: 'utterance_ended', utterance: 2, count: 0, reason: 'error' });
  await cut(socket, 1012);
  const next = await reconnected();
  const { position } = next.sent[0].session;
  assert.deepEqual([position.utterance, position.sample], [1, 140]);
  for (const message of speechFrom(position, 70)) next.receive(message);
  player.play(player.written);
  assert.deepEqual(heard, undisturbed);
  for (const utterance of utterances) assert.equal((await utterance.finished).reason, 'done');
  assert.deepEqual([client.state, errors], ['ready', []]);
});

test('when the session is gone, what arrived is heard, the rest fails, and there is another one', async () => {
  const { client, socket, player, utterances, errors } = await listening();
  for (const message of WHOLE.slice(0, 4)) socket.receive(message);
  player.play(50);
  await cut(socket);
  const waiting = client.speak('And now?');
  const refused = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  refused.onopen();
  refused.receive({ type: 'error', code: 'not_found', message: 'no such session', fatal: true });
  refused.lose(4404);
  player.play(140);
  await assert.rejects(utterances[0].finished, (/** @type {any} */ error) => {
    assert.deepEqual([error.code, error.heard.sample], ['connection_lost', 140]);
    assert.equal(error.heard.textSpoken, 'Hi');
    return true;
  });
  await assert.rejects(utterances[1].finished, { code: 'connection_lost' });
  const next = await reconnected({ session: READY.session });
  assert.equal(next.sent[0].session, undefined);
  await settle();
  assert.deepEqual(
    next.of('speak').map(({ text, utterance }) => [text, utterance]),
    [['And now?', waiting.number]],
  );
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['connection_lost'],
  );
});

for (const [code, name] of /** @type {[number, string][]} */ ([
  [4400, 'bad_message'],
  [4401, 'unauthorized'],
  [4403, 'forbidden'],
  [4404, 'not_found'],
  [4409, 'taken_over'],
  [1011, 'internal'],
])) {
  test(`a close with ${code} is final`, async () => {
    const { client, socket, utterances, errors } = await listening();
    const opened = FakeSocket.opened.length;
    await cut(socket, code);
    await assert.rejects(utterances[0].finished, { code: name });
    assert.equal(FakeSocket.opened.length, opened);
    assert.deepEqual([client.state, errors[0].code, errors.length], ['idle', name, 1]);
  });
}
