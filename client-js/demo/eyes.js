/** @import { Parts } from './face.js' */

const EYES = [
  { side: 'left', x: 158, tilt: -2 },
  { side: 'right', x: 242, tilt: 2 },
];
const Y = 186;
const HALF = 20;
const BLINK_MS = 170;
const GAZE_MS = 120;

let blinkAt = 1500;
let gaze = { x: 0, y: 0, fromX: 0, fromY: 0, at: 0, next: 2500 };

/**
 * Eyes that blink now and then and look around a little, unless motion is unwanted.
 * @param {Parts} parts
 * @param {number} now
 * @param {boolean} lively
 */
export function drawEyes(parts, now, lively) {
  const open = lively ? 1 - blink(now) : 1;
  const { x, y } = lively ? look(now) : { x: 0, y: 0 };
  for (const { side, x: middle, tilt } of EYES) {
    const left = middle - HALF;
    const right = middle + HALF;
    const top = Y + 10 - 34 * open;
    const from = Y + 1 + tilt;
    const to = Y + 1 - tilt;
    const upper = `M${left} ${from} Q${middle} ${top} ${right} ${to}`;
    parts.set(`eye-${side}`, 'd', `${upper} Q${middle} ${Y + 16} ${left} ${from} Z`);
    parts.set(`lash-${side}`, 'd', upper);
    parts.set(`eye-shade-${side}`, 'd', `${upper} Q${middle} ${top + 9} ${left} ${from} Z`);
    parts.set(
      `lid-${side}`,
      'd',
      `M${left + 3} ${from - 10} Q${middle} ${Y - 27} ${right - 3} ${to - 10}`,
    );
    parts.set(
      `iris-${side}`,
      'transform',
      `translate(${(middle + x).toFixed(2)} ${(Y + y).toFixed(2)})`,
    );
  }
}

/**
 * How far the lids are closed, 0..1.
 * @param {number} now
 */
function blink(now) {
  const since = now - blinkAt;
  if (since > BLINK_MS) {
    // Sometimes twice in a row, as people do.
    const pause = Math.random() < 0.15 ? 220 : 2400 + Math.random() * 3200;
    blinkAt = now + pause;
  }
  if (since < 0 || since > BLINK_MS) return 0;
  return Math.sin((since / BLINK_MS) * Math.PI) ** 0.7;
}

/** @param {number} now */
function look(now) {
  if (now > gaze.next) {
    const home = Math.random() < 0.5;
    gaze = {
      fromX: gaze.x,
      fromY: gaze.y,
      x: home ? 0 : (Math.random() - 0.5) * 8,
      y: home ? 0 : (Math.random() - 0.5) * 4,
      at: now,
      next: now + 900 + Math.random() * 2600,
    };
  }
  const part = Math.min(1, (now - gaze.at) / GAZE_MS);
  return {
    x: gaze.fromX + (gaze.x - gaze.fromX) * part,
    y: gaze.fromY + (gaze.y - gaze.fromY) * part,
  };
}
