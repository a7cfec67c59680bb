import { CENTRE } from './bones.js';
import { VRM } from './morphs.js';
import { EYE } from './shape.js';

/** @import { Moves } from './morphs.js' */

/**
 * The extension that makes a VRM 1.0 of it.
 * @param {[string, Moves][]} targets
 * @param {{name: string}[]} bones
 * @param {number} mesh number of its node
 */
export function vrm(targets, bones, mesh) {
  const node = (/** @type {string} */ name) => bones.findIndex((bone) => bone.name === name);
  /** @type {Record<string, string>} */
  const human = { hips: 'Hips', spine: 'Spine', chest: 'Spine1', neck: 'Neck', head: 'Head' };
  for (const [side, Side] of [
    ['left', 'Left'],
    ['right', 'Right'],
  ]) {
    Object.assign(human, {
      [`${side}Eye`]: `${Side}Eye`,
      [`${side}UpperArm`]: `${Side}Arm`,
      [`${side}LowerArm`]: `${Side}ForeArm`,
      [`${side}Hand`]: `${Side}Hand`,
      [`${side}UpperLeg`]: `${Side}UpLeg`,
      [`${side}LowerLeg`]: `${Side}Leg`,
      [`${side}Foot`]: `${Side}Foot`,
    });
  }
  const preset = Object.keys(VRM).map((name) => {
    const index = targets.findIndex(([target]) => target === `Fcl_${name}`);
    return [name, { morphTargetBinds: [{ node: mesh, index, weight: 1 }] }];
  });
  return {
    extensionsUsed: ['VRMC_vrm'],
    extensions: {
      VRMC_vrm: {
        specVersion: '1.0',
        meta: {
          name: 'Nobody',
          authors: ['Lipwire'],
          licenseUrl: 'https://vrm.dev/licenses/1.0/',
        },
        humanoid: {
          humanBones: Object.fromEntries(
            Object.entries(human).map(([bone, name]) => [bone, { node: node(name) }]),
          ),
        },
        lookAt: {
          type: 'bone',
          offsetFromHeadBone: [0, EYE.y + CENTRE[1], EYE.z + CENTRE[2]],
          ...Object.fromEntries(
            ['HorizontalInner', 'HorizontalOuter', 'VerticalDown', 'VerticalUp'].map((name) => [
              `rangeMap${name}`,
              { inputMaxValue: 90, outputScale: 10 },
            ]),
          ),
        },
        expressions: { preset: Object.fromEntries(preset) },
      },
    },
  };
}
