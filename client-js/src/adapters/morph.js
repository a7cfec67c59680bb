import { Actor } from './actor.js';
import { ARKIT, MOODS } from './arkit.js';
import { mixed, OPEN } from './tables.js';

/** @import { Life } from './life.js' */
/** @import { Mouthing, Mouthpiece, OutputOptions } from './output.js' */

/**
 * What is used of three.js, which is the page's own.
 * @typedef {object} ThreeObject
 * @property {string} name
 * @property {{x: number, y: number, z: number}} rotation
 * @property {Record<string, number>} [morphTargetDictionary]
 * @property {number[]} [morphTargetInfluences]
 * @property {(each: (object: any) => void) => void} traverse
 */
/** @typedef {(weights: Float32Array, alive: Readonly<Life>) => number} Value */

/** As Oculus LipSync and OVR call them, or as Ready Player Me does. */
const VISEMES = [
  'sil',
  'pp',
  'ff',
  'th',
  'dd',
  'kk',
  'ch',
  'ss',
  'nn',
  'rr',
  'aa',
  'e',
  'ih',
  'oh',
  'ou',
];
const SHORT = ['i', 'o', 'u'];
const FIRST_SHORT = 12;
/** Eyes that are turned this far, in radians, are all the way there. */
const FULL_GAZE = 0.6;
/** So far the head nods, in radians, when the mouth is wide open. */
const NOD = 0.04;

/**
 * What eyes do, by the names of ARKit and Ready Player Me in small letters. `gaze` is as it is seen: its
 * right is the left of the face.
 * @type {Record<string, (alive: Readonly<Life>) => number>}
 */
const EYES = {
  eyeblinkleft: ({ blink }) => blink,
  eyeblinkright: ({ blink }) => blink,
  eyelookoutleft: ({ gaze }) => gaze[0] / FULL_GAZE,
  eyelookinright: ({ gaze }) => gaze[0] / FULL_GAZE,
  eyelookinleft: ({ gaze }) => -gaze[0] / FULL_GAZE,
  eyelookoutright: ({ gaze }) => -gaze[0] / FULL_GAZE,
  eyelookupleft: ({ gaze }) => gaze[1] / FULL_GAZE,
  eyelookupright: ({ gaze }) => gaze[1] / FULL_GAZE,
  eyelookdownleft: ({ gaze }) => -gaze[1] / FULL_GAZE,
  eyelookdownright: ({ gaze }) => -gaze[1] / FULL_GAZE,
};
const CLOSED = ['eyesclosed', 'blink'];
const ARKIT_ROWS = lowered(ARKIT);
const MOOD_ROWS = lowered(MOODS);

/**
 * Moves the morph targets of a three.js model, a GLB for example, and its head a little. Each mesh is
 * told what it knows best: the 15 visemes of Oculus (`viseme_aa`, also as `viseme_O` or `v_oh`), else
 * the shapes of ARKit (`jawOpen`, also as `eyeBlink_L`), else how far it is open (`mouthOpen`). Where it
 * has the shapes of ARKit, it is in the mood that `client.pose()` has set.
 */
export class MorphFace extends Actor {
  /** @type {{influences: number[], index: number, value: Value}[]} */
  #morphs = [];
  /** @type {{influences: number[], index: number, row: readonly number[], speaks: boolean}[]} */
  #moods = [];
  /** @type {{bone: ThreeObject, rest: {x: number, y: number, z: number}} | undefined} */
  #head;

  /**
   * @param {ThreeObject} root
   * @param {Mouthpiece} client
   * @param {OutputOptions & {head?: boolean}} [options] `head`: false where something else moves it
   */
  constructor(root, client, { head = true, ...options } = {}) {
    super(client, options);
    root.traverse((/** @type {ThreeObject} */ object) => {
      if (
        head &&
        !this.#head &&
        /(^|[:_.])head$/i.test(object.name) &&
        !object.morphTargetInfluences
      ) {
        const { x, y, z } = object.rotation;
        this.#head = { bone: object, rest: { x, y, z } };
      }
      this.#find(object);
    });
    if (this.#morphs.length === 0) {
      throw new TypeError(
        'the model has no morph targets for a mouth: visemes, ARKit or mouthOpen',
      );
    }
    this.begin();
  }

  /** How many times it was drawn, and how many morph targets move. */
  stats() {
    return { ...super.stats(), morphs: this.#morphs.length };
  }

  /**
   * @protected
   * @param {Mouthing} mouthing
   * @param {Readonly<Life>} alive
   */
  draw({ weights }, alive) {
    for (const { influences, index, value } of this.#morphs) {
      influences[index] = Math.max(0, value(weights, alive));
    }
    this.#feel(alive);
    if (!this.#head) return;
    const { bone, rest } = this.#head;
    const [yaw, pitch, roll] = alive.head;
    bone.rotation.x = rest.x - pitch + NOD * alive.energy;
    bone.rotation.y = rest.y + yaw;
    bone.rotation.z = rest.z - roll;
  }

  /** @param {Readonly<Life>} alive */
  #feel({ feelings }) {
    // Until then the page may set them.
    if (!feelings) return;
    for (const { influences, index, row, speaks } of this.#moods) {
      influences[index] = (speaks ? influences[index] : 0) + mixed(row, feelings);
    }
  }

  /** @param {ThreeObject} object */
  #find({ morphTargetDictionary: dictionary, morphTargetInfluences: influences }) {
    if (!dictionary || !influences) return;
    const names = Object.entries(dictionary).map(([name, index]) => ({ name: plain(name), index }));
    const all = names.map(({ name }) => name);
    const value = valueOf(all);
    for (const { name, index } of names) {
      const found = value(name);
      if (found) this.#morphs.push({ influences, index, value: found });
      const row = MOOD_ROWS.get(name);
      if (row) this.#moods.push({ influences, index, row, speaks: found !== undefined });
    }
  }
}

/**
 * What the morph targets of a mesh are to be, by their names.
 * @param {string[]} names
 * @returns {(name: string) => Value | undefined}
 */
function valueOf(names) {
  const speaks = names.some((name) => visemeOf(name) > 0);
  const arkit = !speaks && names.filter((name) => ARKIT_ROWS.has(name)).length > 1;
  const blinks = names.some((name) => name in EYES);
  return (name) => {
    const eyes = EYES[name] ?? (!blinks && CLOSED.includes(name) ? EYES.eyeblinkleft : undefined);
    if (eyes) return (_, alive) => eyes(alive);
    const viseme = visemeOf(name);
    if (viseme >= 0) return (weights) => weights[viseme];
    const row = arkit ? ARKIT_ROWS.get(name) : undefined;
    if (row) return (weights) => mixed(row, weights);
    const opens = !speaks && !arkit && (name === 'mouthopen' || name === 'jawopen');
    return opens ? (weights) => mixed(OPEN, weights) : undefined;
  };
}

/** @param {string} name */
function visemeOf(name) {
  const viseme = name.match(/^v(?:iseme)?_(\w+)$/)?.[1] ?? '';
  const short = SHORT.indexOf(viseme);
  return short < 0 ? VISEMES.indexOf(viseme) : short + FIRST_SHORT;
}

/**
 * Without what exporters put before it, and with the sides spelled out.
 * @param {string} name
 */
function plain(name) {
  return name.replace(/^.*\./, '').toLowerCase().replace(/_l$/, 'left').replace(/_r$/, 'right');
}

/** @param {Readonly<Record<string, readonly number[]>>} table */
function lowered(table) {
  return new Map(Object.entries(table).map(([name, row]) => [name.toLowerCase(), row]));
}
