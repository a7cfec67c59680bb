/** @import { LipwireError } from './errors.js' */
/** @import { ClientMessage, Configured, Posed, ServerMessage } from './messages.js' */

/** @typedef {{configured: Configured, posed: Posed}} Answers */
/**
 * @typedef {object} Question
 * @property {ClientMessage} message
 * @property {keyof Answers} type of its answer
 * @property {(answer: any) => void} resolve
 * @property {(error: LipwireError) => void} reject
 */

/** Who waits for what the server answers; the answers come in the order of the questions. */
export class Questions {
  #send;
  /** @type {Question[]} */
  #open = [];

  /** @param {(message: ClientMessage) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /**
   * @template {keyof Answers} Type
   * @param {ClientMessage} message
   * @param {Type} type of its answer
   * @returns {Promise<Answers[Type]>}
   */
  ask(message, type) {
    this.#send(message);
    return new Promise((resolve, reject) => this.#open.push({ message, type, resolve, reject }));
  }

  /** Those of a connection that was lost: to ask for the same thing twice changes nothing. */
  repeat() {
    for (const { message } of this.#open) this.#send(message);
  }

  /** @param {ServerMessage} message */
  answer(message) {
    if (this.#open[0]?.type === message.type) this.#open.shift()?.resolve(message);
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
