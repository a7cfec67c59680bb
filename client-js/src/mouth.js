import { msToSamples } from './timeline.js';
import { Oculus } from './visemes.js';

/** @import { Segment } from './messages.js' */

/**
 * A viseme from `start` up to `end`, at `weight` of 0..1.
 * @typedef {{viseme: number, start: number, end: number, weight: number}} Shape
 */

const SHAPES = 15;

/** How long before its time a shape begins to form; longer out of a rest. */
const LEAD_MS = 50;
const LEAD_FROM_REST_MS = 120;
/** How long the lips take to open from a closure: a release is never early. */
const RELEASE_MS = 40;
/** A mouth that has nothing more to say closes in this time. */
const REST_MS = 80;

/**
 * Shapes whose contact is heard: they must hold for all of their time.
 * @type {Set<number>}
 */
const CLOSURES = new Set([Oculus.PP, Oculus.FF]);
const FIRST_VOWEL = Oculus.AA;

/**
 * The mouth of an utterance: asked for its pose at a sample, never told to move.
 *
 * Timing on the wire is acoustic truth. Lips move ahead of the sound and blend from shape to shape,
 * which is done here; closures are exempt, for nothing is as visible as a `p` with open lips.
 */
export class Mouth {
  /** @type {Shape[]} */
  #shapes = [];
  #lead;
  #leadFromRest;
  #release;
  #rest;

  /** @param {number} sampleRate */
  constructor(sampleRate) {
    this.#lead = msToSamples(LEAD_MS, sampleRate);
    this.#leadFromRest = msToSamples(LEAD_FROM_REST_MS, sampleRate);
    this.#release = msToSamples(RELEASE_MS, sampleRate);
    this.#rest = msToSamples(REST_MS, sampleRate);
  }

  /** @param {Segment} segment */
  add(segment) {
    for (const [viseme, start, count, weight] of segment.visemes.oculus ?? []) {
      const last = this.#shapes.at(-1);
      if (start > (last?.end ?? 0)) this.#shapes.push(silence(last?.end ?? 0, start));
      this.#shapes.push({ viseme, start, end: start + count, weight: weight / 255 });
    }
  }

  /**
   * Nothing that was announced is made from `sample` on.
   * @param {number} sample
   */
  cut(sample) {
    this.#shapes = this.#shapes
      .filter(({ start }) => start < sample)
      .map((shape) => ({ ...shape, end: Math.min(shape.end, sample) }));
  }

  /**
   * Weights of the 15 Oculus visemes at `sample`; they add up to 1.
   * @param {number} sample
   * @param {Float32Array} [into]
   */
  pose(sample, into = new Float32Array(SHAPES)) {
    into.fill(0);
    const index = this.#indexAt(sample);
    const shape = this.#at(index);
    const next = this.#at(index + 1);
    const previous = this.#at(index - 1);
    const leaving = this.#change(shape, next);
    if (sample >= leaving.from) return mix(into, shape, next, progress(sample, leaving));
    return mix(into, previous, shape, progress(sample, this.#change(previous, shape)));
  }

  /**
   * When one shape turns into the next.
   * @param {Shape} shape
   * @param {Shape} next
   */
  #change(shape, next) {
    const at = next.start;
    const half = (next.end - next.start) / 2;
    const reach = shape.viseme === Oculus.SIL ? this.#leadFromRest : this.#lead;
    const from = at - Math.min(reach, (shape.end - shape.start) / 2);
    if (next.viseme === Oculus.PP) return { from, to: at };
    if (CLOSURES.has(shape.viseme)) return { from: at, to: at + Math.min(this.#release, half) };
    if (next.viseme === Oculus.SIL) return { from: at, to: at + Math.min(this.#rest, half) };
    const settling = next.viseme >= FIRST_VOWEL ? 0.4 * (next.end - next.start) : 0;
    return { from, to: at + Math.min(settling, this.#lead) };
  }

  /** @param {number} index */
  #at(index) {
    if (index < 0) return silence(-Infinity, 0);
    const last = this.#shapes.at(-1);
    const start = index > this.#shapes.length ? Infinity : (last?.end ?? 0);
    return this.#shapes[index] ?? silence(start, Infinity);
  }

  /**
   * The last shape that began at or before `sample`.
   * @param {number} sample
   */
  #indexAt(sample) {
    let low = 0;
    let high = this.#shapes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#shapes[middle].start <= sample) low = middle + 1;
      else high = middle;
    }
    const last = this.#shapes[low - 1];
    return low === this.#shapes.length && last && sample >= last.end ? low : low - 1;
  }
}

/**
 * Turns a pose towards rest, for a mouth that was made to stop.
 * @param {Float32Array} pose
 * @param {number} elapsedMs since it stopped
 */
export function relax(pose, elapsedMs) {
  const left = 1 - smooth(Math.min(1, elapsedMs / REST_MS));
  for (let i = 0; i < pose.length; i++) pose[i] *= left;
  pose[Oculus.SIL] += 1 - left;
  return pose;
}

/**
 * @param {number} start
 * @param {number} end
 * @returns {Shape}
 */
function silence(start, end) {
  return { viseme: Oculus.SIL, start, end, weight: 1 };
}

/**
 * @param {number} sample
 * @param {{from: number, to: number}} change
 */
function progress(sample, { from, to }) {
  if (sample >= to) return 1;
  return sample <= from ? 0 : smooth((sample - from) / (to - from));
}

/** @param {number} x */
function smooth(x) {
  return x * x * (3 - 2 * x);
}

/**
 * @param {Float32Array} into
 * @param {Shape} from
 * @param {Shape} to
 * @param {number} share of `to`
 */
function mix(into, from, to, share) {
  add(into, from, 1 - share);
  add(into, to, share);
  return into;
}

/**
 * @param {Float32Array} into
 * @param {Shape} shape
 * @param {number} amount
 */
function add(into, { viseme, weight }, amount) {
  into[viseme] += amount * weight;
  into[Oculus.SIL] += amount * (1 - weight);
}
