/**
 * A picture that frames are composed of. Lengths are pixels of a face that is `size` of them wide.
 * @typedef {object} Sprite
 * @property {string} key of its content: equal keys, equal pictures
 * @property {string} mime
 * @property {Uint8Array<ArrayBuffer>} data
 * @property {number} width
 * @property {number} height
 * @property {number} x where its centre is while the face is at rest
 * @property {number} y
 */
/**
 * A sprite in a frame: how far to the right and down of its rest, how far turned clockwise, in radians.
 * @typedef {{sprite: Sprite, x: number, y: number, turn: number}} Placed
 */
/** @typedef {{mime: string, data: Uint8Array<ArrayBuffer>}} Picture */
/**
 * What the face looks like from a moment on: sprites from back to front, or a picture of its own.
 * @typedef {object} Frame
 * @property {Reel} reel whose frames follow each other
 * @property {number} start first sample that it is shown at
 * @property {number} startMs
 * @property {number} size the width of the whole face, which is a square
 * @property {Placed[]} sprites
 * @property {Picture} [picture]
 */

/** Frames that follow each other, by the sample that each is shown from. */
export class Reel {
  /** How wide the face is in those that arrive now. */
  size = 0;
  /** @type {Frame[]} */
  #frames = [];

  get length() {
    return this.#frames.length;
  }

  /** @returns {Frame | undefined} */
  get first() {
    return this.#frames[0];
  }

  /** @param {Frame[]} frames later than those before */
  add(frames) {
    this.#frames.push(...frames);
  }

  /**
   * The last one that starts at or before `sample`.
   * @param {number} sample
   * @returns {Frame | undefined}
   */
  at(sample) {
    return this.#frames[this.#indexAt(sample)];
  }

  /**
   * Lets go of what is not seen any more from `sample` on.
   * @param {number} sample
   */
  forget(sample) {
    this.#frames.splice(0, this.#indexAt(sample));
  }

  clear() {
    this.#frames = [];
  }

  /** @param {number} sample */
  #indexAt(sample) {
    let index = -1;
    // What is seen now is among the first: the rest was let go of.
    while (index + 1 < this.#frames.length && this.#frames[index + 1].start <= sample) index++;
    return index;
  }
}
