import { Emitter } from './emitter.js';
import { later } from './later.js';
import { relax } from './mouth.js';

/** @import { Film } from './film.js' */
/** @import { FaceState } from './hello.js' */
/** @import { Frames, ServerMessage } from './messages.js' */
/** @import { Frame, Sprite } from './reel.js' */
/** @import { SpokenUtterance } from './spoken-utterance.js' */

/** @typedef {{utterance: SpokenUtterance, sample: number}} Current What is heard now. */
/**
 * @typedef {object} FaceEvents
 * @property {Sprite[]} sprites that frames will be composed of: decode them now
 */

/** What stands still for longer than this has run dry: a moment of silence is none. */
const DRY_MS = 100;

/**
 * What can be seen of whoever speaks, at the sample that is being heard: the frames that the server
 * drew, and the mouth for those who draw it themselves. Nothing moves by itself here: ask for it in
 * every animation frame.
 * @extends {Emitter<FaceEvents>}
 */
export class Face extends Emitter {
  /** @type {Film | undefined} what the server draws, for those who asked for it */
  film;
  sampleRate = 1;
  /** @type {FaceState | undefined} how `pose` has it held; undefined as long as nobody asked */
  pose;
  #now;
  #current;
  /** @type {Current | undefined} what was heard when something last moved */
  #moved;
  #movedAt = 0;
  #lastMouth = { weights: new Float32Array(15), at: -Infinity };

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
    return this.film?.sprites ?? [];
  }

  /** The face when it says nothing and moves nothing; undefined while there are no frames. */
  get rest() {
    return this.film?.rest;
  }

  /** For how many milliseconds that which is heard has stood still. */
  get stillMs() {
    const current = this.#current();
    if (!current) return 0;
    const now = this.#now();
    const { utterance, sample } = this.#moved ?? {};
    if (current.utterance !== utterance || current.sample !== sample) {
      this.#moved = current;
      this.#movedAt = now;
    }
    return now - this.#movedAt;
  }

  /** The same, when it was not to stand still. */
  get dryMs() {
    const { utterance, sample = 0 } = this.#current() ?? {};
    if (!utterance || utterance.lost) return 0;
    if (utterance.state === 'ended' && sample >= utterance.arrived) return 0;
    const { stillMs } = this;
    return stillMs > DRY_MS ? stillMs : 0;
  }

  /**
   * The frame that is to be seen now, or a little later; undefined while there are none.
   * @param {number} [aheadMs]
   * @returns {Frame | undefined}
   */
  frame(aheadMs = 0) {
    return this.film?.frame(this.stillMs > DRY_MS ? undefined : this.#current(), aheadMs);
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
   * Makes ready for frames, if there will be any.
   * @param {Frames} [frames]
   */
  async expect({ mode = 'none' } = {}) {
    if (mode === 'none' || this.film) return;
    const { Film } = await later(import('./film.js'));
    this.film ??= new Film(this.#now, this.sampleRate);
  }

  /**
   * @param {ServerMessage} message
   * @returns {boolean} whether it is about frames alone
   */
  receive(message) {
    const { film } = this;
    switch (message.type) {
      case 'sprites':
        if (film) this.emit('sprites', film.add(message.sprites));
        return true;
      case 'idle':
        film?.idle(message);
        return true;
    }
    return false;
  }
}
