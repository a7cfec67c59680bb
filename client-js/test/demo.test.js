import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { keyOf } from '../demo/key.js';
import { Moments } from '../demo/moments.js';
import { Network } from '../demo/rough-socket.js';
import { openingOf, Tape, within } from '../demo/tape.js';
import { tokensOf, typed } from '../demo/typist.js';
import { SpokenUtterance } from '../src/spoken-utterance.js';

/** A WebSocket whose other end is the test. */
class Wire {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 3;
  /** @type {Wire[]} */
  static opened = [];
  readyState = Wire.OPEN;
  /** @type {any[]} */
  sent = [];
  /** @type {any} */
  onmessage;
  /** @type {any} */
  onclose;
  /** @type {number | undefined} */
  code;

  constructor() {
    Wire.opened.push(this);
  }

  /** @param {any} data */
  send(data) {
    this.sent.push(data);
  }

  /** @param {number} code */
  close(code) {
    this.code = code;
  }
}

const before = globalThis.WebSocket;

beforeEach(() => {
  Wire.opened = [];
  globalThis.WebSocket = /** @type {any} */ (Wire);
  mock.timers.enable({ apis: ['setTimeout'] });
});

afterEach(() => {
  mock.timers.reset();
  globalThis.WebSocket = before;
});

test('tokens are the text, and no longer than a language model writes them', () => {
  const text = 'A sentence, extraordinarily long \u{1F600}. ';
  const tokens = tokensOf(text);
  assert.equal(tokens.join(''), text);
  assert.ok(tokens.every((token) => [...token.trim()].length <= 6));
});

test('what is typed is the whole text, in order, and each piece is told of', async () => {
  mock.timers.reset();
  /** @type {string[]} */
  const told = [];
  const pieces = [];
  for await (const piece of typed(
    ['a', ' b', ' c'],
    () => 1000,
    (text) => told.push(text),
  )) {
    pieces.push(piece);
  }
  assert.equal(pieces.join(''), 'a b c');
  assert.deepEqual(told, pieces);
});

test('late messages do not overtake each other', () => {
  const network = new Network();
  network.jitterMs = 150;
  const socket = new network.Socket('ws://host');
  /** @type {number[]} */
  const came = [];
  socket.onmessage = ({ data }) => void came.push(data);
  for (let number = 0; number < 50; number++) Wire.opened[0].onmessage({ data: number });
  network.jitterMs = 0;
  Wire.opened[0].onmessage({ data: 50 });
  const now = mock.method(performance, 'now', () => Number.MAX_SAFE_INTEGER);
  mock.timers.tick(1000);
  now.mock.restore();
  assert.deepEqual(came, [...Array(51).keys()]);
});

test('a connection that is cut is closed for both ends, and nobody is reached for a while', () => {
  const network = new Network();
  const socket = new network.Socket('ws://host');
  /** @type {number[]} */
  const codes = [];
  socket.onclose = ({ code }) => void codes.push(code);
  network.cut(60_000);
  assert.deepEqual(codes, [1006]);
  assert.ok((Wire.opened[0].code ?? 0) >= 3000, 'a session that is closed with 1000 is over');

  const refused = new network.Socket('ws://host');
  refused.onclose = ({ code }) => void codes.push(code);
  mock.timers.tick(1000);
  assert.deepEqual(codes, [1006, 1006]);
  assert.equal(Wire.opened.length, 1);
});

test('what is sent is told by its type', () => {
  const network = new Network();
  /** @type {string[]} */
  const types = [];
  network.onSent = (type) => types.push(type);
  const socket = new network.Socket('ws://host');
  // {type: "speak"} in MessagePack.
  socket.send(Uint8Array.from([0x81, 0xa4, ...Buffer.from('type'), 0xa5, ...Buffer.from('speak')]));
  assert.deepEqual(types, ['speak']);
});

test('spans are found by when they are', () => {
  const spans = [0, 10, 20, 30].map((start) => ({ start, end: start + 10 }));
  const starts = (/** @type {number} */ from, /** @type {number} */ to) =>
    within(spans, from, to).map(({ start }) => start);
  assert.deepEqual(starts(10, 20), [10]);
  assert.deepEqual(starts(5, 25), [0, 10, 20]);
  assert.deepEqual(starts(40, 90), []);
  assert.deepEqual(starts(-20, 0), []);
});

test('a mouth is open on vowels and shut on closures', () => {
  const only = (/** @type {number} */ shape) =>
    Array.from({ length: 15 }, (_, i) => +(i === shape));
  assert.equal(openingOf(only(0)), 0);
  assert.equal(openingOf(only(1)), 0);
  assert.equal(openingOf(only(10)), 1);
});

test('a tape has the loudest sample of each hundredth of a second, however the sound is cut', () => {
  const utterance = new SpokenUtterance(1, 0);
  const tape = new Tape(utterance, 1000);
  utterance.arrive(Float32Array.of(0.1, -0.5, 0.2));
  utterance.arrive(Float32Array.of(0.25, ...Array(6).fill(0), 0.75));
  assert.deepEqual(tape.peaks, [0.5, 0.75]);
  assert.equal(tape.loudest, 0.75);
});

test('the stages add up to the first sound', () => {
  const utterance = new SpokenUtterance(1, performance.now());
  const moments = new Moments(utterance, 9);
  moments.sentAt(performance.now());
  moments.written = 4;
  const ledger = { received: 0, queued: 0, phonemized: 0, encoded: 0 };
  utterance.addSegment(/** @type {any} */ ({ ledger, words: [], visemes: {} }));
  utterance.arrive(new Float32Array(10));
  utterance.hear(5, performance.now() + 300);
  assert.equal(moments.unwritten, 5);
  const spent = moments.stages.reduce((sum, { ms }) => sum + ms, 0);
  assert.ok(Math.abs(spent - (moments.sound ?? 0)) < 1);
});

test('a key comes behind the address', () => {
  assert.equal(keyOf('#key=abc'), 'abc');
  assert.equal(keyOf('#session=1&key=a%2Fb'), 'a/b');
  assert.equal(keyOf(''), undefined);
});
