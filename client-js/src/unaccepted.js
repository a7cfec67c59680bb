/** @import { Speak } from './messages.js' */

/** Text that the server may not have for good: kept in order until it says that it has. */
export class Unaccepted {
  /** @type {Map<number, Speak>} */
  #kept = new Map();
  #last = 0;

  /** @param {Speak} speak */
  keep(speak) {
    const numbered = { ...speak, number: ++this.#last };
    this.#kept.set(numbered.number, numbered);
    return numbered;
  }

  /** @param {number} number */
  forget(number) {
    this.#kept.delete(number);
  }

  /** @param {number} utterance that is over */
  close(utterance) {
    for (const [number, speak] of this.#kept) {
      if (speak.utterance === utterance) this.#kept.delete(number);
    }
  }

  /** For another session. */
  clear() {
    this.#kept.clear();
    this.#last = 0;
  }

  get all() {
    return [...this.#kept.values()];
  }
}
