/**
 * What of each shape of ARKit is in the 15 Oculus visemes: the server's numbers (`oculus_to_arkit` in its
 * visemes.json), which are Lipwire's own, so that a face looks the same whoever works it out. A name
 * with `_` at its end stands for a Left and a Right that do the same.
 */
// prettier-ignore
const HALVES = {
  //                sil    PP   FF   TH   DD   kk   CH   SS   nn   RR   aa    E   ih   oh   ou
  jawOpen:           [0, 0.05, 0.06, 0.15, 0.16, 0.22, 0.12, 0.06, 0.18, 0.18, 0.6, 0.36, 0.16, 0.4, 0.14],
  mouthClose:        [0, 0.05],
  mouthFunnel:       [0, 0, 0, 0, 0, 0, 0.55, 0, 0, 0.3, 0, 0, 0, 0.55, 0.35],
  mouthPucker:       [0, 0, 0, 0, 0, 0, 0.3, 0, 0, 0.3, 0, 0, 0, 0.25, 0.75],
  mouthRollLower:    [0, 0.3, 0.45],
  mouthRollUpper:    [0, 0.3],
  mouthShrugLower:   [0, 0, 0.35],
  mouthPress_:       [0, 0.45],
  mouthStretch_:     [0, 0, 0, 0, 0, 0, 0, 0.25, 0, 0, 0, 0.22, 0.3],
  mouthSmile_:       [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.12, 0.28],
  mouthLowerDown_:   [0, 0, 0, 0.15, 0.15, 0.15, 0, 0.25, 0.12, 0, 0.2, 0.2, 0.18],
  mouthUpperUp_:     [0, 0, 0.25, 0.12, 0.1, 0.08, 0, 0.2, 0.08, 0, 0.12, 0.12, 0.1],
  tongueOut:         [0, 0, 0, 0.45, 0.08, 0, 0, 0, 0.1],
};

/** What of each shape is in the emotions, in the order of `Life.feelings`. The jaw is left to the speech. */
const FEELINGS = {
  browInnerUp: [0.2, 0.7, 0.8],
  browOuterUp_: [0.2, 0, 0.8, 0.2],
  browDown_: [0, 0, 0, 0, 0.8],
  eyeSquint_: [0.4, 0.2, 0, 0.2, 0.4],
  eyeWide_: [0, 0, 0.6],
  cheekSquint_: [0.5],
  mouthSmile_: [0.6],
  mouthFrown_: [0, 0.6, 0, 0.15, 0.5],
  noseSneer_: [0, 0, 0, 0, 0.3],
};

/** @type {Readonly<Record<string, readonly number[]>>} Shapes of ARKit that a mouth needs. */
export const ARKIT = /* @__PURE__ */ bothSides(HALVES);

/** @type {Readonly<Record<string, readonly number[]>>} Those that a mood needs. */
export const MOODS = /* @__PURE__ */ bothSides(FEELINGS);

/** @param {Record<string, number[]>} table */
function bothSides(table) {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, row]) => {
      const names = name.endsWith('_')
        ? ['Left', 'Right'].map((side) => name.slice(0, -1) + side)
        : [name];
      return names.map((each) => [each, row]);
    }),
  );
}
