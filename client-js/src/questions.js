/** @import { LipwireError } from './errors.js' */
/** @import { Configured, Posed, ServerMessage } from './messages.js' */

/** @typedef {{configured: Configured, posed: Posed}} Answers */
/**
 * @typedef {object} Question
 * @property {keyof Answers} type of its answer
 * @property {(answer: any) => void} resolve
 * @property {(error: LipwireError) => void} reject
 */

/** Who waits for what the server answers; the answers come in the order of the questions. */
export class Questions {
  /** @type {Question[]} */
  #open = [];

  /**
   * @template {keyof Answers} Type
   * @param {Type} type
   * @returns {Promise<Answers[Type]>}
   */
  ask(type) {
    return new Promise((resolve, reject) => this.#open.push({ type, resolve, reject }));
  }

  /**
   * @param {ServerMessage} message
   * @returns {boolean} whether somebody has asked for it
   */
  answer(message) {
    if (this.#open[0]?.type !== message.type) return false;
    this.#open.shift()?.resolve(message);
    return true;
  }

  /**
   * @param {LipwireError} error
   * @returns {boolean} whether it was for somebody who asked
   */
  refuse(error) {
    const refused = this.#open.shift();
    refused?.reject(error);
    return refused !== undefined;
  }

  /** @param {LipwireError} error why no answer will come */
  close(error) {
    for (const { reject } of this.#open.splice(0)) reject(error);
  }
}
