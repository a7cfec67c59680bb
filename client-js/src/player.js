import { HeardClock } from './clock.js';
import { Emitter } from './emitter.js';
import { LipwireError } from './errors.js';
import workletSource from './player.worklet.inline.js';
import { PositionTrack } from './position-track.js';

/**
 * What the worklet says, about ten times a second and whenever something changes.
 * @typedef {object} WorkletReport
 * @property {'clock' | 'start' | 'underrun' | 'idle' | 'flushed' | 'overflow'} type
 * @property {number} frame
 * @property {number} position
 * @property {boolean} playing
 * @property {number} buffered samples that wait to be played
 * @property {number} rendered samples that were played
 * @property {number} underruns
 * @property {number} overflow samples that were refused
 */

/**
 * @typedef {object} PlayerEvents
 * @property {WorkletReport} report
 * @property {AudioContextState | 'interrupted'} state
 */

/** How long to wait for the worklet's word on where it stopped; a busy page may be late to hear it. */
const FLUSH_MS = 100;

/**
 * Plays one long row of samples and knows which of them is heard.
 * @extends {Emitter<PlayerEvents>}
 */
export class Player extends Emitter {
  #context;
  #node;
  #clock;
  #track = new PositionTrack();
  #written = 0;
  #rendered = 0;
  /** @type {WorkletReport} */
  #last = {
    type: 'clock',
    frame: 0,
    position: 0,
    playing: false,
    buffered: 0,
    rendered: 0,
    underruns: 0,
    overflow: 0,
  };

  /**
   * @param {{sampleRate: number, bufferMs: number, workletUrl?: string}} options
   */
  static async create({ sampleRate, bufferMs, workletUrl }) {
    const context = openContext(sampleRate);
    try {
      await addWorklet(context, workletUrl);
    } catch (error) {
      await context.close();
      throw error;
    }
    return new Player(context, Math.ceil((bufferMs / 1000) * sampleRate));
  }

  /**
   * @param {AudioContext} context
   * @param {number} capacity
   */
  constructor(context, capacity) {
    super();
    this.#context = context;
    this.#clock = new HeardClock(context);
    this.#node = new AudioWorkletNode(context, 'lipwire-player', {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { capacity },
    });
    this.#node.port.onmessage = ({ data }) => this.#receive(data);
    this.#node.connect(context.destination);
    context.onstatechange = () => this.emit('state', context.state);
  }

  get sampleRate() {
    return this.#context.sampleRate;
  }

  get state() {
    return this.#context.state;
  }

  /** For graphs of the page's own: analysers, recorders. */
  get node() {
    return this.#node;
  }

  /** Samples that were given to play. */
  get written() {
    return this.#written;
  }

  /** The position that is heard now. */
  get heard() {
    const frame = Math.round(this.#clock.seconds * this.sampleRate);
    return Math.min(this.#track.positionAt(frame), this.#written);
  }

  get last() {
    return this.#last;
  }

  /** Lets sound out; browsers allow it in a click, a tap or a key press only. */
  async unlock() {
    if (this.state !== 'running') await this.#context.resume();
  }

  /**
   * Takes the samples over; answers where the first of them lies.
   * @param {Float32Array<ArrayBuffer>} samples
   */
  write(samples) {
    const position = this.#written;
    this.#written += samples.length;
    this.#node.port.postMessage({ type: 'write', samples }, [samples.buffer]);
    return position;
  }

  /**
   * Makes room for more than was agreed on.
   * @param {number} ms
   */
  grow(ms) {
    const capacity = Math.ceil((ms / 1000) * this.sampleRate);
    this.#node.port.postMessage({ type: 'grow', capacity });
  }

  /** Says that nothing is missing so far: running dry here is an end, no underrun. */
  complete() {
    this.#node.port.postMessage({ type: 'complete' });
  }

  /**
   * Stops and throws away what waits; answers the position at which the sound ends.
   * @returns {Promise<number>}
   */
  flush() {
    const { state } = this;
    this.#node.port.postMessage({ type: 'flush' });
    if (state !== 'running') return Promise.resolve(this.heard);
    return new Promise((resolve) => {
      const off = this.on('report', (report) => {
        if (report.type === 'flushed') done(report.position);
      });
      const timer = setTimeout(() => done(this.heard), FLUSH_MS);
      const done = (/** @type {number} */ position) => {
        off();
        clearTimeout(timer);
        resolve(position);
      };
    });
  }

  /**
   * When a position is or was heard, on the clock of `performance.now()`.
   * @param {number} position
   */
  heardAt(position) {
    const ahead = this.#track.frameAt(position) / this.sampleRate - this.#clock.seconds;
    return performance.now() + ahead * 1000;
  }

  stats() {
    const { buffered, underruns, overflow } = this.#last;
    return {
      written: this.#written,
      played: this.#rendered,
      bufferedMs: Math.round((buffered * 1000) / this.sampleRate),
      underruns,
      overflow,
      context: this.state,
      sampleRate: this.sampleRate,
    };
  }

  async close() {
    this.#node.port.onmessage = null;
    this.#node.disconnect();
    this.#context.onstatechange = null;
    await this.#context.close();
  }

  /** @param {WorkletReport} report */
  #receive(report) {
    this.#last = report;
    this.#rendered = report.rendered;
    this.#track.mark(report.frame, report.position, report.playing);
    this.emit('report', report);
  }
}

/** @param {number} sampleRate */
function openContext(sampleRate) {
  try {
    // At the stream's own rate: the browser's resampler is better than ours would be.
    return new AudioContext({ sampleRate, latencyHint: 'interactive' });
  } catch (cause) {
    throw new LipwireError('audio_unavailable', `this browser plays no sound at ${sampleRate} Hz`, {
      cause,
    });
  }
}

/**
 * @param {AudioContext} context
 * @param {string} [workletUrl]
 */
async function addWorklet(context, workletUrl) {
  if (!context.audioWorklet) {
    throw new LipwireError(
      'audio_unavailable',
      'this page has no AudioWorklet: open it over https or on localhost',
    );
  }
  // The file is next to this one, unless a bundler has left it behind.
  if (!workletUrl && (await mayAdd(context, besideThis()))) return;
  const url =
    workletUrl ?? URL.createObjectURL(new Blob([workletSource], { type: 'text/javascript' }));
  try {
    await context.audioWorklet.addModule(url);
  } catch (cause) {
    const hint = workletUrl
      ? `no audio worklet at workletUrl ${workletUrl}`
      : 'there is no player.worklet.js next to the client, and the page may not load the audio ' +
        'worklet from a blob (Content-Security-Policy): serve that file and pass its address as ' +
        'workletUrl';
    throw new LipwireError('worklet_unavailable', hint, { cause });
  } finally {
    if (!workletUrl) URL.revokeObjectURL(url);
  }
}

/** Where the worklet's file is when nothing was bundled; undefined when that cannot be told. */
function besideThis() {
  try {
    return new URL('./player.worklet.js', import.meta.url).href;
  } catch {
    return undefined;
  }
}

/**
 * @param {AudioContext} context
 * @param {string | undefined} url
 */
async function mayAdd(context, url) {
  if (!url) return false;
  try {
    await context.audioWorklet.addModule(url);
    return true;
  } catch {
    return false;
  }
}
