/** @import { SpokenUtterance } from './app.js' */

/** A value for the sound, and one for the mouth, so often in a second. */
export const PER_SECOND = 100;
/** How far each of the 15 Oculus visemes opens the lips: sil PP FF TH DD kk CH SS nn RR aa E ih oh ou. */
const OPENING = [0, 0, 0.16, 0.3, 0.28, 0.38, 0.3, 0.22, 0.28, 0.32, 1, 0.64, 0.4, 0.86, 0.42];

/**
 * How far a mouth is open, 0..1.
 * @param {ArrayLike<number>} weights of the 15 Oculus visemes
 */
export function openingOf(weights) {
  return OPENING.reduce((sum, opening, viseme) => sum + opening * weights[viseme], 0);
}

/** What there is to see of an utterance in the course of time; positions are samples. */
export class Tape {
  /** @type {{text: string, start: number, end: number}[]} */
  words = [];
  /** @type {{text: string, start: number, end: number}[]} */
  phonemes = [];
  /** @type {{viseme: number, weight: number, start: number, end: number}[]} */
  visemes = [];
  /** The loudest sample of each hundredth of a second, 0..1. @type {number[]} */
  peaks = [];
  /** How far the mouth is open then, 0..1. @type {number[]} */
  openings = [];
  /** Of the peaks so far; a whisper is drawn larger, but not as large as a voice. */
  loudest = 0.2;
  #utterance;
  #weights = new Float32Array(15);

  /**
   * @param {SpokenUtterance} utterance
   * @param {number} rate samples in a second
   */
  constructor(utterance, rate) {
    this.#utterance = utterance;
    this.rate = rate;
    this.step = rate / PER_SECOND;
    utterance.on('segment', (segment) => this.#add(segment));
    utterance.on('audio', ({ start, samples }) => this.#hear(start, samples));
  }

  /** The sample after the last one that is known of. */
  get end() {
    return this.visemes.at(-1)?.end ?? 0;
  }

  /** @param {SpokenUtterance['segments'][number]} segment */
  #add({ words = [], phonemes = [], visemes, start, count }) {
    for (const [text, , , from, length] of words) {
      this.words.push({ text, start: from, end: from + length });
    }
    for (const [text, from, length, word] of phonemes) {
      if (word >= 0) this.phonemes.push({ text, start: from, end: from + length });
    }
    for (const [viseme, from, length, weight] of visemes.oculus ?? []) {
      this.visemes.push({ viseme, weight: weight / 255, start: from, end: from + length });
    }
    // The last shapes of the segment before are blended with the first of this one.
    const first = Math.max(0, Math.floor((start - this.rate / 4) / this.step));
    for (let i = first; i * this.step < start + count; i++) {
      this.openings[i] = openingOf(this.#utterance.pose(Math.round(i * this.step), this.#weights));
    }
  }

  /**
   * @param {number} start
   * @param {Float32Array} samples
   */
  #hear(start, samples) {
    for (let i = 0; i < samples.length; i++) {
      const place = Math.floor((start + i) / this.step);
      this.peaks[place] = Math.max(this.peaks[place] ?? 0, Math.abs(samples[i]));
      this.loudest = Math.max(this.loudest, this.peaks[place]);
    }
  }
}

/**
 * Those that are between two moments; they are in order, and there may be very many.
 * @template {{start: number, end: number}} T
 * @param {T[]} spans
 * @param {number} from
 * @param {number} to
 */
export function within(spans, from, to) {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle].end <= from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < spans.length && spans[end].start < to) end++;
  return spans.slice(low, end);
}
