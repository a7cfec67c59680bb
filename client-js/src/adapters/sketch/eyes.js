/** @import { Life } from '../life.js' */
/** @import { SetPart } from './parts.js' */

/** How far an iris goes for each radian. */
const REACH = 40;

/**
 * Both eyes, each around its own middle.
 * @param {SetPart} set
 * @param {Readonly<Life>} life
 */
export function drawEyes(set, { blink, gaze: [right, up] }) {
  const upper = `M-20 1Q0 ${34 * blink - 24} 20 1`;
  set('lash', upper);
  set('eye', `${upper}Q0 16-20 1`);
  set('iris', `translate(${REACH * right} ${-REACH * up})`, 'transform');
}
