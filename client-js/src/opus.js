/**
 * Opus for those who ask for it: the browser decodes it. What was decoded is the segment, sample for
 * sample, so nobody behind this knows how the sound came.
 */
import { LipwireError } from './errors.js';

/** @import { Chunk, ServerMessage } from './messages.js' */

/** Decoders of browsers give this rate, whatever was encoded, and 2.5 ms before the first sample. */
const RATE = 48_000;
const DELAY = 120;
const PACKET_MICROSECONDS = 20_000;
const CONFIG = { codec: 'opus', sampleRate: RATE, numberOfChannels: 1 };

/** Passes messages on in the order in which they come: those behind sound wait until it is decoded. */
export class OpusReader {
  #complain;
  /** @type {Promise<void> | undefined} */
  #reading;
  /** Grows when what is on its way is to be forgotten. */
  #era = 0;
  /** @type {OpusStream | undefined} */
  #stream;
  /** Where the segment begins. */
  #start = 0;

  /** @param {(error: LipwireError) => void} complain */
  static async create(complain) {
    const { supported } = await AudioDecoder.isConfigSupported(CONFIG);
    if (!supported)
      throw new LipwireError(
        'unsupported',
        'the AudioDecoder of this browser knows no Opus: ask for no codec',
      );
    return new OpusReader(complain);
  }

  /** @param {(error: LipwireError) => void} complain */
  constructor(complain) {
    this.#complain = complain;
  }

  /**
   * @param {ServerMessage} message
   * @param {(message: ServerMessage) => void} deliver
   */
  read(message, deliver) {
    const decoded = this.#decode(message);
    if (!decoded && !this.#reading) {
      deliver(message);
      return;
    }
    const era = this.#era;
    const reading = (this.#reading ?? Promise.resolve()).then(async () => {
      const ready = (await decoded) ?? message;
      if (era !== this.#era) return;
      if (this.#reading === reading) this.#reading = undefined;
      deliver(ready);
    });
    this.#reading = reading;
  }

  /** What has not been passed on comes again, or nobody waits for it. */
  forget() {
    this.#era += 1;
    this.#reading = undefined;
  }

  /**
   * @param {ServerMessage} message
   * @returns {Promise<Chunk> | undefined}
   */
  #decode(message) {
    if (message.type === 'segment') this.#turn((this.#start = message.start));
    else if (message.type === 'segment_ended') this.#stream?.finish();
    else if (message.type === 'chunk' && Array.isArray(message.audio)) {
      const { start } = message;
      // A packet is understood without those before it, if not to the last bit.
      if (this.#stream?.next !== start) this.#turn(start);
      const stream = /** @type {OpusStream} */ (this.#stream);
      return stream.decode(message).then((audio) => ({ ...message, audio }));
    }
    return undefined;
  }

  /** @param {number} start */
  #turn(start) {
    this.#stream?.finish();
    const delay = start === this.#start ? DELAY : 0;
    this.#stream = new OpusStream(start, delay, this.#complain);
  }
}

/** The decoder of a segment. What it cannot decode is silence: positions hold whatever comes. */
class OpusStream {
  /** Where the next chunk begins. */
  next;
  #decoder;
  #packets = 0;
  /** Samples before the first. */
  #delay;
  /** @type {Float32Array[]} */
  #decoded = [];
  #available = 0;
  #over = false;
  /** @type {(() => void) | undefined} */
  #wake;
  #last = Promise.resolve(new Float32Array());

  /**
   * @param {number} start
   * @param {number} delay
   * @param {(error: LipwireError) => void} complain
   */
  constructor(start, delay, complain) {
    this.next = start;
    this.#delay = delay;
    this.#decoder = new AudioDecoder({
      output: (data) => this.#take(data),
      error: (cause) => {
        this.#end();
        complain(new LipwireError('bad_message', 'the sound cannot be decoded', { cause }));
      },
    });
    this.#decoder.configure(CONFIG);
  }

  /**
   * @param {Chunk} chunk
   * @returns {Promise<Float32Array<ArrayBuffer>>} as many samples as the chunk counts
   */
  decode({ start, count, audio }) {
    this.next = start + count;
    for (const data of /** @type {Uint8Array<ArrayBuffer>[]} */ (audio)) {
      if (this.#decoder.state !== 'configured') break;
      const timestamp = this.#packets++ * PACKET_MICROSECONDS;
      this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data }));
    }
    this.#last = this.#last.then(() => this.#collect(count));
    return this.#last;
  }

  /** No packet follows: what the decoder keeps back comes now. */
  finish() {
    if (this.#decoder.state !== 'configured') return;
    this.#decoder.flush().then(
      () => {
        this.#end();
        this.#decoder.close();
      },
      () => this.#end(),
    );
  }

  /** @param {AudioData} data */
  #take(data) {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    data.close();
    this.#decoded.push(samples);
    this.#available += samples.length;
    this.#wake?.();
  }

  #end() {
    this.#over = true;
    this.#wake?.();
  }

  /** @param {number} count */
  async #collect(count) {
    while (!this.#over && this.#available < this.#delay + count) {
      await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
    }
    this.#drop(this.#delay);
    this.#delay = 0;
    const samples = new Float32Array(count);
    let filled = 0;
    for (const decoded of this.#decoded) {
      if (filled === count) break;
      samples.set(decoded.subarray(0, count - filled), filled);
      filled = Math.min(count, filled + decoded.length);
    }
    this.#drop(count);
    return samples;
  }

  /** @param {number} count */
  #drop(count) {
    this.#available = Math.max(0, this.#available - count);
    while (count > 0 && this.#decoded.length > 0) {
      const [first] = this.#decoded;
      if (first.length > count) this.#decoded[0] = first.subarray(count);
      else this.#decoded.shift();
      count -= first.length;
    }
  }
}
