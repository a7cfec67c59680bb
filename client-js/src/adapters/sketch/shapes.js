import { mixed } from '../tables.js';

/**
 * What a mouth looks like, in the units of the drawing.
 * @typedef {object} MouthShape
 * @property {number} width from the middle to a corner
 * @property {number} gap between the lips, in the middle
 * @property {number} teeth how much of the upper teeth shows
 * @property {number} tongue how high the tongue is
 * @property {number} round how far the lips are pushed forward
 * @property {number} press how much of the lips is rolled in
 * @property {number} tuck how far the lower lip is under the upper teeth
 */

/** How much of each is in the 15 Oculus visemes, in the order of `mouthShape`. */
// prettier-ignore
const SHAPES = [
  // sil PP FF TH DD kk CH SS nn RR aa E ih oh ou
  [32, 30, 32, 32, 32, 32, 24, 35, 32, 26, 34, 37, 38, 26, 17], // width
  [0, 0, 5, 10, 9, 12, 10, 7, 9, 10, 32, 20, 12, 27, 13], // gap
  [0, 0, 1, 0.9, 0.9, 0.6, 0.9, 1, 0.8, 0.5, 0.7, 0.8, 0.9, 0.25], // teeth
  [0, 0, 0, 1, 0.65, 0.3, 0, 0, 0.7, 0.5, 0.25, 0.3, 0.35, 0.15, 0.1], // tongue
  [0, 0, 0, 0, 0, 0, 0.7, 0, 0, 0.5, 0, 0, 0, 0.7, 1], // round
  [0.1, 1, 0.2, 0, 0, 0, 0, 0.1], // press
  [0, 0, 1], // tuck
];

/**
 * @param {ArrayLike<number>} weights of the visemes; they add up to 1
 * @returns {MouthShape}
 */
export function mouthShape(weights) {
  const [width, gap, teeth, tongue, round, press, tuck] = SHAPES.map((row) => mixed(row, weights));
  return { width, gap, teeth, tongue, round, press, tuck };
}
