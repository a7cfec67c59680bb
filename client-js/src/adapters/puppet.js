import { Actor } from './actor.js';
import { ARKIT } from './arkit.js';
import { mixed } from './tables.js';

/** @import { SpokenUtterance } from '../spoken-utterance.js' */
/** @import { Life } from './life.js' */
/** @import { Mouthing, Mouthpiece, OutputOptions } from './output.js' */

/**
 * A face at one moment. `blink`, `gaze` and `head` are those of a face that lives: see `Life`.
 * @typedef {Life & {
 *   weights: Float32Array,
 *   arkit: Record<string, number>,
 *   speaking: boolean,
 *   utterance: SpokenUtterance | undefined,
 *   sample: number,
 *   now: number,
 * }} Pose `weights` of the 15 Oculus visemes add up to 1; `arkit` is worked out when it is asked for
 */

/** For every other kind of face: a function of the page's is told in every animation frame how it looks. */
export class Puppet extends Actor {
  #show;

  /**
   * @param {Mouthpiece} client
   * @param {(pose: Pose) => void} show is given arrays that are used again: copy what is kept
   * @param {OutputOptions} [options]
   */
  constructor(client, show, options) {
    super(client, options);
    this.#show = show;
    this.begin();
  }

  /**
   * @protected
   * @param {Mouthing} mouthing
   * @param {Readonly<Life>} alive
   * @param {number} now
   */
  draw({ weights, utterance, sample }, alive, now) {
    this.#show({
      ...alive,
      weights,
      get arkit() {
        const rows = Object.entries(ARKIT);
        return Object.fromEntries(rows.map(([name, row]) => [name, mixed(row, weights)]));
      },
      speaking: utterance !== undefined,
      utterance,
      sample,
      now,
    });
  }
}
