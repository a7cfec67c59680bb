/**
 * Plays samples from a ring and says where it is: on the audio thread, where nothing may be allocated
 * and nothing may wait.
 *
 * Positions count every sample that was ever put in, at the rate of the stream; frames are those of
 * the context. A position is never left out silently: what is thrown away is jumped over, what does
 * not fit is counted.
 */
import { Resampler } from './resampler.js';
import { Ring } from './ring.js';

const FADE_SECONDS = 0.005;
const REPORT_SECONDS = 0.1;
const START_LIMIT_SECONDS = 0.6;
const CLEAN_SECONDS = 60;

/**
 * @typedef {object} Setup
 * @property {number} rate of the stream, in Hertz
 * @property {number} capacity in samples
 * @property {number} start seconds of sound that are gathered before it starts
 * @property {number} lead seconds of sound that there can be at most
 */
/**
 * `to` is where the row goes on: after what was thrown away.
 * @typedef {{type: 'write', samples: Float32Array} | {type: 'complete'} | {type: 'flush', to: number}
 *   | {type: 'skip', to: number} | {type: 'hold', held: boolean} | {type: 'grow', capacity: number}
 * } Order
 */

class LipwirePlayer extends AudioWorkletProcessor {
  #ring;
  #resampler;
  /** Up to here nothing is missing: to run dry at this position is no underrun. */
  #complete = 0;
  /** What was there when a flush was asked for ends here; -1 without one. */
  #flush = -1;
  #flushTo = 0;
  #held = false;
  #playing = false;
  #fadeLength = Math.round(FADE_SECONDS * sampleRate);
  #fadeIn = 0;
  #fadeOut = 0;
  /** Samples that are gathered before it starts: at first, now, and at most. */
  #startFirst;
  #startAt;
  #startLimit;
  #lastUnderrun = 0;
  /** Since this frame there is nothing to play, though more has to come; -1 while that is not so. */
  #dryFrom = -1;
  #dryFrames = 0;
  #nextReport = 0;
  /** One object for every report: postMessage copies it. */
  #report = {
    type: 'clock',
    frame: 0,
    position: 0,
    playing: false,
    buffered: 0,
    rendered: 0,
    underruns: 0,
    underrunMs: 0,
    overflow: 0,
  };

  /** @param {{processorOptions: Setup}} options */
  constructor({ processorOptions: { rate, capacity, start, lead } }) {
    super();
    this.#ring = new Ring(capacity);
    this.#resampler = new Resampler(rate, sampleRate);
    // Who waits for more than may come waits for ever.
    this.#startLimit = Math.min(START_LIMIT_SECONDS, lead / 2) * rate;
    this.#startFirst = Math.min(start * rate, this.#startLimit);
    this.#startAt = this.#startFirst;
    this.port.onmessage = ({ data }) => this.#receive(data);
  }

  /** @param {Order} order */
  #receive(order) {
    if (order.type === 'write') this.#write(order.samples);
    else if (order.type === 'complete') this.#completed();
    else if (order.type === 'flush') this.#stop(order.to);
    else if (order.type === 'skip') this.#skip(order.to, currentFrame);
    else if (order.type === 'hold') this.#held = order.held;
    else if (order.type === 'grow') this.#ring.grow(order.capacity);
  }

  /** @param {Float32Array} samples */
  #write(samples) {
    const refused = samples.length - this.#ring.write(samples);
    if (refused === 0) return;
    this.#report.overflow += refused;
    this.#post('overflow', currentFrame);
  }

  #completed() {
    this.#complete = this.#ring.written;
    if (this.#ring.waiting === 0) this.#moisten();
  }

  /**
   * Everything that is here now is to be dropped, after a fade.
   * @param {number} to
   */
  #stop(to) {
    const ring = this.#ring;
    // A second one before the first has faded: what came between them was never begun.
    if (this.#flush < 0) this.#flush = ring.written;
    this.#flushTo = ring.written = Math.max(to, ring.written);
    this.#complete = ring.written;
    if (!this.#playing) this.#drop(currentFrame);
  }

  /** @param {number} frame */
  #drop(frame) {
    this.#rest('flushed', frame);
    this.#flush = -1;
    this.#skip(this.#flushTo, frame);
  }

  /**
   * Goes on at a position without playing what is before it.
   * @param {number} to
   * @param {number} frame
   */
  #skip(to, frame) {
    const ring = this.#ring;
    ring.read = Math.max(to, ring.read);
    ring.written = Math.max(to, ring.written);
    this.#complete = Math.max(to, this.#complete);
    this.#moisten();
    this.#rest('clock', frame);
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const output = outputs[0][0];
    if (!this.#playing && this.#mayStart()) this.#start();
    if (this.#playing) this.#render(output);
    if (currentFrame >= this.#nextReport) {
      this.#post('clock', currentFrame + output.length);
      this.#nextReport = currentFrame + REPORT_SECONDS * sampleRate;
    }
    return true;
  }

  #mayStart() {
    const { waiting, written } = this.#ring;
    if (this.#held || waiting === 0) return false;
    return waiting >= this.#startAt || this.#complete === written;
  }

  #start() {
    this.#playing = true;
    this.#fadeIn = this.#fadeLength;
    this.#moisten();
    this.#post('start', currentFrame);
  }

  /** @param {Float32Array} output */
  #render(output) {
    const ending = this.#complete === this.#ring.written;
    const left = this.#framesLeft(ending);
    // The last few frames are kept back for a fade, so that running dry makes no click.
    const short = !ending && left < output.length + this.#fadeLength;
    const stopping = this.#flush >= 0 || this.#held;
    if (this.#fadeOut > 0 || stopping || short) return this.#renderFade(output, left, short);
    const count = Math.min(left, output.length);
    this.#play(output, count);
    if (ending && left <= output.length) this.#end(currentFrame + count);
    else if (currentFrame - this.#lastUnderrun > CLEAN_SECONDS * sampleRate) {
      this.#startAt = this.#startFirst;
    }
  }

  /** @param {boolean} ending */
  #framesLeft(ending) {
    const { read, written } = this.#ring;
    const end = this.#flush >= 0 ? this.#flush : written;
    return this.#resampler.frames(end - read - (ending ? 0 : this.#resampler.ahead));
  }

  /**
   * @param {Float32Array} output
   * @param {number} left
   * @param {boolean} short
   */
  #renderFade(output, left, short) {
    if (this.#fadeOut === 0) this.#fadeOut = this.#fadeLength;
    this.#fadeOut = Math.min(this.#fadeOut, left);
    const count = Math.min(this.#fadeOut, output.length);
    this.#play(output, count);
    for (let i = 0; i < count; i++) {
      this.#fadeOut -= 1;
      output[i] *= this.#fadeOut / this.#fadeLength;
    }
    if (this.#fadeOut > 0) return;
    const frame = currentFrame + count;
    if (this.#flush >= 0) this.#drop(frame);
    else if (this.#held) this.#rest('held', frame);
    else if (short) this.#underrun(frame);
    // It was held, and let go of before it was silent.
    else this.#rest('clock', frame);
  }

  /** @param {number} frame */
  #underrun(frame) {
    this.#report.underruns += 1;
    this.#startAt = Math.min(this.#startAt * 1.5, this.#startLimit);
    this.#lastUnderrun = currentFrame;
    this.#dryFrom = frame;
    this.#rest('underrun', frame);
  }

  /** @param {number} frame */
  #end(frame) {
    this.#resampler.align();
    this.#rest('idle', frame);
  }

  /** It is dry no more. */
  #moisten() {
    if (this.#dryFrom >= 0) this.#dryFrames += currentFrame - this.#dryFrom;
    this.#dryFrom = -1;
  }

  /**
   * @param {'idle' | 'underrun' | 'held' | 'flushed' | 'clock'} type
   * @param {number} frame
   */
  #rest(type, frame) {
    this.#playing = false;
    this.#fadeOut = 0;
    this.#post(type, frame);
  }

  /**
   * @param {Float32Array} output
   * @param {number} count
   */
  #play(output, count) {
    const before = this.#ring.read;
    this.#resampler.render(this.#ring, output, count);
    this.#ring.read = Math.min(this.#ring.read, this.#ring.written);
    this.#report.rendered += this.#ring.read - before;
    for (let i = 0; i < count && this.#fadeIn > 0; i++) {
      output[i] *= 1 - this.#fadeIn / this.#fadeLength;
      this.#fadeIn -= 1;
    }
  }

  /**
   * @param {string} type
   * @param {number} frame the context's frame at which `position` is
   */
  #post(type, frame) {
    const report = this.#report;
    const dry = this.#dryFrom < 0 ? 0 : Math.max(0, frame - this.#dryFrom);
    report.type = type;
    report.frame = frame;
    report.position = this.#ring.read;
    report.playing = this.#playing;
    report.buffered = this.#ring.waiting;
    report.underrunMs = Math.round(((this.#dryFrames + dry) * 1000) / sampleRate);
    this.port.postMessage(report);
  }
}

registerProcessor('lipwire-player', LipwirePlayer);
