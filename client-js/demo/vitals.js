/** @import { LipwireClient } from '/client/lipwire.js' */
/** @import { Skew } from './skew.js' */
import { $, write } from './dom.js';

/** Figures that change more often than this cannot be read. */
const READABLE_MS = 250;

/** How well sound and mouth are, in three figures. */
export class Vitals {
  #client;
  #skew;
  #toldAt = 0;

  /**
   * @param {LipwireClient} client
   * @param {Skew} skew
   */
  constructor(client, skew) {
    this.#client = client;
    this.#skew = skew;
  }

  /** To be called in each animation frame. */
  show() {
    const { underruns = 0, bufferedMs = 0 } = this.#client.stats() ?? {};
    write($('gaps'), String(underruns));
    write($('buffered'), `${(bufferedMs / 1000).toFixed(1)} s`);
    const { figures } = this.#skew;
    const now = performance.now();
    if (!figures || now - this.#toldAt < READABLE_MS) return;
    this.#toldAt = now;
    const middle = Math.round(figures.middle);
    write($('skew'), `${middle < 0 ? '−' : middle > 0 ? '+' : ''}${Math.abs(middle)} ms`);
  }
}
