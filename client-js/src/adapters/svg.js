import { Output } from './output.js';
import { drawEyes } from './sketch/eyes.js';
import { MARKUP } from './sketch/markup.js';
import { drawMouth, path } from './sketch/mouth.js';
import { Parts } from './sketch/parts.js';
import { mouthShape } from './sketch/shapes.js';

export { mouthShape };

/** @import { Life } from './life.js' */
/** @import { Mouthing, Mouthpiece, OutputOptions } from './output.js' */

/** How far the chin follows the lower lip. */
const JAW = 0.42;
/** In this time the head follows how lively the speech is. */
const FOLLOW_MS = 260;
const DEGREES = 180 / Math.PI;

let drawings = 0;

/**
 * A drawn face that needs nothing from the server but the mouth, and no files. Its colours are custom
 * properties of CSS: `--lipwire-skin`, `-hair`, `-eyes`, `-lips`, `-shirt`, `-backdrop` and
 * `-backdrop-edge`.
 */
export class SvgFace extends Output {
  /** @readonly */
  element;
  #parts;
  #energy = 0;
  #at = 0;
  #shape = mouthShape([1]);

  /**
   * @param {Element} host the drawing becomes the last of its children
   * @param {Mouthpiece} client
   * @param {Omit<OutputOptions, 'element'> & {label?: string}} [options] `label`: what people hear
   *   who cannot see it
   */
  constructor(host, client, { label = 'A face whose lips move with the speech', ...options } = {}) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    super(client, { ...options, element: svg });
    svg.setAttribute('viewBox', '0 0 400 400');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
    svg.innerHTML = MARKUP.replaceAll('ID', `lipwire-${++drawings}`);
    host.append(svg);
    this.element = svg;
    this.#parts = new Parts(svg);
    this.begin();
  }

  /** How many times it was drawn, and the mouth that is to be seen, in units of the drawing. */
  stats() {
    return { ...super.stats(), shape: this.#shape };
  }

  /** Draws no more, and takes the drawing out of the page. */
  dispose() {
    super.dispose();
    this.element.remove();
  }

  /**
   * @protected
   * @param {Mouthing} mouthing
   * @param {Readonly<Life>} alive
   * @param {number} now
   */
  draw({ weights }, alive, now) {
    const parts = this.#parts;
    this.#shape = mouthShape(weights);
    drawMouth(parts, this.#shape);
    drawHead(parts, this.#shape.gap * JAW);
    drawEyes(parts, alive);
    this.#move(alive, now);
  }

  /**
   * @param {Readonly<Life>} alive
   * @param {number} now
   */
  #move({ head: [yaw, pitch, roll], still }, now) {
    const followed = 1 - Math.exp((this.#at - now) / FOLLOW_MS);
    this.#at = now;
    const wanted = still ? 0 : Math.min(1, this.#shape.gap / 20);
    this.#energy += (wanted - this.#energy) * followed;
    const nod = this.#energy * 2.4 - pitch * 90;
    const sway = path`translate(${yaw * 40} ${nod}) rotate(${roll * DEGREES} 200 330)`;
    this.#parts.set('sway', 'transform', sway);
    this.#parts.set('body', 'transform', path`translate(0 ${roll * 40})`);
    this.#parts.set('brows', 'transform', path`translate(0 ${-3.2 * this.#energy})`);
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
    path`M200 78C142 78 112 120 113 182 113 222 115 252 128 ${jaw} 144 ${jaw + 30} 168 ${chin} 200 ${chin} 232 ${chin} 256 ${jaw + 30} 272 ${jaw} 285 252 287 222 287 182 288 120 258 78 200 78Z`,
  );
  const crease = 291 + drop;
  parts.set('chin', 'd', path`M186 ${crease}C194 ${crease + 4} 206 ${crease + 4} 214 ${crease}`);
}
