/** What the morph targets of a head are called, and what each of them moves. */
import { WEIGHT_SETS } from '../../src/visemes.js';

/**
 * `oculus`: viseme_sil ... viseme_U, `arkit`: the 52, `plain`: mouthOpen and eyesClosed; `vrm`: names
 * that only its extension knows, with the expressions of VRM 1.0 made of them.
 * @typedef {'oculus' | 'arkit' | 'plain' | 'vrm'} MorphSet
 */
/**
 * What of the face a morph target moves.
 * @typedef {object} Moves
 * @property {number} [gap] how far the lips are apart, in the middle
 * @property {number} [width] added to the mouth on each side
 * @property {number} [pout] how far the lips come forward
 * @property {number} [lids] how far both are shut, 0..1
 * @property {number} [left] the left one alone, of the face
 * @property {number} [right]
 * @property {number} [brows] how far up
 */

const READY_PLAYER_ME = 'sil PP FF TH DD kk CH SS nn RR aa E I O U'.split(' ');
/** @type {Record<string, Moves>} */
const VISEMES = {
  PP: { gap: -0.0015, width: -0.001 },
  FF: { gap: 0.002 },
  TH: { gap: 0.006 },
  DD: { gap: 0.006 },
  kk: { gap: 0.008 },
  CH: { gap: 0.007, width: -0.008, pout: 0.008 },
  SS: { gap: 0.004, width: 0.003 },
  nn: { gap: 0.006 },
  RR: { gap: 0.007, width: -0.006, pout: 0.006 },
  aa: { gap: 0.024 },
  E: { gap: 0.015, width: 0.005 },
  I: { gap: 0.009, width: 0.007 },
  O: { gap: 0.019, width: -0.008, pout: 0.008 },
  U: { gap: 0.009, width: -0.013, pout: 0.012 },
};
/** @type {Record<string, Moves>} */
const ARKIT = {
  jawOpen: { gap: 0.04 },
  mouthClose: { gap: -0.04 },
  mouthFunnel: { gap: 0.006, width: -0.008, pout: 0.01 },
  mouthPucker: { width: -0.012, pout: 0.01 },
  mouthPressLeft: { gap: -0.001 },
  mouthPressRight: { gap: -0.001 },
  mouthRollLower: { gap: -0.001 },
  mouthStretchLeft: { width: 0.003 },
  mouthStretchRight: { width: 0.003 },
  mouthSmileLeft: { width: 0.003 },
  mouthSmileRight: { width: 0.003 },
  mouthLowerDownLeft: { gap: 0.006 },
  mouthLowerDownRight: { gap: 0.006 },
  eyeBlinkLeft: { left: 1 },
  eyeBlinkRight: { right: 1 },
  browInnerUp: { brows: 0.008 },
};
/** @type {Record<string, Moves>} */
export const VRM = {
  aa: VISEMES.aa,
  ih: VISEMES.I,
  ou: VISEMES.U,
  ee: VISEMES.E,
  oh: VISEMES.O,
  blink: { lids: 1 },
  happy: { width: 0.003 },
};
/** @type {Record<MorphSet, () => [string, Moves][]>} */
export const TARGETS = {
  oculus: () => READY_PLAYER_ME.map((name) => [`viseme_${name}`, VISEMES[name] ?? {}]),
  arkit: () => WEIGHT_SETS.arkit.map((name) => [name, ARKIT[name] ?? {}]),
  plain: () => [
    ['mouthOpen', { gap: 0.024 }],
    ['eyesClosed', { lids: 1 }],
  ],
  vrm: () => Object.entries(VRM).map(([name, moves]) => [`Fcl_${name}`, moves]),
};
