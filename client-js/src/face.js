import { Emitter } from './emitter.js';
import { relax } from './mouth.js';
import { Reel } from './reel.js';
import { Stillness } from './stillness.js';
import { samplesToMs } from './timeline.js';

/** @import { Chunk, Frames, Idle, Sprite as SentSprite } from './messages.js' */
/** @import { Frame, Placed, Sprite } from './reel.js' */
/** @import { SpokenUtterance } from './spoken-utterance.js' */

/** @typedef {{utterance: SpokenUtterance, sample: number}} Current What is heard now. */
/**
 * @typedef {object} FaceEvents
 * @property {Sprite[]} sprites that frames will be composed of: decode them now
 */

/** What stands still for longer than this has run dry: a moment of silence is none. */
export const DRY_MS = 100;

const SIZE = 512;
/** Positions on the wire are in 16ths of a pixel, angles in thousandths of a radian. */
const PER_PIXEL = 16;
const PER_RADIAN = 1000;

/**
 * What can be seen of whoever speaks, at the sample that is being heard: the frames that the server
 * drew, and the mouth for those who draw it themselves. Nothing moves by itself here: ask for it in
 * every animation frame.
 * @extends {Emitter<FaceEvents>}
 */
export class Face extends Emitter {
  #now;
  #current;
  #stillness = new Stillness();
  #lastMouth = { weights: new Float32Array(15), at: Number.NEGATIVE_INFINITY };
  /** @type {Map<number, Sprite>} by their numbers on this connection */
  #sprites = new Map();
  #size = SIZE;
  /** @type {{from: [utterance: number, segment: number], size: number}[]} the sizes of segments */
  #sizes = [];
  #mime = 'image/jpeg';
  #rate = 1;
  /** @type {{reel: Reel, ms: number} | undefined} */
  #idle;
  /** @type {number | undefined} */
  #restingSince;

  /**
   * @param {() => number} now in milliseconds
   * @param {() => Current | undefined} current
   */
  constructor(now, current) {
    super();
    this.#now = now;
    this.#current = current;
    this.#lastMouth.weights[0] = 1;
  }

  /** All sprites so far, for who begins to look late. */
  get sprites() {
    return [...this.#sprites.values()];
  }

  /** The face when it says nothing and moves nothing; undefined while there are no frames. */
  get rest() {
    return this.#idle?.reel.first;
  }

  /** For how many milliseconds that which is heard has stood still. */
  get stillMs() {
    const current = this.#current();
    return current ? this.#stillness.since(current, this.#now()) : 0;
  }

  /**
   * The frame that is to be seen now, or a little later; undefined while there are none.
   * @param {number} [aheadMs]
   * @returns {Frame | undefined}
   */
  frame(aheadMs = 0) {
    const spoken = this.#spoken(aheadMs);
    if (spoken) {
      this.#restingSince = undefined;
      return spoken;
    }
    if (!this.#idle) return undefined;
    const { reel, ms } = this.#idle;
    const now = this.#now();
    // It begins with the face at rest, which is how an utterance ends.
    this.#restingSince ??= now;
    const elapsed = (now - this.#restingSince + aheadMs) % ms;
    return reel.at((elapsed / 1000) * this.#rate);
  }

  /**
   * The mouth now: weights of the 15 Oculus visemes; they add up to 1.
   * @param {Float32Array} [into]
   * @returns {{weights: Float32Array, utterance: SpokenUtterance | undefined, sample: number}}
   */
  mouth(into = new Float32Array(15)) {
    const now = this.#now();
    const current = this.#current();
    if (current) {
      const still = this.stillMs;
      current.utterance.pose(current.sample, into);
      if (still > DRY_MS) relax(into, still - DRY_MS);
      this.#lastMouth.weights.set(into);
      this.#lastMouth.at = now;
      return { weights: into, ...current };
    }
    into.set(this.#lastMouth.weights);
    relax(into, now - this.#lastMouth.at);
    return { weights: into, utterance: undefined, sample: 0 };
  }

  /**
   * Another connection: numbers of sprites mean something else on it.
   * @param {Frames} frames
   * @param {number} sampleRate
   */
  begin(frames, sampleRate) {
    this.#sprites.clear();
    this.#sizes = [];
    this.#rate = sampleRate;
    this.grant(frames);
  }

  /**
   * @param {Frames} frames what the server sends from now on
   * @param {[utterance: number, segment: number]} [from] first segment of which they are
   */
  grant({ mode, size = SIZE, mime }, from = [0, 0]) {
    this.#sizes.push({ from, size });
    this.#size = size;
    this.#mime = mime ?? 'image/jpeg';
    if (mode === undefined || mode === 'none') this.#idle = undefined;
  }

  /** @param {SentSprite[]} sent */
  add(sent) {
    const sprites = sent.map(({ id, key, mime, width, height, x, y, data }) => {
      const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (data);
      const sprite = { key, mime, width, height, x: x / PER_PIXEL, y: y / PER_PIXEL, data: bytes };
      this.#sprites.set(id, sprite);
      return sprite;
    });
    this.emit('sprites', sprites);
  }

  /** @param {Idle} idle what it does from now on while nobody speaks */
  idle(idle) {
    const reel = new Reel();
    reel.add(this.#developed(idle, reel, this.#size));
    const ms = samplesToMs(idle.count, this.#rate);
    this.#idle = reel.length > 0 && ms > 0 ? { reel, ms } : undefined;
    this.#restingSince = undefined;
  }

  /**
   * What is configured may overtake segments that it does not hold for.
   * @param {SpokenUtterance} utterance
   * @param {number} segment of it that begins
   */
  turn(utterance, segment) {
    const { number } = utterance;
    const holds = this.#sizes.findLast(({ from: [first, part] }) => {
      return first < number || (first === number && part <= segment);
    });
    utterance.faceSize = holds?.size ?? this.#size;
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {Chunk} chunk
   */
  play(utterance, chunk) {
    const { reel, faceSize } = utterance;
    reel.add(this.#developed(chunk, reel, faceSize));
  }

  /** @param {number} aheadMs */
  #spoken(aheadMs) {
    const current = this.#current();
    // Until it is heard, the loop goes on.
    if (!current || current.sample === 0 || this.stillMs > DRY_MS) return undefined;
    return current.utterance.reel.at(current.sample + (aheadMs / 1000) * this.#rate);
  }

  /**
   * @param {Pick<Chunk, 'frames' | 'pictures'>} sent
   * @param {Reel} reel
   * @param {number} size
   * @returns {Frame[]}
   */
  #developed({ frames = [], pictures = [] }, reel, size) {
    const of = (/** @type {number} */ start) => {
      return { reel, start, startMs: samplesToMs(start, this.#rate), size };
    };
    return [
      ...frames.map(([start, draws]) => ({ ...of(start), sprites: this.#placed(draws) })),
      ...pictures.map(([start, , data]) => {
        const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (data);
        return { ...of(start), sprites: [], picture: { mime: this.#mime, data: bytes } };
      }),
    ];
  }

  /**
   * A sprite that was never sent is left out: the rest of the face is better than none.
   * @param {number[]} draws
   */
  #placed(draws) {
    /** @type {Placed[]} */
    const placed = [];
    for (let i = 0; i + 3 < draws.length; i += 4) {
      const sprite = this.#sprites.get(draws[i]);
      if (!sprite) continue;
      placed.push({
        sprite,
        x: draws[i + 1] / PER_PIXEL,
        y: draws[i + 2] / PER_PIXEL,
        turn: draws[i + 3] / PER_RADIAN,
      });
    }
    return placed;
  }
}
