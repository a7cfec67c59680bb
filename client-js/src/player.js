import { HeardClock } from './clock.js';
import { Emitter } from './emitter.js';
import { LipwireError } from './errors.js';
import { Output } from './output.js';
import { PositionTrack } from './position-track.js';

/** @import { OutputOptions } from './output.js' */
/** @import { Silence } from './silence.js' */

/**
 * What the worklet says, about ten times a second and whenever something changes.
 * @typedef {object} WorkletReport
 * @property {'clock' | 'start' | 'underrun' | 'idle' | 'held' | 'flushed' | 'overflow'} type
 * @property {number} frame
 * @property {number} position
 * @property {boolean} playing
 * @property {number} buffered samples that wait to be played
 * @property {number} rendered samples that were played
 * @property {number} underruns
 * @property {number} underrunMs for how long there was nothing to play
 * @property {number} overflow samples that were refused
 */
/** @typedef {Float32Array<ArrayBuffer>} Samples */
/**
 * A browser may say how its own playing does.
 * @typedef {AudioContext & {playbackStats?: {
 *   underrunEvents: number, underrunDuration: number, averageLatency: number,
 * }}} Telling
 */
/** @typedef {OutputOptions & {silentWhenBlocked?: boolean, autoUnlock?: boolean}} PlayerOptions */

/**
 * @typedef {object} PlayerEvents
 * @property {WorkletReport} report
 * @property {AudioContextState | 'none'} state
 */

/** What people do that browsers let sound out for. */
const GESTURES = ['pointerup', 'keydown', 'touchend'];
/** How long to wait for the worklet's word on where it stopped; a busy page may be late to hear it. */
const FLUSH_MS = 1000;
/** A context that may play takes a moment to begin, which is no reason to go on without it. */
const GRACE_MS = 300;

/**
 * Plays one long row of samples and knows which of them is heard.
 * @extends {Emitter<PlayerEvents>}
 */
export class Player extends Emitter {
  sampleRate;
  /** @type {LipwireError | undefined} why there is no sound, and only the face moves */
  failure;
  #output;
  #clock;
  #track;
  #silentWhenBlocked;
  #written = 0;
  #completed = 0;
  #heard = 0;
  #held = false;
  /** @type {Silence | undefined} */
  #silence;
  #silentSamples = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #grace;
  /** @type {number | undefined} when something came after nothing */
  #begun;
  /** @type {number | undefined} */
  #startDelayMs;
  #onDevices = () => this.#changed();
  #onGesture = () => {
    if (this.blocked) this.unlock();
  };
  /** @type {Omit<WorkletReport, 'type' | 'frame' | 'position' | 'playing'>} */
  #last = { buffered: 0, rendered: 0, underruns: 0, underrunMs: 0, overflow: 0 };

  /** @param {PlayerOptions} options */
  static async create(options) {
    try {
      return new Player(options, await Output.open(options));
    } catch (error) {
      const known = error instanceof LipwireError && error.code === 'audio_unavailable';
      if (!known || options.silentWhenBlocked === false) throw error;
      const player = new Player(options, undefined, error);
      await player.#fallSilent();
      return player;
    }
  }

  /**
   * @param {PlayerOptions} options
   * @param {Output} [output]
   * @param {LipwireError} [failure]
   */
  constructor(options, output, failure) {
    const { sampleRate, silentWhenBlocked = true, autoUnlock = true } = options;
    super();
    this.sampleRate = sampleRate;
    this.failure = failure;
    this.#silentWhenBlocked = silentWhenBlocked;
    this.#output = output;
    this.#clock = output && new HeardClock(output.context);
    this.#track = new PositionTrack(sampleRate / this.#rate);
    if (!output) return;
    output.node.port.onmessage = ({ data }) => this.#receive(data);
    const shared = options.audioContext || options.destination;
    this.#listen('add', autoUnlock && !shared ? GESTURES : []);
  }

  /** @returns {AudioContextState | 'none'} */
  get state() {
    return this.#output?.context.state ?? 'none';
  }

  /** There could be sound, but the browser waits for a click, or the telephone has it. */
  get blocked() {
    return this.state !== 'running' && this.state !== 'none' && this.#written > 0;
  }

  get output() {
    return this.#output;
  }

  /** Samples that were given to play. */
  get written() {
    return this.#written;
  }

  /** The position that is heard now, or would be; it never goes back. */
  get heard() {
    const position = this.#silence?.position ?? this.#track.positionAt(this.#frame);
    return (this.#heard = Math.max(this.#heard, Math.min(Math.floor(position), this.#written)));
  }

  get last() {
    return this.#last;
  }

  /** @param {number} ms how much later than the browser says the sound is heard */
  set avOffsetMs(ms) {
    if (this.#clock) this.#clock.offsetMs = ms;
  }

  /** Lets sound out; browsers allow it in a click, a tap or a key press only. */
  async unlock() {
    if (this.state !== 'running') await this.#output?.context.resume();
  }

  /** @param {boolean} held */
  hold(held) {
    this.#held = held;
    if (this.#silence) this.#silence.hold(held);
    else this.#post({ type: 'hold', held });
    this.#still();
  }

  /**
   * Takes the samples over; answers where the first of them lies.
   * @param {Samples} samples
   */
  write(samples) {
    const position = this.#written;
    if (this.heard === position) {
      this.#begun = performance.now();
      this.#still();
    }
    this.#written += samples.length;
    if (this.#silence) this.#silence.write(samples);
    else this.#give(samples);
    this.#attend();
    return position;
  }

  /**
   * Makes room for more than was agreed on.
   * @param {number} ms
   */
  grow(ms) {
    this.#post({ type: 'grow', capacity: Math.ceil((ms / 1000) * this.sampleRate) });
  }

  /** Says that nothing is missing so far: running dry here is an end, no underrun. */
  complete() {
    this.#completed = this.#written;
    this.#post({ type: 'complete' });
  }

  /**
   * Stops and throws away what waits; answers the position at which the sound ends.
   * @returns {Promise<number>}
   */
  async flush() {
    this.#post({ type: 'flush', to: this.#written });
    this.#still();
    if (this.#silence) return this.#silence.skip();
    if (this.state !== 'running') return this.heard;
    return new Promise((resolve) => {
      const off = this.on('report', ({ type, position }) => {
        if (type === 'flushed') resolve(position);
      });
      setTimeout(() => {
        off();
        resolve(this.heard);
      }, FLUSH_MS);
    });
  }

  /**
   * When a position is or was heard, on the clock of `performance.now()`.
   * @param {number} position
   */
  heardAt(position) {
    if (this.#silence) return this.#silence.heardAt(position);
    const frames = this.#track.frameAt(position) - this.#frame;
    return performance.now() + (frames * 1000) / this.#rate;
  }

  stats() {
    const { buffered, rendered, underruns, underrunMs, overflow } = this.#last;
    const context = /** @type {Telling | undefined} */ (this.#output?.context);
    const device = context?.playbackStats;
    const heard = this.#clock?.seconds ?? 0;
    return {
      written: this.#written,
      played: rendered,
      silent: this.#silentSamples + (this.#silence?.passed ?? 0),
      bufferedMs: Math.round((buffered * 1000) / this.sampleRate),
      underruns,
      underrunMs,
      overflow,
      startDelayMs: this.#startDelayMs,
      context: this.state,
      sampleRate: this.sampleRate,
      contextRate: context?.sampleRate,
      outputLatencyMs: context && Math.round((context.currentTime - heard) * 1000),
      clock: this.#silence ? 'silence' : this.#clock?.source,
      device: device && {
        underruns: device.underrunEvents,
        underrunMs: Math.round(device.underrunDuration * 1000),
        latencyMs: Math.round(device.averageLatency * 1000),
      },
    };
  }

  async close() {
    clearTimeout(this.#grace);
    this.#silentWhenBlocked = false;
    this.#silence?.end();
    this.#listen('remove', GESTURES);
    await this.#output?.close();
  }

  /**
   * @param {'add' | 'remove'} what
   * @param {string[]} gestures
   */
  #listen(what, gestures) {
    const listener = /** @type {const} */ (`${what}EventListener`);
    this.#output?.context[listener]('statechange', this.#onDevices);
    globalThis.navigator?.mediaDevices?.[listener]('devicechange', this.#onDevices);
    for (const gesture of gestures) {
      globalThis.document?.[listener](gesture, this.#onGesture, { capture: true });
    }
  }

  /** What is not rendered by now waits for the worklet, whose word may be late. */
  #still() {
    const frame = (this.#output?.context.currentTime ?? 0) * this.#rate;
    const position = Math.min(this.#track.positionAt(frame), this.#written);
    this.#track.mark(frame, position, false);
  }

  /** The frame of the context that is heard now. */
  get #frame() {
    return (this.#clock?.seconds ?? 0) * this.#rate;
  }

  /** Frames of the context in a second. */
  get #rate() {
    return this.#output?.context.sampleRate ?? this.sampleRate;
  }

  /**
   * @param {object} order for the worklet
   * @param {Transferable[]} [transfer]
   */
  #post(order, transfer = []) {
    this.#output?.node.port.postMessage(order, transfer);
  }

  /** @param {Samples} samples */
  #give(samples) {
    this.#post({ type: 'write', samples }, [samples.buffer]);
  }

  /** @param {WorkletReport} report */
  #receive(report) {
    this.#track.mark(report.frame, report.position, report.playing);
    if (report.type === 'start' && this.#begun !== undefined) {
      this.#startDelayMs = Math.round(this.heardAt(report.position) - this.#begun);
      this.#begun = undefined;
    }
    // In silence it knows nothing of what is seen.
    this.#last = report;
    if (!this.#silence) this.emit('report', report);
  }

  #changed() {
    this.#clock?.reset();
    this.#attend();
    this.emit('state', this.state);
  }

  /** Goes on without sound where there is none, and with it where there is. */
  #attend() {
    if (this.state === 'running') {
      clearTimeout(this.#grace);
      this.#grace = undefined;
      if (this.#silence) this.#soundAgain(this.#silence);
    } else if (this.#silentWhenBlocked && !this.#silence && this.blocked) {
      this.#grace ??= setTimeout(() => this.#fallSilent().catch(() => {}), GRACE_MS);
    }
  }

  /** Where it cannot be loaded, all waits for the sound. */
  async #fallSilent() {
    const { Silence } = await import('./silence.js');
    this.#grace = undefined;
    // Meanwhile it may be over.
    if (!this.#silentWhenBlocked || this.#silence || this.state === 'running') return;
    const row = { rate: this.sampleRate, position: this.heard, written: this.#written };
    this.#silence = new Silence({ ...row, held: this.#held }, () => performance.now());
    this.#silence.report((report) => {
      const told = { ...this.#last, ...report, frame: 0, type: /** @type {const} */ ('clock') };
      this.emit('report', (this.#last = told));
    });
    // It must not begin with what was seen by then, before it hears of that.
    this.#post({ type: 'hold', held: true });
  }

  /** @param {Silence} silence */
  #soundAgain(silence) {
    // First it stands still: what was passed meanwhile would be in neither row, and waited for.
    const rest = silence.end();
    this.#post({ type: 'skip', to: this.heard });
    this.#silentSamples += silence.passed;
    this.#silence = undefined;
    for (const samples of rest) this.#give(samples);
    if (this.#completed === this.#written) this.#post({ type: 'complete' });
    this.#post({ type: 'hold', held: this.#held });
  }
}
