import { life, STILL } from './life.js';
import { mixed, OPEN } from './tables.js';

/** @import { FaceState } from '../hello.js' */
/** @import { SpokenUtterance } from '../spoken-utterance.js' */
/** @import { Life } from './life.js' */

/**
 * The mouth at a moment: weights of the 15 Oculus visemes, which add up to 1, and what is heard.
 * @typedef {{weights: Float32Array, utterance: SpokenUtterance | undefined, sample: number}} Mouthing
 */
/**
 * All that is needed of a client.
 * @typedef {{face: {mouth(into: Float32Array): Mouthing, pose?: FaceState}}} Mouthpiece
 */
/**
 * @typedef {object} OutputOptions
 * @property {number} [seed] faces with different ones blink at different times
 * @property {Element} [element] where the face is seen: while that is out of view, nothing is drawn
 * @property {boolean} [auto] false for pages that call `update()` in a loop of their own
 */

/** While nothing is said, this is often enough. */
const RESTING_MS = 30;
/** In this time a face follows how lively the speech is. */
const FOLLOW_MS = 260;
const SIL = 0;
const RESTS = 0.999;

/**
 * Something that shows a mouth: asked in every animation frame, as long as it can be seen. For people
 * who want little motion only the mouth moves.
 * @abstract
 */
export class Output {
  #client;
  #seed;
  #auto;
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #weights = new Float32Array(15);
  /** @type {IntersectionObserver | undefined} */
  #watch;
  #visible = true;
  #inView = true;
  #disposed = false;
  #request = 0;
  #drawn = 0;
  #drawnAt = -Infinity;
  /** @type {false | 'still' | 'alive'} how it rested when it was drawn */
  #rests = false;
  #energy = 0;

  /**
   * @param {Mouthpiece} client
   * @param {OutputOptions} [options]
   */
  constructor(client, { seed = 0, element, auto = true } = {}) {
    this.#client = client;
    this.#seed = seed;
    this.#auto = auto;
    if (!element) return;
    this.#watch = new IntersectionObserver((entries) => {
      this.#inView = entries[entries.length - 1].isIntersecting;
      this.#schedule();
    });
    this.#watch.observe(element);
  }

  /** Set to false, nothing is drawn until it is true again. */
  get visible() {
    return this.#visible;
  }

  set visible(visible) {
    this.#visible = visible;
    this.#schedule();
  }

  /** How many times it was drawn. */
  stats() {
    return { drawn: this.#drawn };
  }

  /** Draws no more. */
  dispose() {
    this.#disposed = true;
    this.#watch?.disconnect();
    this.#schedule();
  }

  /**
   * Draws the face of this moment; by itself it does so in every animation frame.
   * @param {number} [now] on the clock of `performance.now()`
   */
  update(now = performance.now()) {
    if (this.#disposed) return;
    const mouthing = this.#client.face.mouth(this.#weights);
    const calm = this.#calm.matches;
    const rests = this.#weights[SIL] > RESTS && (calm ? 'still' : 'alive');
    const since = now - this.#drawnAt;
    if (rests && rests === this.#rests && (calm || since < RESTING_MS)) return;
    this.#rests = rests;
    const followed = 1 - Math.exp(-since / FOLLOW_MS);
    this.#energy += (mixed(OPEN, this.#weights) - this.#energy) * followed;
    this.#drawnAt = now;
    this.#drawn++;
    this.draw(mouthing, this.alive(now, calm), now);
  }

  /**
   * @protected
   * @param {Mouthing} mouthing
   * @param {Readonly<Life>} alive
   * @param {number} now
   */
  draw(mouthing, alive, now) {
    void [mouthing, alive, now];
  }

  /**
   * What is to be seen of it besides the mouth.
   * @protected
   * @param {number} now
   * @param {boolean} calm
   * @returns {Readonly<Life>}
   */
  alive(now, calm) {
    return calm ? STILL : { ...life(now, this.#seed), energy: this.#energy };
  }

  /**
   * Something other than the mouth has changed: it is drawn although that rests.
   * @protected
   */
  wake() {
    this.#rests = false;
  }

  /**
   * For whoever has nothing more to set up.
   * @protected
   */
  begin() {
    this.update();
    this.#schedule();
  }

  // A page that is hidden is given no animation frames: it does nothing until it is seen again.
  #schedule() {
    cancelAnimationFrame(this.#request);
    if (this.#disposed || !this.#auto || !this.#visible || !this.#inView) return;
    this.#request = requestAnimationFrame((now) => {
      this.#schedule();
      this.update(now);
    });
  }
}
