import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bookmarks } from '../src/bookmark.js';
import { LipwireClient, SpokenUtterance } from '../src/index.js';
import { listening, recorded, speechFrom, TEXTS, undisturbed, WHOLE } from './speech.js';
import { connected, FakePlayer, FakeSocket, READY, settle } from './stand-ins.js';

/** @import { TestContext } from 'node:test' */
/** @import { Bookmark } from '../src/bookmark.js' */

/** What is kept between two pages is text. */
const kept = (/** @type {unknown} */ mark) => JSON.parse(JSON.stringify(mark));

/**
 * The next page, before anybody answers it.
 * @param {TestContext} t
 * @param {Bookmark} resume
 */
function opened(t, resume) {
  const player = new FakePlayer();
  const heard = recorded(player);
  const client = new LipwireClient(
    'http://host/v1/stream',
    { resume: kept(resume) },
    {
      Socket: /** @type {any} */ (FakeSocket),
      createPlayer: /** @type {any} */ (async () => player),
    },
  );
  t.after(() => client.close());
  /** @type {any[]} */
  const utterances = [];
  /** @type {number[]} */
  const places = [];
  /** @type {string[]} */
  const words = [];
  /** @type {string[]} */
  const told = [];
  client.on('utterance', (utterance) => {
    utterances.push(utterance);
    places.push(utterance.heard);
    utterance.on('word', ({ text }) => words.push(text));
    utterance.on('started', () => told.push('started'));
    utterance.on('segment', ({ text }) => told.push(text));
  });
  /** @type {any[]} */
  const errors = [];
  client.on('error', (error) => errors.push(error));
  const connecting = client.connect();
  const socket = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  socket.onopen();
  return { client, connecting, player, heard, socket, utterances, places, words, told, errors };
}

/**
 * The same when the server takes it up.
 * @param {TestContext} t
 * @param {Bookmark} resume
 * @param {number[]} [received]
 * @param {object} [granted]
 */
async function reloaded(t, resume, received = [], granted = {}) {
  const page = opened(t, resume);
  const session = { id: 's', secret: 'y', resumed: true, received };
  page.socket.receive({ ...READY, session, ...granted });
  await page.connecting;
  return page;
}

for (let arrived = 0; arrived <= WHOLE.length; arrived++) {
  for (const share of [0, 0.3, 0.5, 1]) {
    test(`a page that is loaded again after ${arrived} messages, ${share} of them heard, goes on with the sample`, async (t) => {
      const before = await listening({ resume: null });
      for (const message of WHOLE.slice(0, arrived)) before.socket.receive(message);
      before.player.play(Math.floor(before.player.written * share));
      const mark = /** @type {Bookmark} */ (before.client.bookmark());
      const done = before.words.length;

      const page = await reloaded(t, mark);
      const { id, secret, position } = page.socket.sent[0].session;
      assert.deepEqual([id, secret], ['s', 'x']);
      for (const message of speechFrom(position, 90)) page.socket.receive(message);
      assert.deepEqual([...undisturbed.slice(0, before.player.heard), ...page.heard], undisturbed);
      page.player.play(page.player.written);
      const open = before.utterances.filter(({ settled }) => !settled);
      assert.deepEqual(
        page.utterances.map(({ number }) => number),
        open.map(({ number }) => number),
      );
      for (const { number, finished } of page.utterances) {
        const { reason, textSpoken, textRemaining } = await finished;
        assert.deepEqual([reason, textSpoken, textRemaining], ['done', TEXTS[number - 1], '']);
      }
      // The word in whose middle it broke off is told to both.
      const all = ['Hi', 'you', 'So', 'it'];
      assert.deepEqual(before.words, all.slice(0, done));
      assert.ok([4 - done, 5 - done].includes(page.words.length), page.words.join());
      assert.deepEqual(page.words, all.slice(4 - page.words.length));
      assert.deepEqual(
        [page.socket.closed, page.client.state, page.errors],
        [undefined, 'ready', []],
      );
    });
  }
}

/** In the middle of its second word, with three more samples there. */
async function interrupted() {
  const made = await listening({ resume: null });
  for (const message of WHOLE.slice(0, 9)) made.socket.receive(message);
  made.player.play(260);
  return { ...made, mark: /** @type {Bookmark} */ (made.client.bookmark()) };
}

test('a page that comes after another knows what was heard before, and tells what is known', async (t) => {
  const { mark } = await interrupted();
  const { utterances, places, words, told, client } = await reloaded(t, mark);
  assert.deepEqual(places, [260, 0]);
  const [first] = utterances;
  assert.deepEqual([first.text, first.heard, first.heardAt(260).textSpoken], ['Hi you', 260, 'Hi']);
  assert.deepEqual(told, ['started', 'you']);
  assert.deepEqual(words, []);
  assert.equal(client.state, 'speaking');
  const { textSpoken, textRemaining, sample } = /** @type {any} */ (await client.interrupt());
  assert.deepEqual([textSpoken, textRemaining, sample], ['Hi', ' you', 260]);
});

test('the face is held as it was posed', async (t) => {
  const { client, socket } = await connected({ resume: null });
  socket.receive({ type: 'posed', emotion: 'sad', gaze: [1, 2], head: [3, 4, 5] });
  const page = await reloaded(t, /** @type {Bookmark} */ (client.bookmark()));
  assert.equal(page.client.face.pose?.emotion, 'sad');
});

test('the time to the first sound is that of the page that heard it', async (t) => {
  const { mark, utterances } = await interrupted();
  const { socket, player, utterances: again } = await reloaded(t, mark);
  for (const message of speechFrom(socket.sent[0].session.position, 90)) socket.receive(message);
  player.play(40);
  assert.equal(again[0].firstSoundMs, utterances[0].firstSoundMs);
  assert.deepEqual(
    socket.of('played').map(({ utterance, sample, first_ms }) => [utterance, sample, first_ms]),
    [[1, 300, utterances[0].firstSoundMs]],
  );
});

test('text that nobody has said to be safe is sent again, with its number, and numbers go on', async (t) => {
  const { socket, client } = await listening({ resume: null });
  socket.receive({ type: 'accepted', number: 1 });
  const page = await reloaded(t, /** @type {Bookmark} */ (client.bookmark()));
  assert.deepEqual(page.socket.of('speak'), [
    { type: 'speak', utterance: 2, text: 'So it', end: true, number: 2 },
  ]);
  page.client.speak('And on');
  await settle();
  const { utterance, number } = page.socket.of('speak')[1];
  assert.deepEqual([utterance, number], [3, 3]);
});

test('a text whose source was lost with its page ends with what was sent of it', async (t) => {
  const { client } = await connected({ resume: null });
  client.speak(
    (async function* () {
      yield 'Once upon ';
      await new Promise(() => {});
    })(),
  );
  await settle();
  const mark = /** @type {Bookmark} */ (client.bookmark());
  const { socket, utterances } = await reloaded(t, mark, [1]);
  assert.deepEqual(socket.of('speak'), [{ type: 'speak', utterance: 1, end: true, number: 2 }]);
  assert.equal(utterances[0].text, 'Once upon ');
});

test('what is said before anybody answers comes after what was begun', async (t) => {
  const { mark } = await interrupted();
  const page = opened(t, mark);
  const said = page.client.speak('And on');
  const session = { id: 's', secret: 'y', resumed: true, received: [1, 2] };
  page.socket.receive({ ...READY, session });
  await page.connecting;
  await settle();
  assert.equal(page.socket.sent[0].session.position.utterance, 1);
  assert.deepEqual([said.number, page.socket.of('speak')[0].utterance], [3, 3]);
  const { client } = page;
  assert.deepEqual(
    /** @type {Bookmark} */ (client.bookmark()).utterances.map(({ number }) => number),
    [1, 2, 3],
  );
});

test('an app that would rather be silent says so', async (t) => {
  const { mark } = await interrupted();
  const { client, socket, player, utterances } = await reloaded(t, mark);
  client.interrupt();
  for (const message of speechFrom(socket.sent[0].session.position, 90)) socket.receive(message);
  await settle();
  assert.deepEqual(
    socket.of('interrupt').map(({ utterance, heard }) => [utterance, heard]),
    [
      [1, 260],
      [2, 0],
    ],
  );
  assert.equal(player.written, 0);
  assert.equal(utterances[0].cut.textSpoken, 'Hi');
});

test('a session that is not there any more is an error, and the next connection another one', async (t) => {
  const { mark } = await interrupted();
  const { client, socket, connecting, utterances, errors } = opened(t, mark);
  socket.receive({ type: 'error', code: 'not_found', message: 'no such session', fatal: true });
  socket.lose(4404);
  await assert.rejects(connecting, { code: 'not_found' });
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['not_found'],
  );
  assert.deepEqual([client.state, client.bookmark(), utterances], ['idle', null, []]);
  client.connect().catch(() => {});
  const next = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  assert.notEqual(next, socket);
  next.onopen();
  assert.equal(next.sent[0].session, undefined);
});

test('a server that cannot be reached costs nobody his bookmark', async (t) => {
  const { mark } = await interrupted();
  const { client, socket, connecting } = opened(t, mark);
  socket.lose(1006);
  await assert.rejects(connecting, { code: 'connection_lost' });
  assert.deepEqual(client.bookmark(), kept(mark));
  client.connect().catch(() => {});
  const next = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  next.onopen();
  assert.deepEqual(next.sent[0].session, kept(mark).session);
});

for (const wrong of [{}, 'abc', 7, { session: { id: 's', secret: 'x', position: {} } }]) {
  test(`${JSON.stringify(wrong)} is no bookmark, and no session is begun instead`, async (t) => {
    const { socket, connecting, client } = opened(t, /** @type {any} */ (wrong));
    socket.receive(READY);
    await assert.rejects(connecting, { code: 'bad_message', message: /null/ });
    assert.equal(socket.closed.code, 1000);
    assert.equal(client.state, 'idle');
  });
}

test('a session that was closed has no bookmark, nor has one of a page that did not ask', async () => {
  const { client } = await connected({ resume: null });
  assert.equal(/** @type {Bookmark} */ (client.bookmark()).session.secret, 'x');
  await client.close();
  assert.equal(client.bookmark(), null);
  assert.equal((await connected()).client.bookmark(), undefined);
});

test('Opus is gone on with at the end of a chunk: what of it was heard comes again', () => {
  const utterance = new SpokenUtterance(7, 0);
  utterance.known = true;
  const conversation = { utterances: new Map([[7, utterance]]), unaccepted: {} };
  const marks = new Bookmarks(
    /** @type {any} */ (conversation),
    /** @type {any} */ ({ on: () => {}, face: {} }),
  );
  const ready = /** @type {any} */ ({ ...READY, audio: { codec: 'opus', sample_rate: 48_000 } });
  const at = (/** @type {number} */ heard) => {
    utterance.hear(heard, 0);
    return marks.of(ready).session.position.sample;
  };
  const segment = { segment: 0, span: [0, 6], start: 100, count: 300, text: 'Hi you', visemes: {} };
  utterance.addSegment(/** @type {any} */ (segment));
  utterance.beginAt(120);
  assert.equal(at(120), 120);
  for (const count of [70, 70, 70]) utterance.arrive(new Float32Array(count));
  assert.deepEqual([at(189), at(190), at(259), at(260), at(330)], [120, 190, 190, 260, 260]);
});
