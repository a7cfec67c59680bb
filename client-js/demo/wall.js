/** @import { LipwireClient } from '/client/lipwire.js' */
import { SvgFace } from '/client/svg.js';

const FACES = 24;
const SKINS = ['#f7cfae', '#e8b48a', '#c98d62', '#9c6842', '#74482d', '#fbe0cb'];
const HAIRS = ['#4a3227', '#1f1a1c', '#8a5a33', '#c79a53', '#a8482f', '#8d8a8c', '#3a2f4f'];
const SHIRTS = ['#24606b', '#7a3b5e', '#3f6a3a', '#a3552a', '#3a4a86', '#6b6b73'];
const SKIES = ['#fde3c4', '#dcebe4', '#e5e0f2', '#f8d9d3', '#dce8f4'];
const EDGES = ['#ef9f7b', '#8fc0ab', '#a99bd0', '#e08f88', '#8fb2d8'];

/** Many faces that are moved by one mouth. They differ in their colours and in when they blink. */
export class Wall {
  #host;
  #chorus;
  /** @type {SvgFace[]} */
  #faces = [];

  /**
   * @param {HTMLElement} host
   * @param {LipwireClient} client
   */
  constructor(host, client) {
    this.#host = host;
    this.#chorus = new Chorus(client);
  }

  get shown() {
    return this.#faces.length > 0;
  }

  /** @param {boolean} shown */
  show(shown) {
    this.#host.hidden = !shown;
    if (!shown) {
      for (const face of this.#faces.splice(0)) face.dispose();
      return;
    }
    for (let number = 0; number < FACES; number++) {
      const face = new SvgFace(this.#host, this.#chorus, { seed: number + 1 });
      colour(face.element, number);
      this.#faces.push(face);
    }
  }
}

/** The mouth of a client, looked at once in each animation frame: in that, all faces have the same one. */
class Chorus {
  #client;
  #at = -1;
  #mouth;

  /** @param {LipwireClient} client */
  constructor(client) {
    this.#client = client;
    this.#mouth = client.face.mouth();
  }

  get face() {
    return { mouth: (/** @type {Float32Array} */ into) => this.#look(into) };
  }

  /** @param {Float32Array} into */
  #look(into) {
    const now = Number(document.timeline.currentTime);
    if (now !== this.#at) this.#mouth = this.#client.face.mouth(this.#mouth.weights);
    this.#at = now;
    into.set(this.#mouth.weights);
    return { ...this.#mouth, weights: into };
  }
}

/**
 * @param {SVGSVGElement} face
 * @param {number} number
 */
function colour(face, number) {
  const of = (/** @type {string[]} */ colours, /** @type {number} */ step) =>
    colours[(number * step) % colours.length];
  face.style.setProperty('--lipwire-skin', of(SKINS, 5));
  face.style.setProperty('--lipwire-hair', of(HAIRS, 3));
  face.style.setProperty('--lipwire-shirt', of(SHIRTS, 1));
  face.style.setProperty('--lipwire-backdrop', of(SKIES, 2));
  face.style.setProperty('--lipwire-backdrop-edge', of(EDGES, 2));
  face.setAttribute('aria-hidden', 'true');
}
