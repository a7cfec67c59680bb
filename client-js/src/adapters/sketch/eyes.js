/** @import { Life } from '../life.js' */
/** @import { Parts } from './parts.js' */

/** How far an iris goes for each radian. */
const REACH = 40;

/**
 * Both eyes, each around its own middle.
 * @param {Parts} parts
 * @param {Readonly<Life>} life
 */
export function drawEyes(parts, { blink, gaze: [right, up] }) {
  const upper = `M-20 1Q0 ${34 * blink - 24} 20 1`;
  parts.set('lash', upper);
  parts.set('eye', `${upper}Q0 16-20 1`);
  parts.set('iris', `translate(${REACH * right} ${-REACH * up})`, 'transform');
}
