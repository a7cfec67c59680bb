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

/** The 15 Oculus visemes in the order of their numbers, each in the order of `mouthShape`. */
const SHAPES = [
  [32, 0, 0, 0, 0, 0.1], // sil
  [30, 0, 0, 0, 0, 1], // PP
  [32, 5, 1, 0, 0, 0.2, 1], // FF
  [32, 10, 0.9, 1], // TH
  [32, 9, 0.9, 0.65], // DD
  [32, 12, 0.6, 0.3], // kk
  [24, 10, 0.9, 0, 0.7], // CH
  [35, 7, 1, 0, 0, 0.1], // SS
  [32, 9, 0.8, 0.7], // nn
  [26, 10, 0.5, 0.5, 0.5], // RR
  [34, 32, 0.7, 0.25], // aa
  [37, 20, 0.8, 0.3], // E
  [38, 12, 0.9, 0.35], // ih
  [26, 27, 0.25, 0.15, 0.7], // oh
  [17, 13, 0, 0.1, 1], // ou
];

/**
 * @param {ArrayLike<number>} weights of the visemes; they add up to 1
 * @returns {MouthShape}
 */
export function mouthShape(weights) {
  const [width, gap, teeth, tongue, round, press, tuck] = [0, 1, 2, 3, 4, 5, 6].map((place) => {
    return SHAPES.reduce((sum, shape, viseme) => sum + (shape[place] ?? 0) * weights[viseme], 0);
  });
  return { width, gap, teeth, tongue, round, press, tuck };
}
