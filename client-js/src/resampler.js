/**
 * Samples of one rate played at another, for contexts that are not our own. Browsers resample better
 * than this does, but only to what plays in a context of the stream's rate.
 */

/** @import { Ring } from './ring.js' */

/** Samples on each side of a frame that it is made of. */
const REACH = 8;
const TAPS = 2 * REACH;
/** Between 22,050 and 48,000 Hz there are 320; where there are more, the nearest one has to do. */
const MOST_PHASES = 1024;
/** Of the Kaiser window: how much is kept away of what would be heard as another pitch. */
const BETA = 6;

/** Reads a ring at the rate of the context; says how many frames there are and makes them. */
export class Resampler {
  /** Samples that have to be there beyond those that are played. */
  ahead;
  #up;
  #down;
  #phases;
  #table;
  /** How far it is from one sample to the next, in parts of `#up`. */
  #phase = 0;

  /**
   * @param {number} from Hertz
   * @param {number} to Hertz
   */
  constructor(from, to) {
    const common = divisor(from, to);
    this.#up = to / common;
    this.#down = from / common;
    this.#phases = Math.min(this.#up, MOST_PHASES);
    const straight = from === to;
    this.ahead = straight ? 0 : REACH;
    this.#table = straight ? undefined : tableOf(this.#phases, Math.min(1, to / from));
  }

  /**
   * Frames that begin within so many samples.
   * @param {number} samples
   */
  frames(samples) {
    return Math.max(0, Math.ceil((samples * this.#up - this.#phase) / this.#down));
  }

  /**
   * Fills the first `count` frames, and moves the ring on.
   * @param {Ring} ring
   * @param {Float32Array} output
   * @param {number} count
   */
  render(ring, output, count) {
    for (let i = 0; i < count; i++) {
      output[i] = this.#table ? this.#between(ring, this.#table) : ring.at(ring.read);
      this.#phase += this.#down;
      while (this.#phase >= this.#up) {
        this.#phase -= this.#up;
        ring.read += 1;
      }
    }
  }

  /** The next frame is a sample, and lies not between two. */
  align() {
    this.#phase = 0;
  }

  /**
   * @param {Ring} ring
   * @param {Float32Array} table
   */
  #between(ring, table) {
    const row = TAPS * Math.round((this.#phase * this.#phases) / this.#up);
    const first = ring.read - REACH + 1;
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap++) sum += ring.at(first + tap) * table[row + tap];
    return sum;
  }
}

/**
 * Rows of taps, one for each place between two samples and one for the next sample.
 * @param {number} phases
 * @param {number} cutoff as a part of what the stream can have
 */
function tableOf(phases, cutoff) {
  const table = new Float32Array((phases + 1) * TAPS);
  for (let phase = 0; phase <= phases; phase++) {
    const row = table.subarray(phase * TAPS, (phase + 1) * TAPS);
    for (let tap = 0; tap < TAPS; tap++) {
      const x = tap - REACH + 1 - phase / phases;
      row[tap] = sinc(cutoff * x) * kaiser(x / REACH);
    }
    // All rows are equally loud, or the rows themselves would be heard.
    const sum = row.reduce((a, b) => a + b);
    for (let tap = 0; tap < TAPS; tap++) row[tap] /= sum;
  }
  return table;
}

/** @param {number} x */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {number} x from the middle of the window at 0 to its ends at -1 and 1 */
function kaiser(x) {
  return Math.abs(x) > 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/**
 * The modified Bessel function of the first kind, of order 0.
 * @param {number} x
 */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-9 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b);
}
