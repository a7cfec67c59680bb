/** The surface of a head, in metres around its middle. */

/** @import { Moves } from './morphs.js' */

/** @typedef {{at: number[], normal: number[], colour: number[]}} Vertex */

const SKIN = [0.83, 0.55, 0.4];
const HAIR = [0.1, 0.055, 0.035];
const LIP = [0.62, 0.22, 0.2];
const DARK = [0.06, 0.01, 0.015];
const WHITE = [0.9, 0.88, 0.84];
const IRIS = [0.04, 0.16, 0.12];
const RADII = [0.078, 0.108, 0.092];
export const EYE = { x: 0.031, y: 0.016, z: 0.078, radius: 0.0145 };
const MOUTH = { y: -0.047, half: 0.024, lip: 0.0075, points: 24 };
const FORWARD = [0, 0, 1];

/**
 * @param {Moves} moves
 */
export function head(moves) {
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
