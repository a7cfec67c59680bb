/** The face as the server draws it, for pages that ask for `frames`; loaded when one does. */
import { Reel } from './reel.js';
import { samplesToMs } from './timeline.js';

/** @import { Current } from './face.js' */
/** @import { Chunk, Frames, Idle, Sprite as SentSprite } from './messages.js' */
/** @import { Frame, Placed, Sprite } from './reel.js' */
/** @import { SpokenUtterance } from './spoken-utterance.js' */

const SIZE = 512;
const MIME = 'image/jpeg';
/** Positions on the wire are in 16ths of a pixel, angles in thousandths of a radian. */
const PER_PIXEL = 16;
const PER_RADIAN = 1000;

/** The frames that came: those of a loop while nothing is heard, and those of what is. */
export class Film {
  #now;
  /** @type {Map<number, Sprite>} by their numbers on this connection */
  #sprites = new Map();
  #size = SIZE;
  /** @type {{from: [utterance: number, segment: number], size: number}[]} the sizes of segments */
  #sizes = [];
  #mime = MIME;
  #rate;
  /** @type {{reel: Reel, ms: number} | undefined} */
  #idle;
  /** @type {number | undefined} */
  #restingSince;

  /**
   * @param {() => number} now in milliseconds
   * @param {number} sampleRate
   */
  constructor(now, sampleRate) {
    this.#now = now;
    this.#rate = sampleRate;
  }

  /** All sprites so far. */
  get sprites() {
    return [...this.#sprites.values()];
  }

  get rest() {
    return this.#idle?.reel.first;
  }

  /**
   * @param {Current | undefined} current what is heard; undefined when it has run dry
   * @param {number} aheadMs
   * @returns {Frame | undefined}
   */
  frame(current, aheadMs) {
    // Until it is heard, the loop goes on.
    const spoken =
      current && current.sample > 0
        ? current.utterance.reel?.at(current.sample + (aheadMs / 1000) * this.#rate)
        : undefined;
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
  grant({ mode = 'none', size = SIZE, mime }, from = [0, 0]) {
    this.#sizes.push({ from, size });
    this.#size = size;
    this.#mime = mime ?? MIME;
    if (mode === 'none') this.#idle = undefined;
  }

  /**
   * @param {SentSprite[]} sent
   * @returns {Sprite[]}
   */
  add(sent) {
    return sent.map(({ id, key, mime, width, height, x, y, data }) => {
      const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (data);
      const sprite = { key, mime, width, height, x: x / PER_PIXEL, y: y / PER_PIXEL, data: bytes };
      this.#sprites.set(id, sprite);
      return sprite;
    });
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
    utterance.reel ??= new Reel();
    utterance.reel.size = holds?.size ?? SIZE;
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {Chunk} chunk
   */
  play({ reel }, chunk) {
    reel?.add(this.#developed(chunk, reel, reel.size));
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
