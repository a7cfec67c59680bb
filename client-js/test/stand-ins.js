import { after } from 'node:test';
import { LipwireClient } from '../src/index.js';
import { decode, encode } from '../src/protocol.js';

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  /** @type {FakeSocket[]} */
  static opened = [];
  bufferedAmount = 0;
  /** @type {any[]} */
  sent = [];
  /** @type {any} */
  closed;
  #seq = 0;
  /** @type {any} */
  onopen;
  /** @type {any} */
  onmessage;
  /** @type {any} */
  onclose;

  /**
   * @param {string | URL} url
   * @param {string[]} protocols
   */
  constructor(url, protocols) {
    this.url = String(url);
    this.protocols = protocols;
    FakeSocket.opened.push(this);
  }

  /** @param {Uint8Array} data */
  send(data) {
    this.sent.push(decode(data));
  }

  /** @param {number} code */
  close(code, reason = '') {
    this.closed ??= { code, reason };
  }

  /** @param {any} message */
  receive(message) {
    const data = encode({ seq: this.#seq++, ...message });
    this.onmessage({ data: data.slice().buffer });
  }

  /** @param {number} code */
  lose(code, reason = '') {
    this.onclose({ code, reason });
  }

  /** @param {string} type */
  of(type) {
    return this.sent.filter((message) => message.type === type);
  }
}

/** A player that has played as much as the test says. */
export class FakePlayer {
  sampleRate = 1000;
  state = 'running';
  written = 0;
  heard = 0;
  room = 0;
  /** @type {any} */
  last = { underruns: 0, buffered: 0 };
  held = false;
  /** @type {((report: any) => void)[]} */
  #listeners = [];

  /**
   * @param {string} name
   * @param {(report: any) => void} listener
   */
  on(name, listener) {
    if (name === 'report') this.#listeners.push(listener);
    return () => {};
  }

  /** @param {Float32Array<ArrayBuffer>} samples */
  write(samples) {
    const position = this.written;
    this.written += samples.length;
    structuredClone(samples, { transfer: [samples.buffer] });
    return position;
  }

  complete() {}

  /** @param {number} ms */
  grow(ms) {
    this.room = ms;
  }

  /** @param {boolean} held */
  hold(held) {
    this.held = held;
  }

  get blocked() {
    return this.state !== 'running' && this.written > 0;
  }

  async flush() {
    const end = this.heard;
    this.heard = this.written;
    return end;
  }

  heardAt() {
    return performance.now();
  }

  async unlock() {
    this.state = 'running';
  }

  async close() {}

  stats() {
    return {};
  }

  /** @param {number} heard */
  play(heard) {
    this.heard = heard;
    for (const listener of this.#listeners) listener({ type: 'clock', ...this.last });
  }
}

export const READY = {
  type: 'ready',
  session: { id: 's', secret: 'x', resumed: false, received: [] },
  voice: { name: 'joe', language: 'en-US', sample_rate: 1000, speakers: 1 },
  audio: { codec: 'pcm_s16le', sample_rate: 1000 },
  timing: {},
  sets: {},
  frames: {},
  flow: { mode: 'played', lead_ms: 3000 },
  text: {},
  rate_percent: 100,
  seed: 0,
  limits: { message_text: 20, waiting_text: 1000 },
  features: [],
};

/**
 * The connection that a client has made after the one that it lost, when the server takes the session up.
 * @param {object} [ready]
 */
export async function reconnected(ready = {}) {
  const socket = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  socket.onopen();
  const session = { id: 's', secret: 'y', resumed: true, received: [] };
  socket.receive({ ...READY, session, ...ready });
  await settle();
  return socket;
}

/**
 * The session is gone with the connection, and the client has another one.
 * @param {FakeSocket} socket
 * @param {object} [ready]
 */
export async function begunAgain(socket, ready = {}) {
  socket.lose(1006);
  await new Promise((resolve) => setTimeout(resolve, 1));
  const refused = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  refused.onopen();
  refused.receive({ type: 'error', code: 'not_found', message: 'no such session', fatal: true });
  refused.lose(4404);
  return reconnected({ session: READY.session, ...ready });
}

/** @type {LipwireClient[]} */
const clients = [];
// Who still waits for a server would keep the tests waiting, too.
after(() => Promise.all(clients.map((client) => client.close())));

/** Lets everything that is ready to go on do so. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/**
 * A client that is connected to a server whose part the test plays.
 * @param {import('../src/hello.js').ClientOptions} [options]
 * @param {object} [limits]
 * @param {() => number} [now]
 * @param {object} [granted] what it says other than `READY`
 */
export async function connected(
  options = {},
  limits = READY.limits,
  now = undefined,
  granted = {},
) {
  const player = new FakePlayer();
  const client = new LipwireClient('http://host/v1/stream', options, {
    Socket: /** @type {any} */ (FakeSocket),
    createPlayer: /** @type {any} */ (async () => player),
    now,
    random: () => 0.5,
  });
  clients.push(client);
  /** @type {any[]} */
  const errors = [];
  client.on('error', (error) => errors.push(error));
  const ready = client.connect();
  const socket = /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  socket.onopen();
  socket.receive({ ...READY, limits, ...granted });
  await ready;
  return { client, socket, player, errors };
}

/**
 * `Hi you` in one segment of 200 samples.
 * @param {FakeSocket} socket
 */
export function sendSpeech(socket, { end = true, utterance = 1, sent = 200 } = {}) {
  const ledger = { received: 0, queued: 0, phonemized: 0, encoded: 0 };
  socket.receive({ type: 'utterance_started', utterance, at: 0 });
  socket.receive({
    type: 'segment',
    utterance,
    segment: 0,
    start: 0,
    count: 200,
    text: 'Hi you',
    span: [0, 6],
    words: [
      ['Hi', 0, 2, 0, 100],
      ['you', 3, 6, 100, 100],
    ],
    visemes: { oculus: [[10, 0, 200, 255]] },
    ledger,
  });
  const audio = new Uint8Array(200);
  socket.receive({ type: 'chunk', utterance, segment: 0, start: 0, count: 100, audio });
  if (sent > 100) {
    socket.receive({ type: 'chunk', utterance, segment: 0, start: 100, count: 100, audio });
  }
  if (!end) return;
  const frames = { sent: 0, dropped: 0 };
  const cached = false;
  socket.receive({
    type: 'segment_ended',
    utterance,
    segment: 0,
    count: 200,
    ledger,
    frames,
    cached,
  });
  socket.receive({ type: 'utterance_ended', utterance, count: 200, reason: 'done' });
}
