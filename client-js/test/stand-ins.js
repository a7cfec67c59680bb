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
  /** @type {any} */
  last = { underruns: 0, buffered: 0 };
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
