/** @import { ClientMessage } from './messages.js' */

/** @typedef {{heard?: number, settle: (answered: boolean) => void}} Stop without `heard`, the sound is yet to stop */

/** Who presses Stop waits no longer than this for what the server makes of it. */
const ANSWER_MS = 2000;

/** The utterances that were stopped here, by their numbers, until the server has answered. */
export class Stops {
  #send;
  /** @type {Map<number, Stop>} */
  #open = new Map();

  /** @param {(message: ClientMessage) => void} send */
  constructor(send) {
    this.#send = send;
  }

  get numbers() {
    return [...this.#open.keys()];
  }

  /** @param {number} number */
  has(number) {
    return this.#open.has(number);
  }

  /**
   * Tells the server how far it was heard. Answers whether the server has answered in time: later it
   * still may, and until then so may what was sent before that.
   * @param {number} number
   * @param {number} heard
   * @returns {Promise<boolean>}
   */
  ask(number, heard) {
    /** @type {Promise<boolean>} */
    const answer = new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ANSWER_MS);
      const settle = (/** @type {boolean} */ answered) => {
        clearTimeout(timer);
        resolve(answered);
      };
      this.#open.set(number, { heard, settle });
    });
    this.#tell(number);
    return answer;
  }

  /**
   * It is to be stopped when its sound has.
   * @param {number} number
   * @param {Promise<number>} heard
   */
  async await(number, heard) {
    /** @type {Stop} */
    const stop = { settle: () => {} };
    this.#open.set(number, stop);
    stop.heard = await heard;
    // Meanwhile the session may be gone, and with it whoever could answer.
    if (this.#open.get(number) === stop) this.#tell(number);
  }

  /**
   * @param {number} number
   * @returns {boolean} whether somebody had asked
   */
  answer(number) {
    const stop = this.#open.get(number);
    this.#open.delete(number);
    stop?.settle(true);
    return stop !== undefined;
  }

  /** Nobody answers now. */
  suspend() {
    for (const { settle } of this.#open.values()) settle(false);
  }

  /** Somebody is back who may not know. */
  repeat() {
    for (const number of this.numbers) this.#tell(number);
  }

  /** Nobody will ever answer. */
  clear() {
    this.suspend();
    this.#open.clear();
  }

  /** @param {number} number */
  #tell(number) {
    const heard = this.#open.get(number)?.heard;
    if (heard !== undefined) this.#send({ type: 'interrupt', utterance: number, heard });
  }
}
