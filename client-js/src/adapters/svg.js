import { Output } from './output.js';
import { drawEyes } from './sketch/eyes.js';
import { MARKUP, STYLE } from './sketch/markup.js';
import { drawMouth } from './sketch/mouth.js';
import { partsOf } from './sketch/parts.js';
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
  #set;
  /** @type {ReturnType<typeof mouthShape> | undefined} */
  #shape;

  /**
   * @param {Element} host the drawing becomes the last of its children
   * @param {Mouthpiece} client
   * @param {Omit<OutputOptions, 'element'> & {label?: string}} [options] `label`: what people hear
   *   who cannot see it
   */
  constructor(host, client, { label = 'A face whose lips move with the speech', ...options } = {}) {
    host.insertAdjacentHTML('beforeend', MARKUP.replaceAll('ID', `lipwire-${++drawings}`));
    const svg = /** @type {SVGSVGElement} */ (host.lastElementChild);
    super(client, { ...options, element: svg });
    svg.setAttribute('aria-label', label);
    svg.style.cssText = STYLE;
    this.element = svg;
    this.#set = partsOf(svg);
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
    drawMouth(this.#set, shape);
    drawEyes(this.#set, alive);
    const longer = shape.gap * JAW;
    this.#set('jaw', `matrix(1 0 0 ${1 + longer} 0 ${-EARS * longer})`, 'transform');
    this.#set('brows', `translate(0 ${-3.2 * energy})`, 'transform');
    const nod = energy * 2.4 - pitch * 90;
    this.#set(
      'sway',
      `translate(${yaw * 40} ${nod})rotate(${roll * DEGREES} 200 330)`,
      'transform',
    );
  }
}
