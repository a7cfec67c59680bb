/**
 * What a mouth looks like, in the units of the drawing.
 * @typedef {object} MouthShape
 * @property {number} width from the middle to a corner
 * @property {number} gap between the lips, in the middle
 * @property {number} round how far the lips are pushed forward
 * @property {number} press how much of the lips is rolled in
 * @property {number} teeth how much of the upper teeth shows
 * @property {number} lower how much of the lower teeth shows
 * @property {number} tongue how high the tongue is
 * @property {number} tuck how far the lower lip is under the upper teeth
 */

/** @type {(keyof MouthShape)[]} */
const KEYS = ['width', 'gap', 'round', 'press', 'teeth', 'lower', 'tongue', 'tuck'];

/**
 * The 15 Oculus visemes in the order of their numbers, each in the order of KEYS.
 * @type {number[][]}
 */
const SHAPES = [
  [32, 0, 0, 0.1, 0, 0, 0, 0], // sil
  [30, 0, 0, 1, 0, 0, 0, 0], // PP
  [32, 5, 0, 0.2, 1, 0, 0, 1], // FF
  [32, 10, 0, 0, 0.9, 0, 1, 0], // TH
  [32, 9, 0, 0, 0.9, 0.2, 0.65, 0], // DD
  [32, 12, 0, 0, 0.6, 0.1, 0.3, 0], // kk
  [24, 10, 0.7, 0, 0.9, 0.6, 0, 0], // CH
  [35, 7, 0, 0.1, 1, 0.9, 0, 0], // SS
  [32, 9, 0, 0, 0.8, 0.1, 0.7, 0], // nn
  [26, 10, 0.5, 0, 0.5, 0, 0.5, 0], // RR
  [34, 32, 0, 0, 0.7, 0, 0.25, 0], // aa
  [37, 20, 0, 0, 0.8, 0.1, 0.3, 0], // E
  [38, 12, 0, 0, 0.9, 0.3, 0.35, 0], // ih
  [26, 27, 0.7, 0, 0.25, 0, 0.15, 0], // oh
  [17, 13, 1, 0, 0, 0, 0.1, 0], // ou
];

/**
 * @param {ArrayLike<number>} weights of the visemes; they add up to 1
 * @returns {MouthShape}
 */
export function mouthShape(weights) {
  const shape = { width: 0, gap: 0, round: 0, press: 0, teeth: 0, lower: 0, tongue: 0, tuck: 0 };
  for (const [index, values] of SHAPES.entries()) {
    for (const [place, key] of KEYS.entries()) shape[key] += weights[index] * values[place];
  }
  return shape;
}
