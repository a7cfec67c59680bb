import { drawEyes } from './eyes.js';
import { drawMouth } from './mouth-paths.js';
import { mouthShape } from './mouth-shapes.js';

/** How far the chin follows the lower lip. */
const JAW = 0.42;
const SWAY_MS = 5200;

/**
 * The drawn face: given a pose and a time, it looks like that. It holds no clock of its own.
 */
export class Face {
  #parts;
  #still;
  #energy = 0;

  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.#parts = new Parts(svg);
    this.#still = matchMedia('(prefers-reduced-motion: reduce)');
  }

  /**
   * @param {ArrayLike<number>} weights of the 15 Oculus visemes
   * @param {number} now in milliseconds
   */
  draw(weights, now) {
    const shape = mouthShape(weights);
    const parts = this.#parts;
    drawMouth(parts, shape);
    drawHead(parts, shape.gap * JAW);
    this.#energy += (Math.min(1, shape.gap / 20) - this.#energy) * 0.06;
    drawEyes(parts, now, !this.#still.matches);
    if (!this.#still.matches) this.#sway(now);
    return shape;
  }

  /** @param {number} now */
  #sway(now) {
    const turn = (now / SWAY_MS) * 2 * Math.PI;
    const tilt = Math.sin(turn) * 0.9 + Math.sin(turn * 2.7) * 0.5 * this.#energy;
    const nod = Math.sin(turn * 1.3) * 1.2 + this.#energy * 2.4;
    this.#parts.set(
      'sway',
      'transform',
      `translate(0 ${nod.toFixed(2)}) rotate(${tilt.toFixed(2)} 200 330)`,
    );
    this.#parts.set('body', 'transform', `translate(0 ${(Math.sin(turn * 0.9) * 0.8).toFixed(2)})`);
    this.#parts.set('brows', 'transform', `translate(0 ${(-3.2 * this.#energy).toFixed(2)})`);
  }
}

/** The elements of the drawing by their `data-part`; several may share one. */
export class Parts {
  /** @type {Map<string, Element[]>} */
  #byName = new Map();
  /** @type {Map<string, string>} what was set, so that nothing is drawn again that stayed the same */
  #values = new Map();

  /** @param {Element} root */
  constructor(root) {
    for (const element of root.querySelectorAll('[data-part]')) {
      const name = element.getAttribute('data-part') ?? '';
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), element]);
    }
  }

  /**
   * @param {string} name
   * @param {string} attribute
   * @param {string} value
   */
  set(name, attribute, value) {
    const key = `${name} ${attribute}`;
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    for (const element of this.#byName.get(name) ?? []) element.setAttribute(attribute, value);
  }
}

/**
 * @param {Parts} parts
 * @param {number} drop of the chin
 */
function drawHead(parts, drop) {
  const chin = 314 + drop;
  const jaw = 272 + drop * 0.6;
  parts.set(
    'head',
    'd',
    `M200 78 C142 78 112 120 113 182 C113 222 115 252 128 ${jaw} ` +
      `C144 ${jaw + 30} 168 ${chin} 200 ${chin} C232 ${chin} 256 ${jaw + 30} 272 ${jaw} ` +
      'C285 252 287 222 287 182 C288 120 258 78 200 78 Z',
  );
  const crease = 291 + drop;
  parts.set('chin', 'd', `M186 ${crease} C194 ${crease + 4} 206 ${crease + 4} 214 ${crease}`);
}
