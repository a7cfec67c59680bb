import { Actor } from './actor.js';
import { FORM, mixed, OPEN } from './tables.js';

/** @import { Life } from './life.js' */
/** @import { Mouthing, Mouthpiece, OutputOptions } from './output.js' */

/**
 * How a parameter of the model is set: one function for all, or one for each that there is.
 * @typedef {((id: string, value: number) => void) | Record<string, (value: number) => void>} Setters
 */

/** What each emotion does to the brows and eyes, of both sides, and to the form of the mouth. */
const MOODS = {
  BrowY: [0.3, 0, 0.9, 0.2, -0.3],
  BrowX: [0, 0, 0, 0, -0.3],
  BrowForm: [0, -0.3, 0, 0, -1],
  EyeSmile: [0.8],
};
const MOUTH = [0.7, -0.8, -0.2, -0.2, -0.8];
const DEGREES = 180 / Math.PI;
/** Eyes that are turned this far, in radians, are all the way there. */
const FULL_GAZE = 0.3;
/** So far the head nods, in degrees, when the mouth is wide open. */
const NOD = 4;

/**
 * Speaks with a Live2D model by the standard ids of its parameters: `ParamMouthOpenY`, `ParamMouthForm`,
 * `ParamEyeLOpen`, `ParamEyeROpen`, `ParamEyeBallX`, `ParamEyeBallY`, `ParamAngleX`, `ParamAngleY` and
 * `ParamAngleZ`; once `client.pose()` has set an emotion, brows and smiling eyes, too. How they are set
 * is the page's own: it has the runtime.
 */
export class Live2dFace extends Actor {
  #set;

  /**
   * @param {Setters} setters
   * @param {Mouthpiece} client
   * @param {OutputOptions} [options] a model that is animated forgets its parameters in every frame:
   *   with `auto: false`, call `update()` after its motions
   */
  constructor(setters, client, options) {
    super(client, options);
    this.#set =
      typeof setters === 'function'
        ? setters
        : (/** @type {string} */ id, /** @type {number} */ value) => setters[id]?.(value);
    this.begin();
  }

  /**
   * @protected
   * @param {Mouthing} mouthing
   * @param {Readonly<Life>} alive
   */
  draw({ weights }, { blink, gaze: [right, up], head: [yaw, pitch, roll], energy, feelings }) {
    const set = this.#set;
    set('ParamMouthOpenY', mixed(OPEN, weights));
    const form = mixed(FORM, weights) + (feelings ? mixed(MOUTH, feelings) : 0);
    set('ParamMouthForm', Math.max(-1, Math.min(1, form)));
    for (const side of 'LR') set(`ParamEye${side}Open`, 1 - blink);
    set('ParamEyeBallX', right / FULL_GAZE);
    set('ParamEyeBallY', up / FULL_GAZE);
    set('ParamAngleX', yaw * DEGREES);
    set('ParamAngleY', pitch * DEGREES - NOD * energy);
    set('ParamAngleZ', roll * DEGREES);
    if (!feelings) return;
    for (const [name, row] of Object.entries(MOODS)) {
      for (const side of 'LR') set(sided(name, side), mixed(row, feelings));
    }
  }
}

/**
 * `BrowY` of the left is `ParamBrowLY`.
 * @param {string} name
 * @param {string} side
 */
function sided(name, side) {
  return `Param${name.replace(/(Brow|Eye)/, `$1${side}`)}`;
}
