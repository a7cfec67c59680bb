/**
 * What a face does when nobody asks anything of it, and how it is held.
 * @typedef {object} Life
 * @property {number} blink how far the lids are shut, 0..1
 * @property {[number, number]} gaze where the eyes look, to the right and up as it is seen, in radians
 * @property {[number, number, number]} head yaw to the right, pitch up, roll to the right, in radians
 * @property {number} energy how lively it speaks, 0..1: who speaks nods
 * @property {string} [emotion] the one that `client.pose()` has set; nothing before that
 * @property {readonly number[]} [feelings] how far it shows: happy, sad, surprised, thoughtful, angry, 0..1
 */

const BLINK_EVERY_MS = 4000;
const BLINK_MS = 170;
/** Some blinks come twice in a row, as people's do. */
const TWICE = 0.15;
const TWICE_AFTER_MS = 260;
const GLANCE_EVERY_MS = 1900;
const GLANCE_MS = 110;
const SWAY_MS = 5200;
/** What chance decides, each on its own. */
const When = 0;
const Twice = 1;
const Home = 2;
const Side = 3;
const Height = 4;
/** How far eyes wander, to the sides and up and down. */
const GLANCE = [0.2, 0.1];

/**
 * Blinks, glances and a slight sway: a pure function, so that a face can be asked for any moment, and
 * two with the same seed do the same.
 * @param {number} ms
 * @param {number} [seed]
 * @returns {Life}
 */
export function life(ms, seed = 0) {
  const turn = (ms / SWAY_MS + chance(0, When, seed)) * 2 * Math.PI;
  return {
    blink: blink(ms, seed),
    gaze: gaze(ms, seed),
    head: [
      0.03 * Math.sin(turn * 0.7) + 0.015 * Math.sin(turn * 1.9),
      0.014 * Math.sin(turn * 1.3),
      0.016 * Math.sin(turn),
    ],
    energy: 0,
  };
}

/** @type {Readonly<Life>} A face that keeps still. */
export const STILL = { blink: 0, gaze: [0, 0], head: [0, 0, 0], energy: 0 };

/**
 * @param {number} ms
 * @param {number} seed
 */
function blink(ms, seed) {
  const slot = Math.floor(ms / BLINK_EVERY_MS);
  // Room for two within the slot: one that is under way is never cut off.
  const room = BLINK_EVERY_MS - TWICE_AFTER_MS - BLINK_MS;
  let since = ms - slot * BLINK_EVERY_MS - room * chance(slot, When, seed);
  if (since > TWICE_AFTER_MS && chance(slot, Twice, seed) < TWICE) since -= TWICE_AFTER_MS;
  return since > 0 && since < BLINK_MS ? Math.sin((since / BLINK_MS) * Math.PI) ** 0.7 : 0;
}

/**
 * @param {number} ms
 * @param {number} seed
 * @returns {[number, number]}
 */
function gaze(ms, seed) {
  const slot = Math.floor(ms / GLANCE_EVERY_MS);
  const wait = (GLANCE_EVERY_MS - GLANCE_MS) * chance(slot, When, seed + 1);
  const share = (ms - slot * GLANCE_EVERY_MS - wait) / GLANCE_MS;
  const part = Math.min(1, Math.max(0, share));
  const from = target(slot - 1, seed);
  const to = target(slot, seed);
  return /** @type {[number, number]} */ (
    to.map((end, axis) => from[axis] + (end - from[axis]) * part)
  );
}

/**
 * Where it looks at the end of a slot; every other time at whoever is in front of it.
 * @param {number} slot
 * @param {number} seed
 */
function target(slot, seed) {
  if (chance(slot, Home, seed) < 0.5) return [0, 0];
  return [Side, Height].map((of, axis) => (chance(slot, of, seed) - 0.5) * GLANCE[axis]);
}

/**
 * Evenly spread over 0..1, and the same each time it is asked for.
 * @param {number} slot
 * @param {number} of
 * @param {number} seed
 */
function chance(slot, of, seed) {
  const x = Math.sin(slot * 12.9 + of * 78.2 + seed * 37.7 + 1) * 4e4;
  return x - Math.floor(x);
}
