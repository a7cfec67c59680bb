import { path } from './mouth.js';

/** @import { Life } from '../life.js' */
/** @import { Parts } from './parts.js' */

const Y = 186;
const HALF = 20;
/** How far an iris goes for each radian. */
const REACH = 40;

/**
 * @param {Parts} parts
 * @param {Readonly<Life>} life
 */
export function drawEyes(parts, { blink, gaze: [right, up] }) {
  for (const [side, middle, tilt] of /** @type {[string, number, number][]} */ ([
    ['left', 158, -2],
    ['right', 242, 2],
  ])) {
    const left = middle - HALF;
    const top = Y + 10 - 34 * (1 - blink);
    const from = Y + 1 + tilt;
    const to = Y + 1 - tilt;
    const upper = path`M${left} ${from}Q${middle} ${top} ${middle + HALF} ${to}`;
    parts.set(`eye-${side}`, 'd', path`${upper}Q${middle} ${Y + 16} ${left} ${from}Z`);
    parts.set(`lash-${side}`, 'd', upper);
    parts.set(`shade-${side}`, 'd', path`${upper}Q${middle} ${top + 9} ${left} ${from}Z`);
    const iris = path`translate(${middle + REACH * right} ${Y - REACH * up})`;
    parts.set(`iris-${side}`, 'transform', iris);
  }
}
