// What of each shape is in the 15 Oculus visemes. The numbers are the server's (`oculus_to_vrm` and
// `oculus_to_live2d` in its visemes.json), so that a face looks the same whoever works it out; the
// names are the presets of VRM 1.0, and Live2D's standard parameters.

// prettier-ignore
/** @type {Readonly<Record<string, readonly number[]>>} */
export const VRM = {
  aa: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ih: [0, 0, 0.15, 0.25, 0.3, 0, 0, 0.35, 0.3, 0, 0, 0, 1],
  ou: [0, 0, 0, 0, 0, 0, 0.45, 0, 0, 0.35, 0, 0, 0, 0, 1],
  ee: [0, 0, 0, 0, 0, 0.3, 0, 0, 0, 0, 0, 1],
  oh: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
};

/** How far the mouth is open, for faces that know nothing else. */
export const OPEN = [0, 0, 0.08, 0.2, 0.2, 0.25, 0.2, 0.12, 0.22, 0.25, 1, 0.6, 0.3, 0.6, 0.25];

/** From -1, rounded, to 1, wide. */
export const FORM = [0, -0.1, 0.1, 0.1, 0.2, 0.1, -0.5, 0.4, 0.2, -0.4, 0.1, 0.5, 0.9, -0.6, -1];

/**
 * @param {readonly number[]} row of a table
 * @param {ArrayLike<number>} weights of the Oculus visemes
 */
export function mixed(row, weights) {
  return row.reduce((sum, share, viseme) => sum + share * weights[viseme], 0);
}
