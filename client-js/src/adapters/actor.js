import { Output } from './output.js';
import { mixed } from './tables.js';

/** @import { FaceState } from '../hello.js' */
/** @import { Life } from './life.js' */
/** @import { Mouthpiece, OutputOptions } from './output.js' */

/** In this time a face gets most of the way to another mood: all of it is to be seen within 400 ms. */
const FOLLOW_MS = 120;
/** Those that add something to a face, in the order of the rows below and of `feelings`. */
const EMOTIONS = ['happy', 'sad', 'surprised', 'thoughtful', 'angry'];
/** Where they have it look (right, up) and hold its head (yaw, pitch, roll), in 1/1000 rad. */
const TURNS = [
  [0, 0, 0, 160],
  [0, -80, 0, 160],
  [0, 0, 0, 60],
  [0, -70, 40, 40, -40],
  [0, 20, 0, 35],
];

/**
 * An output that is held as `client.pose()` asks: what lives on it rides on that.
 * @abstract
 */
export class Actor extends Output {
  #client;
  /** @type {FaceState | undefined} */
  #asked;
  /** Feelings, and how eyes and head are turned: on their way to what was asked for. */
  #held = Array(EMOTIONS.length + TURNS.length).fill(0);
  #seenAt = -Infinity;

  /**
   * @param {Mouthpiece} client
   * @param {OutputOptions} [options]
   */
  constructor(client, options) {
    super(client, options);
    this.#client = client;
  }

  /** @param {number} [now] */
  update(now = performance.now()) {
    const { pose } = this.#client.face;
    if (pose !== this.#asked) this.wake();
    this.#asked = pose;
    super.update(now);
  }

  /**
   * @protected
   * @param {number} now
   * @param {boolean} calm
   * @returns {Readonly<Life>}
   */
  alive(now, calm) {
    const alive = super.alive(now, calm);
    const since = calm ? Infinity : now - this.#seenAt;
    this.#seenAt = now;
    if (!this.#asked) return alive;
    const { emotion, gaze, head } = this.#asked;
    const wanted = [...EMOTIONS.map((each) => Number(each === emotion)), ...gaze, ...head];
    const left = Math.exp(-since / FOLLOW_MS);
    this.#held = wanted.map((to, i) => to + (this.#held[i] - to) * left);
    const feelings = this.#held.slice(0, EMOTIONS.length);
    const turned = this.#held.slice(EMOTIONS.length);
    const [right, up, yaw, pitch, roll] = [...alive.gaze, ...alive.head].map((angle, i) => {
      return angle + (turned[i] + mixed(TURNS[i], feelings)) / 1000;
    });
    return { ...alive, gaze: [right, up], head: [yaw, pitch, roll], emotion, feelings };
  }
}
