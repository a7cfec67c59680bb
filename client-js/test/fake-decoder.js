import { beforeEach } from 'node:test';

/** Samples in a packet. */
export const PACKET = 960;
const DELAY = 120;
/** What a packet sounds like to a decoder that has not heard the one before it: nearly the same. */
export const COLD = 0.25;

/** A decoder whose packets hold their numbers: it gives the numbers of their samples, 120 late as Opus is. */
export class FakeDecoder {
  /** @type {FakeDecoder[]} */
  static made = [];
  state = 'unconfigured';
  /** @type {(() => void)[]} */
  work = [];
  #last = -1;

  static async isConfigSupported() {
    return { supported: true };
  }

  /** Every decoder there is does what it was given. */
  static runAll() {
    for (const decoder of FakeDecoder.made) decoder.run();
  }

  /** @param {{output: (data: any) => void, error: (error: Error) => void}} callbacks */
  constructor({ output, error }) {
    this.output = output;
    this.error = error;
    FakeDecoder.made.push(this);
  }

  configure() {
    this.state = 'configured';
  }

  /** @param {{data: Uint8Array}} chunk */
  decode({ data: [number] }) {
    this.work.push(() => {
      const from = number * PACKET - DELAY + (this.#last === number - 1 ? 0 : COLD);
      this.#last = number;
      this.output({
        numberOfFrames: PACKET,
        copyTo: (/** @type {Float32Array} */ into) => into.forEach((_, i) => (into[i] = from + i)),
        close: () => {},
      });
    });
  }

  run() {
    for (const task of this.work.splice(0)) task();
  }

  async flush() {
    this.run();
  }

  close() {
    this.state = 'closed';
  }
}

beforeEach(() => {
  FakeDecoder.made = [];
  Object.assign(globalThis, {
    AudioDecoder: FakeDecoder,
    EncodedAudioChunk: class {
      /** @param {object} init */
      constructor(init) {
        Object.assign(this, init);
      }
    },
  });
});
