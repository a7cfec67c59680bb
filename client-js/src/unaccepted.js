/** @import { Replay, Speak } from './messages.js' */

/** What is to be said and the server may not have for good: kept in order until it has. */
export class Unaccepted {
  /** @type {Map<number, Speak | Replay>} */
  #kept = new Map();
  #last = 0;

  /**
   * How many there were, and those that are kept.
   * @returns {[last: number, kept: [number, Speak | Replay][]]}
   */
  get state() {
    return [this.#last, [...this.#kept]];
  }

  set state([last, kept]) {
    this.#last = last;
    this.#kept = new Map(kept);
  }

  /**
   * @param {Speak | Replay} message
   * @returns {Speak | Replay} it as it is to be sent
   */
  keep(message) {
    const number = ++this.#last;
    const kept = message.type === 'speak' ? { ...message, number } : message;
    this.#kept.set(number, kept);
    return kept;
  }

  /** @param {number} number */
  forget(number) {
    this.#kept.delete(number);
  }

  /**
   * @param {number} utterance that is over
   * @param {'replay'} [type] only that of it
   */
  close(utterance, type) {
    for (const [number, kept] of this.#kept) {
      if (kept.utterance === utterance && (!type || kept.type === type)) this.#kept.delete(number);
    }
  }

  /** For another session. */
  clear() {
    this.state = [0, []];
  }

  get all() {
    return [...this.#kept.values()];
  }
}
