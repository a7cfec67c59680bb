/**
 * Makes a talking head as a GLB, small and of nobody: for tests, in Node and in browsers. It is in
 * metres, looks along +z, hangs on the bones that Ready Player Me avatars have (TalkingHead wants
 * those), and has morph targets of the sets that are asked for.
 *
 *   node test/make-glb.js head.glb oculus arkit
 */
import { CENTRE, skeleton } from './glb/bones.js';
import { Bin, glb } from './glb/file.js';
import { TARGETS } from './glb/morphs.js';
import { head } from './glb/shape.js';
import { vrm } from './glb/vrm.js';

/** @import { MorphSet } from './glb/morphs.js' */

/**
 * @param {{sets?: MorphSet[]}} [options]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function headGlb({ sets = ['oculus', 'arkit'] } = {}) {
  const targets = sets.flatMap((set) => TARGETS[set]());
  const { vertices, triangles } = head({});
  const rest = vertices.flatMap(({ at }) => at);
  const bin = new Bin();
  const bones = skeleton();
  const joint = bones.findIndex(({ name }) => name === 'Head');
  const placed = rest.map((value, i) => value + CENTRE[i % 3] + bones[joint].world[i % 3]);
  const primitive = {
    attributes: {
      POSITION: bin.add(Float32Array.from(placed), 'VEC3', 34962),
      NORMAL: bin.add(Float32Array.from(vertices.flatMap(({ normal }) => normal)), 'VEC3', 34962),
      COLOR_0: bin.add(Float32Array.from(vertices.flatMap(({ colour }) => colour)), 'VEC3', 34962),
      JOINTS_0: bin.add(Uint8Array.from(vertices.flatMap(() => [joint, 0, 0, 0])), 'VEC4', 34962),
      WEIGHTS_0: bin.add(Float32Array.from(vertices.flatMap(() => [1, 0, 0, 0])), 'VEC4', 34962),
    },
    indices: bin.add(Uint16Array.from(triangles), 'SCALAR', 34963),
    material: 0,
    targets: targets.map(([, moves]) => {
      const moved = head(moves).vertices.flatMap(({ at }) => at);
      const delta = Float32Array.from(moved, (value, index) => value - rest[index]);
      return { POSITION: bin.add(delta, 'VEC3', 34962) };
    }),
  };
  const inverse = bones.flatMap(({ world: [x, y, z] }) => {
    return [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -x, -y, -z, 1];
  });
  const mesh = bones.length;
  const nodes = [
    ...bones.map(({ name, at, children }) => ({
      name,
      translation: at,
      ...(children.length > 0 && { children }),
    })),
    { name: 'Wolf3D_Head', mesh: 0, skin: 0 },
    { name: 'Armature', children: [0, mesh] },
  ];
  const gltf = {
    asset: { version: '2.0', generator: 'lipwire make-glb' },
    scene: 0,
    scenes: [{ nodes: [mesh + 1] }],
    nodes,
    meshes: [
      {
        name: 'Wolf3D_Head',
        primitives: [primitive],
        weights: targets.map(() => 0),
        extras: { targetNames: targets.map(([name]) => name) },
      },
    ],
    materials: [
      {
        name: 'Skin',
        doubleSided: true,
        pbrMetallicRoughness: { metallicFactor: 0, roughnessFactor: 0.75 },
      },
    ],
    skins: [
      {
        joints: bones.map((_, index) => index),
        inverseBindMatrices: bin.add(Float32Array.from(inverse), 'MAT4'),
        skeleton: 0,
      },
    ],
    ...(sets.includes('vrm') && vrm(targets, bones, mesh)),
    ...bin.described(),
  };
  return glb(gltf, bin.bytes());
}

if (globalThis.process?.argv[1]?.endsWith('make-glb.js')) {
  const { writeFileSync } = await import('node:fs');
  const [, , file, ...sets] = process.argv;
  writeFileSync(file, headGlb(sets.length > 0 ? { sets: /** @type {any} */ (sets) } : {}));
}
