import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, sendSpeech, settle } from './stand-ins.js';

/** A text source that gives what the test says, or fails. */
function source() {
  /** @type {ReadableStreamDefaultController<string>} */
  let controller = /** @type {any} */ (undefined);
  const stream = new ReadableStream({
    start(given) {
      controller = given;
    },
  });
  return { stream, controller };
}

const interrupted = {
  type: 'interrupted',
  utterance: 1,
  heard: 120,
  sent: 300,
  text_spoken: 'Hi',
  text_remaining: ' you',
  character: 2,
};

test('a source that fails ends its utterance at the server, and the sound of it', async () => {
  const { client, socket, player, errors } = await connected();
  const { stream, controller } = source();
  const utterance = client.speak(stream);
  controller.enqueue('Hi you');
  await settle();
  sendSpeech(socket, { end: false });
  player.play(120);
  /** @type {any[]} */
  const cuts = [];
  utterance.on('interrupted', (cut) => cuts.push(cut));

  controller.error(new Error('the model died'));
  await assert.rejects(utterance.finished, { code: 'internal' });
  await settle();
  assert.deepEqual(socket.of('interrupt'), [{ type: 'interrupt', utterance: 1, heard: 120 }]);
  assert.equal(player.heard, player.written);
  assert.equal(client.state, 'ready');
  assert.equal(errors.length, 1);

  socket.receive({
    type: 'chunk',
    utterance: 1,
    segment: 0,
    start: 200,
    count: 100,
    audio: new Uint8Array(200),
  });
  assert.equal(player.written, 200);
  socket.receive(interrupted);
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 300, reason: 'interrupted' });
  assert.equal(socket.closed, undefined);
  assert.deepEqual(
    cuts.map(({ textSpoken }) => textSpoken),
    ['Hi'],
  );
});

test('what was spoken before a source that fails is heard to its end', async () => {
  const { client, socket, player } = await connected();
  const first = client.speak('Hi you');
  const { stream, controller } = source();
  const second = client.speak(stream);
  controller.enqueue('Hi you');
  await settle();
  sendSpeech(socket);
  sendSpeech(socket, { utterance: 2, end: false });
  player.play(120);
  controller.error(new Error('the model died'));
  await assert.rejects(second.finished);
  await settle();
  assert.deepEqual(socket.of('interrupt'), []);
  player.play(200);
  assert.equal((await first.finished).reason, 'done');
  await settle();
  assert.deepEqual(socket.of('interrupt'), [{ type: 'interrupt', utterance: 2, heard: 0 }]);
  assert.equal(player.heard, player.written);
});

test('a source that fails before its turn leaves what is heard alone', async () => {
  const { client, socket, player } = await connected();
  const first = client.speak('Hi you');
  const { stream, controller } = source();
  const second = client.speak(stream);
  controller.enqueue('More.');
  await settle();
  sendSpeech(socket, { end: false });
  player.play(50);
  controller.error(new Error('the model died'));
  await assert.rejects(second.finished);
  await settle();
  assert.deepEqual(socket.of('interrupt'), [{ type: 'interrupt', utterance: 2, heard: 0 }]);
  assert.equal(player.heard, 50);
  assert.equal(first.settled, false);
});

test('a source that fails before it gave anything is nothing to the server', async () => {
  const { client, socket } = await connected();
  const { stream, controller } = source();
  const { finished } = client.speak(stream);
  await settle();
  controller.error(new Error('the model died'));
  await assert.rejects(finished);
  await settle();
  assert.deepEqual(socket.of('interrupt'), []);
});

test('a source that fails once its utterance was stopped is no error', async () => {
  const { client, socket, errors } = await connected();
  const { stream, controller } = source();
  const { finished } = client.speak(stream);
  controller.enqueue('Hi you');
  await settle();
  const stopping = client.interrupt();
  controller.error(new Error('aborted'));
  await settle();
  socket.receive({ ...interrupted, heard: 0 });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 0, reason: 'interrupted' });
  await stopping;
  assert.equal((await finished).reason, 'interrupted');
  assert.deepEqual(errors, []);
});

for (const state of ['before its turn', 'in its turn']) {
  test(`a piece that is refused ${state} ends its utterance`, async () => {
    const { client, socket, errors } = await connected();
    /** @type {any[]} */
    const warnings = [];
    client.on('warning', (warning) => warnings.push(warning));
    const { stream, controller } = source();
    const { finished } = client.speak(stream);
    controller.enqueue('Hi ');
    await settle();
    if (state === 'in its turn') {
      socket.receive({ type: 'utterance_started', utterance: 1, at: 0 });
    }
    socket.receive({ type: 'error', code: 'text_limit', message: 'too much', utterance: 1 });
    await assert.rejects(finished, { code: 'text_limit' });
    controller.enqueue('you');
    await settle();
    assert.deepEqual(
      socket.of('speak').map(({ text }) => text),
      ['Hi '],
    );
    assert.deepEqual(socket.of('interrupt'), [{ type: 'interrupt', utterance: 1, heard: 0 }]);
    // If it was the first piece, the server knows nothing of it.
    const message = 'nothing is being spoken';
    socket.receive({ type: 'warning', code: 'nothing_speaking', message, utterance: 1 });
    assert.deepEqual(warnings, []);
    assert.equal(errors.length, 1);
    assert.equal(client.state, 'ready');
  });
}

test('what the server has no room for is rejected, and says when to come back', async () => {
  const { client, socket } = await connected();
  const refused = client.speak('Hi you');
  await settle();
  socket.receive({ type: 'utterance_started', utterance: 1, at: 0 });
  const error = { type: 'error', code: 'overloaded', message: 'no room', retry_after_ms: 700 };
  socket.receive({ ...error, utterance: 1 });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 0, reason: 'error' });
  await assert.rejects(refused.finished, { code: 'overloaded', retryAfterMs: 700 });
});

test('nothing is kept of what failed', async () => {
  const { client, socket } = await connected();
  const failing = client.speak('Hi you');
  await settle();
  socket.receive({ type: 'utterance_started', utterance: 1, at: 0 });
  socket.receive({ type: 'error', code: 'synthesis_failed', message: 'no', utterance: 1 });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 0, reason: 'error' });
  await assert.rejects(failing.finished, { code: 'synthesis_failed' });
  // For an utterance that it still had, this would break the order.
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 0, reason: 'error' });
  assert.equal(socket.closed, undefined);
});

test('a connection that is lost meanwhile is asked for nothing', async () => {
  const { client, socket, player } = await connected();
  const first = client.speak('Hi you');
  const { stream, controller } = source();
  const second = client.speak(stream);
  controller.enqueue('Hi you');
  await settle();
  sendSpeech(socket);
  sendSpeech(socket, { utterance: 2, end: false });
  player.play(50);
  controller.error(new Error('the model died'));
  await assert.rejects(second.finished);
  socket.lose(1006);
  player.play(200);
  assert.equal((await first.finished).reason, 'done');
  await settle();
  assert.deepEqual(socket.of('interrupt'), []);
});

test('an utterance that has no text yet is not overtaken: the server would refuse it', async () => {
  const { client, socket } = await connected();
  const { stream, controller } = source();
  client.speak(stream);
  client.speak('Two.');
  await settle();
  assert.deepEqual(socket.of('speak'), []);
  controller.enqueue('One.');
  await settle();
  assert.deepEqual(
    socket.of('speak').map(({ utterance }) => utterance),
    [1, 2],
  );
});

test('of a segment that falls short, only what was sent is said, heard and seen', async () => {
  const { client, socket, player, errors } = await connected();
  const utterance = client.speak('Hi you. Go!');
  /** @type {string[]} */
  const words = [];
  utterance.on('word', ({ text }) => words.push(text));
  await settle();
  const ledger = { received: 0, queued: 0, phonemized: 0, encoded: 0 };
  socket.receive({ type: 'utterance_started', utterance: 1, at: 0 });
  const segment = { type: 'segment', utterance: 1, segment: 0, start: 0, count: 300, ledger };
  socket.receive({
    ...segment,
    text: 'Hi you.',
    span: [0, 7],
    words: [
      ['Hi', 0, 2, 0, 100],
      ['you', 3, 6, 100, 200],
    ],
    visemes: {
      oculus: [
        [10, 0, 80, 255],
        [1, 100, 200, 255],
      ],
    },
  });
  const audio = new Uint8Array(200);
  const chunk = { type: 'chunk', utterance: 1, segment: 0, start: 0, count: 100, audio };
  socket.receive(chunk);
  socket.receive({ type: 'error', code: 'synthesis_failed', message: 'no', utterance: 1 });
  socket.receive({ type: 'segment_ended', utterance: 1, segment: 0, count: 100 });
  socket.receive({
    ...segment,
    segment: 1,
    start: 100,
    count: 100,
    text: 'Go!',
    span: [8, 11],
    words: [['Go', 8, 10, 140, 60]],
    visemes: { oculus: [[14, 100, 100, 255]] },
  });
  socket.receive({ ...chunk, segment: 1, start: 100 });
  assert.deepEqual(
    utterance.segments.map(({ start, count, words }) => [start, count, words?.length]),
    [
      [0, 100, 1],
      [100, 100, 1],
    ],
  );
  player.play(130);
  assert.deepEqual(words, ['Hi']);
  assert.equal(utterance.heardAt(130).textSpoken, 'Hi');
  assert.ok(client.face.mouth().weights[1] === 0);
  player.play(190);
  assert.deepEqual(words, ['Hi', 'Go']);
  socket.receive({ type: 'segment_ended', utterance: 1, segment: 1, count: 100 });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 200, reason: 'done' });
  player.play(200);
  assert.equal((await utterance.finished).sample, 200);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['synthesis_failed'],
  );
});

test('the words of a last segment that failed do not count as heard', async () => {
  const { client, socket, player } = await connected();
  const utterance = client.speak('Hi you');
  await settle();
  sendSpeech(socket, { end: false, sent: 100 });
  socket.receive({ type: 'error', code: 'synthesis_failed', message: 'no', utterance: 1 });
  socket.receive({ type: 'segment_ended', utterance: 1, segment: 0, count: 100 });
  socket.receive({ type: 'utterance_ended', utterance: 1, count: 100, reason: 'done' });
  player.play(100);
  const { textSpoken, textRemaining } = await utterance.finished;
  assert.deepEqual([textSpoken, textRemaining], ['Hi', ' you']);
});
