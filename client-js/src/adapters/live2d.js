import { Output } from './output.js';
import { FORM, mixed, OPEN } from './tables.js';

/** @import { Life } from './life.js' */
/** @import { Mouthing, Mouthpiece, OutputOptions } from './output.js' */

/**
 * How a parameter of the model is set: one function for all, or one for each that there is.
 * @typedef {((id: string, value: number) => void) | Record<string, (value: number) => void>} Setters
 */

const DEGREES = 180 / Math.PI;
/** Eyes that are turned this far, in radians, are all the way there. */
const FULL_GAZE = 0.3;
/** So far the head nods, in degrees, when the mouth is wide open. */
const NOD = 4;

/**
 * Speaks with a Live2D model by the standard ids of its parameters: `ParamMouthOpenY`, `ParamMouthForm`,
 * `ParamEyeLOpen`, `ParamEyeROpen`, `ParamEyeBallX`, `ParamEyeBallY`, `ParamAngleX`, `ParamAngleY` and
 * `ParamAngleZ`. How they are set is the page's own: it has the runtime.
 */
export class Live2dFace extends Output {
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
  draw({ weights }, { blink, gaze: [right, up], head: [yaw, pitch, roll], energy }) {
    const set = this.#set;
    set('ParamMouthOpenY', mixed(OPEN, weights));
    set('ParamMouthForm', mixed(FORM, weights));
    for (const side of 'LR') set(`ParamEye${side}Open`, 1 - blink);
    set('ParamEyeBallX', right / FULL_GAZE);
    set('ParamEyeBallY', up / FULL_GAZE);
    set('ParamAngleX', yaw * DEGREES);
    set('ParamAngleY', pitch * DEGREES - NOD * energy);
    set('ParamAngleZ', roll * DEGREES);
  }
}
