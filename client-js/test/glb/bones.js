import { EYE } from './shape.js';

/** Where the middle of the head is, from its bone. */
export const CENTRE = [0, 0.07, 0.02];

/** The bones of a Ready Player Me avatar, at the places of a grown-up with arms held out. */
export function skeleton() {
  /** @type {{name: string, at: number[], world: number[], children: number[]}[]} */
  const bones = [];
  const grow = (
    /** @type {string} */ name,
    /** @type {number[]} */ at,
    /** @type {number} */ parent,
  ) => {
    const from = bones[parent]?.world ?? [0, 0, 0];
    bones.push({ name, at, world: from.map((value, axis) => value + at[axis]), children: [] });
    bones[parent]?.children.push(bones.length - 1);
    return bones.length - 1;
  };
  const chain = (/** @type {[string, number[]][]} */ links, /** @type {number} */ parent) => {
    for (const [name, at] of links) parent = grow(name, at, parent);
    return parent;
  };
  const hips = grow('Hips', [0, 1, 0], -1);
  const chest = chain(
    ['Spine', 'Spine1', 'Spine2'].map((name) => [name, [0, 0.12, 0]]),
    hips,
  );
  const skull = chain(
    [
      ['Neck', [0, 0.14, 0]],
      ['Head', [0, 0.1, 0]],
    ],
    chest,
  );
  for (const [side, sign] of /** @type {[string, number][]} */ ([
    ['Left', 1],
    ['Right', -1],
  ])) {
    grow(`${side}Eye`, [sign * EYE.x, EYE.y + CENTRE[1], EYE.z + CENTRE[2]], skull);
    const hand = chain(
      [
        [`${side}Shoulder`, [sign * 0.06, 0.09, 0]],
        [`${side}Arm`, [0, 0.12, 0]],
        [`${side}ForeArm`, [0, 0.27, 0]],
        [`${side}Hand`, [0, 0.26, 0]],
      ],
      chest,
    );
    for (const finger of ['Thumb', 'Index', 'Middle', 'Ring', 'Pinky']) {
      chain(
        [1, 2, 3].map((part) => [`${side}Hand${finger}${part}`, [0, 0.04, 0]]),
        hand,
      );
    }
    chain(
      [
        [`${side}UpLeg`, [sign * 0.09, -0.05, 0]],
        [`${side}Leg`, [0, 0.43, 0]],
        [`${side}Foot`, [0, 0.43, 0]],
        [`${side}ToeBase`, [0, 0.14, 0]],
      ],
      hips,
    );
  }
  return bones;
}
