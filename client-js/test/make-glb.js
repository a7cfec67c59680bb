/**
 * Makes a talking head as a GLB, small and of nobody: for tests, in Node and in browsers. It is in
 * metres, looks along +z, hangs on the bones that Ready Player Me avatars have (TalkingHead wants
 * those), and has morph targets of the sets that are asked for.
 *
 *   node test/make-glb.js head.glb oculus arkit
 */
import { WEIGHT_SETS } from '../src/visemes.js';

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
/** @typedef {{at: number[], normal: number[], colour: number[]}} Vertex */

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
const VRM = {
  aa: VISEMES.aa,
  ih: VISEMES.I,
  ou: VISEMES.U,
  ee: VISEMES.E,
  oh: VISEMES.O,
  blink: { lids: 1 },
  happy: { width: 0.003 },
};
/** @type {Record<MorphSet, () => [string, Moves][]>} */
const TARGETS = {
  oculus: () => READY_PLAYER_ME.map((name) => [`viseme_${name}`, VISEMES[name] ?? {}]),
  arkit: () => WEIGHT_SETS.arkit.map((name) => [name, ARKIT[name] ?? {}]),
  plain: () => [
    ['mouthOpen', { gap: 0.024 }],
    ['eyesClosed', { lids: 1 }],
  ],
  vrm: () => Object.entries(VRM).map(([name, moves]) => [`Fcl_${name}`, moves]),
};

const SKIN = [0.83, 0.55, 0.4];
const HAIR = [0.1, 0.055, 0.035];
const LIP = [0.62, 0.22, 0.2];
const DARK = [0.06, 0.01, 0.015];
const WHITE = [0.9, 0.88, 0.84];
const IRIS = [0.04, 0.16, 0.12];
const RADII = [0.078, 0.108, 0.092];
const EYE = { x: 0.031, y: 0.016, z: 0.078, radius: 0.0145 };
const MOUTH = { y: -0.047, half: 0.024, lip: 0.0075, points: 24 };
const FORWARD = [0, 0, 1];
/** Where the middle of the head is, from its bone. */
const CENTRE = [0, 0.07, 0.02];

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

/**
 * @param {Moves} moves
 */
function head(moves) {
  /** @type {Vertex[]} */
  const vertices = [];
  /** @type {number[]} */
  const triangles = [];
  const grid = (
    /** @type {number} */ rows,
    /** @type {number} */ columns,
    /** @type {(u: number, v: number) => Vertex} */ at,
  ) => {
    const first = vertices.length;
    for (let row = 0; row <= rows; row++) {
      for (let column = 0; column <= columns; column++)
        vertices.push(at(column / columns, row / rows));
    }
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const a = first + row * (columns + 1) + column;
        const b = a + columns + 1;
        triangles.push(a, b, a + 1, b, b + 1, a + 1);
      }
    }
  };
  grid(20, 28, (u, v) => skull(u, v, moves));
  grid(4, 10, (u, v) => nose(u, v));
  for (const side of [-1, 1]) {
    grid(8, 12, (u, v) => eyeball(u, v, side));
    const shut = (moves.lids ?? 0) + ((side > 0 ? moves.left : moves.right) ?? 0);
    grid(5, 12, (u, v) => lid(u, v, side, shut));
    grid(1, 6, (u, v) => brow(u, v, side, moves.brows ?? 0));
  }
  grid(1, MOUTH.points, (u, v) => mouth(u, v - 1, moves, DARK, 0.004));
  grid(1, MOUTH.points, (u, v) => teeth(u, v, moves));
  grid(3, MOUTH.points, (u, v) => mouth(u, v, moves, LIP, 0.0055));
  return { vertices, triangles };
}

/**
 * @param {number} u
 * @param {number} v
 */
function sphere(u, v) {
  const around = u * 2 * Math.PI;
  const down = v * Math.PI;
  return [Math.sin(down) * Math.sin(around), Math.cos(down), Math.sin(down) * Math.cos(around)];
}

/**
 * @param {number} u
 * @param {number} v
 * @param {Moves} moves
 * @returns {Vertex}
 */
function skull(u, v, { gap = 0 }) {
  const normal = sphere(u, v);
  const at = normal.map((value, axis) => value * RADII[axis]);
  const [x, y, z] = at;
  // Narrower towards the chin, which goes down with the jaw.
  const low = Math.max(0, -y / RADII[1]);
  at[0] = x * (1 - 0.1 * low ** 2);
  at[1] = y - 0.6 * Math.max(0, gap) * Math.max(0, low - 0.45) * (z > 0 ? 1.8 : 0);
  const hairy = y > 0.062 || (z < 0.012 && y > -0.05);
  return { at, normal, colour: hairy ? HAIR : SKIN };
}

/** How far forward the face is there. @param {number} x @param {number} y */
function surface(x, y) {
  const narrow = 1 - 0.1 * Math.max(0, -y / RADII[1]) ** 2;
  const rest = 1 - (x / RADII[0] / narrow) ** 2 - (y / RADII[1]) ** 2;
  return RADII[2] * Math.sqrt(Math.max(0, rest));
}

/** @param {number} u @param {number} v @returns {Vertex} */
function nose(u, v) {
  const x = (u - 0.5) * 0.026 * (0.35 + 0.65 * v);
  const y = 0.014 - 0.038 * v;
  const out = 0.016 * v * Math.cos((u - 0.5) * Math.PI);
  const normal = [(u - 0.5) * 1.6, -0.1, 0.8];
  return { at: [x, y, surface(x, y) + out - 0.001], normal: unit(normal), colour: SKIN };
}

/** @param {number} u @param {number} v @param {number} side @returns {Vertex} */
function eyeball(u, v, side) {
  // Its pole looks forward.
  const [x, z, y] = sphere(u, v);
  const colour = v < 0.13 ? DARK : v < 0.25 ? IRIS : WHITE;
  const at = [
    side * EYE.x + x * EYE.radius,
    EYE.y + y * EYE.radius,
    EYE.z - 0.004 + z * EYE.radius,
  ];
  return { at, normal: [x, y, z], colour };
}

/** @param {number} u @param {number} v @param {number} side @param {number} shut @returns {Vertex} */
function lid(u, v, side, shut) {
  const around = (u - 0.5) * Math.PI;
  const down = (0.62 - v * (0.3 + 0.75 * shut)) * 0.5 * Math.PI;
  const radius = EYE.radius + 0.0012;
  const normal = [
    Math.sin(around) * Math.cos(down),
    Math.sin(down),
    Math.cos(around) * Math.cos(down),
  ];
  const at = [
    side * EYE.x + normal[0] * radius,
    EYE.y + normal[1] * radius,
    EYE.z - 0.004 + normal[2] * radius,
  ];
  return { at, normal, colour: SKIN.map((value) => value * 0.9) };
}

/** @param {number} u @param {number} v @param {number} side @param {number} up @returns {Vertex} */
function brow(u, v, side, up) {
  const x = side * (EYE.x + (u - 0.5) * 0.038);
  const y = EYE.y + 0.022 - 0.012 * (u - 0.4) ** 2 - 0.006 * v + up;
  return { at: [x, y, surface(x, y) + 0.003], normal: FORWARD, colour: HAIR };
}

/**
 * A ring around the mouth: `v` goes from its inner edge at 0 to the outer one at 1, and to the middle at -1.
 * @param {number} u
 * @param {number} v
 * @param {Moves} moves
 * @param {number[]} colour
 * @param {number} out
 * @returns {Vertex}
 */
function mouth(u, v, { gap = 0, width = 0, pout = 0 }, colour, out) {
  const around = u * 2 * Math.PI;
  const [side, up] = [Math.cos(around), Math.sin(around)];
  // At rest the lips are a little apart: there is something to press together.
  const open = 0.0015 + gap;
  const inner = { x: MOUTH.half + width, y: 0.5 * Math.max(0, open) };
  const lip = Math.max(0, v) * MOUTH.lip * (up < 0 ? 1.2 : 0.9);
  const share = Math.min(1, 1 + v);
  const x = side * (inner.x * share + 0.5 * lip);
  // The lower lip goes with the jaw.
  const y = MOUTH.y + up * (inner.y * share + Math.abs(up) * lip) - 0.4 * open;
  const bulge = v < 0 ? 0 : Math.sin(Math.PI * v) * 0.004;
  const at = [x, y, surface(x, y) + out + bulge + (v < 0 ? 0 : pout * (1 - 0.5 * v))];
  return { at, normal: unit([side * v * 0.4, up * v * 0.6, 1]), colour };
}

/** @param {number} u @param {number} v @param {Moves} moves @returns {Vertex} */
function teeth(u, v, { gap = 0, width = 0 }) {
  const side = Math.cos(u * Math.PI) * 0.8;
  const open = Math.max(0, 0.0015 + gap);
  const top = 0.5 * open * Math.sin(u * Math.PI);
  const x = side * (MOUTH.half + width);
  const y = MOUTH.y - 0.4 * open + top - v * Math.min(0.006, top * 0.7);
  return { at: [x, y, surface(x, y) + 0.0048], normal: FORWARD, colour: WHITE };
}

/** @param {number[]} of */
function unit(of) {
  const length = Math.hypot(...of);
  return of.map((value) => value / length);
}

/** The bones of a Ready Player Me avatar, at the places of a grown-up with arms held out. */
function skeleton() {
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

/**
 * The extension that makes a VRM 1.0 of it.
 * @param {[string, Moves][]} targets
 * @param {{name: string}[]} bones
 * @param {number} mesh number of its node
 */
function vrm(targets, bones, mesh) {
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

const SIZES = { SCALAR: 1, VEC3: 3, VEC4: 4, MAT4: 16 };

/** The numbers of a glTF, one array after another. */
class Bin {
  /** @type {object[]} */
  #accessors = [];
  /** @type {object[]} */
  #views = [];
  /** @type {Uint8Array[]} */
  #parts = [];
  #length = 0;

  /**
   * @param {Float32Array | Uint16Array | Uint8Array} values
   * @param {keyof typeof SIZES} type
   * @param {number} [target]
   */
  add(values, type, target) {
    const componentType =
      values instanceof Float32Array ? 5126 : values instanceof Uint16Array ? 5123 : 5121;
    const bytes = new Uint8Array(values.buffer);
    this.#views.push({
      buffer: 0,
      byteOffset: this.#length,
      byteLength: bytes.length,
      ...(target && { target }),
    });
    const width = SIZES[type];
    const range = (/** @type {'min' | 'max'} */ of) => {
      const found = new Array(width).fill(of === 'min' ? Infinity : -Infinity);
      values.forEach(
        (value, index) => (found[index % width] = Math[of](found[index % width], value)),
      );
      return found;
    };
    this.#accessors.push({
      bufferView: this.#views.length - 1,
      componentType,
      count: values.length / width,
      type,
      min: range('min'),
      max: range('max'),
    });
    const filled = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    filled.set(bytes);
    this.#parts.push(filled);
    this.#length += filled.length;
    return this.#accessors.length - 1;
  }

  described() {
    return {
      accessors: this.#accessors,
      bufferViews: this.#views,
      buffers: [{ byteLength: this.#length }],
    };
  }

  bytes() {
    return joined(this.#parts, this.#length);
  }
}

/**
 * @param {Uint8Array[]} parts
 * @param {number} length
 */
function joined(parts, length) {
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/**
 * @param {object} gltf
 * @param {Uint8Array} bin
 */
function glb(gltf, bin) {
  let text = JSON.stringify(gltf);
  const encoder = new TextEncoder();
  text += ' '.repeat((4 - (encoder.encode(text).length % 4)) % 4);
  const json = encoder.encode(text);
  const length = 12 + 8 + json.length + 8 + bin.length;
  const header = (/** @type {number[]} */ ...words) =>
    new Uint8Array(Uint32Array.from(words).buffer);
  return joined(
    [
      header(0x46546c67, 2, length),
      header(json.length, 0x4e4f534a),
      json,
      header(bin.length, 0x004e4942),
      bin,
    ],
    length,
  );
}

if (globalThis.process?.argv[1]?.endsWith('make-glb.js')) {
  const { writeFileSync } = await import('node:fs');
  const [, , file, ...sets] = process.argv;
  writeFileSync(file, headGlb(sets.length > 0 ? { sets: /** @type {any} */ (sets) } : {}));
}
