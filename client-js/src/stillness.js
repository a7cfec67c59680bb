/** @import { SpokenUtterance } from './spoken-utterance.js' */

/** For how long nothing has moved: the sound ran dry, or the browser holds it back. */
export class Stillness {
  /** @type {SpokenUtterance | undefined} */
  #utterance;
  #sample = -1;
  #since = 0;

  /**
   * @param {{utterance: SpokenUtterance, sample: number}} current
   * @param {number} now in milliseconds
   * @returns {number} milliseconds
   */
  since({ utterance, sample }, now) {
    if (utterance !== this.#utterance || sample !== this.#sample) {
      this.#utterance = utterance;
      this.#sample = sample;
      this.#since = now;
    }
    return now - this.#since;
  }
}
