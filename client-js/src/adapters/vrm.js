import { Actor } from './actor.js';
import { mixed, VRM } from './tables.js';

/** @import { Life } from './life.js' */
/** @import { Mouthing, Mouthpiece, OutputOptions } from './output.js' */

/**
 * What is used of @pixiv/three-vrm, which is the page's own.
 * @typedef {object} Vrm
 * @property {{setValue(name: string, weight: number): void}} [expressionManager]
 * @property {{target?: unknown, yaw: number, pitch: number}} [lookAt]
 * @property {{getNormalizedBoneNode(name: any): {rotation: {set(x: number, y: number, z: number): unknown}} | null}} [humanoid]
 */

/** The presets of VRM, by how much of each emotion is in them: all of it would shut the eyes of many. */
const MOODS = {
  happy: [0.6],
  sad: [0, 0.6],
  surprised: [0, 0, 0.6],
  relaxed: [0, 0, 0, 0.3],
  angry: [0, 0, 0, 0, 0.6],
};
const DEGREES = 180 / Math.PI;
/** So far the head nods, in radians, when the mouth is wide open. */
const NOD = 0.04;

/**
 * Speaks with the expressions of a VRM, 0.x or 1.0, blinks, looks around and sways, and is in the mood
 * that `client.pose()` has set. The page calls
 * `vrm.update()` as always. Eyes that have a `lookAt.target` follow that.
 */
export class VrmFace extends Actor {
  #vrm;
  #expressions;
  #head;

  /**
   * @param {Vrm} vrm
   * @param {Mouthpiece} client
   * @param {OutputOptions & {head?: boolean}} [options] `head`: false where something else moves it
   */
  constructor(vrm, client, { head = true, ...options } = {}) {
    super(client, options);
    if (!vrm.expressionManager) throw new TypeError('the VRM has no expressions');
    this.#vrm = vrm;
    this.#expressions = vrm.expressionManager;
    // Its axes are those of the world in every model.
    this.#head = head ? vrm.humanoid?.getNormalizedBoneNode('head') : undefined;
    this.begin();
  }

  /**
   * @protected
   * @param {Mouthing} mouthing
   * @param {Readonly<Life>} alive
   */
  draw({ weights }, { blink, gaze: [right, up], head: [yaw, pitch, roll], energy, feelings }) {
    this.#express(VRM, weights);
    // Until then the page may set them.
    if (feelings) this.#express(MOODS, feelings);
    this.#expressions.setValue('blink', blink);
    const { lookAt } = this.#vrm;
    if (lookAt && !lookAt.target) {
      lookAt.yaw = right * DEGREES;
      lookAt.pitch = -up * DEGREES;
    }
    this.#head?.rotation.set(NOD * energy - pitch, yaw, -roll);
  }

  /**
   * @param {Readonly<Record<string, readonly number[]>>} table
   * @param {ArrayLike<number>} values
   */
  #express(table, values) {
    for (const [name, row] of Object.entries(table)) {
      this.#expressions.setValue(name, mixed(row, values));
    }
  }
}
