import { Output } from './output.js';
import { drawEyes } from './sketch/eyes.js';
import { MARKUP, STYLE } from './sketch/markup.js';
import { drawMouth } from './sketch/mouth.js';
import { Parts } from './sketch/parts.js';
import { mouthShape } from './sketch/shapes.js';

export { mouthShape };

/** @import { Life } from './life.js' */
/** @import { Mouthing, Mouthpiece, OutputOptions } from './output.js' */

/** The jaw gets longer from here on down, with the lower lip. */
const EARS = 182;
const JAW = 0.0032;
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
  /** @type {ReturnType<typeof mouthShape> | undefined} */
  #shape;

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
    svg.style.cssText = STYLE;
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
   */
  draw({ weights }, alive) {
    const { head, energy } = alive;
    const [yaw, pitch, roll] = head;
    const shape = (this.#shape = mouthShape(weights));
    drawMouth(this.#parts, shape);
    drawEyes(this.#parts, alive);
    const longer = shape.gap * JAW;
    this.#move('jaw', `matrix(1 0 0 ${1 + longer} 0 ${-EARS * longer})`);
    this.#move('brows', `translate(0 ${-3.2 * energy})`);
    const nod = energy * 2.4 - pitch * 90;
    this.#move('sway', `translate(${yaw * 40} ${nod})rotate(${roll * DEGREES} 200 330)`);
  }

  /**
   * @param {string} name
   * @param {string} transform
   */
  #move(name, transform) {
    this.#parts.set(name, transform, 'transform');
  }
}
