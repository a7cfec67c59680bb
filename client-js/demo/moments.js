/** @import { SpokenUtterance } from './app.js' */

/**
 * When what happened with an utterance, in milliseconds since its first token.
 * @typedef {object} Stage
 * @property {string} name
 * @property {number} ms how long it took
 */

/** From the first token to the last sound. */
export class Moments {
  /** Tokens of it that were written, and that there are. */
  written = 0;
  /** @type {number | undefined} tokens that were not written yet when it began to speak */
  unwritten;
  /** @type {number | undefined} */
  sent;
  /** @type {number | undefined} the server had enough text to begin with */
  enough;
  /** @type {number | undefined} */
  timed;
  /** @type {number | undefined} */
  bytes;
  /** @type {number | undefined} */
  sound;
  /** @type {number | undefined} */
  last;
  #since = performance.now();

  /**
   * @param {SpokenUtterance} utterance
   * @param {number} tokens
   */
  constructor(utterance, tokens) {
    this.tokens = tokens;
    utterance.on('segment', ({ ledger }) => {
      if (this.timed !== undefined) return;
      this.timed = this.#elapsed;
      // By the server's own clock, which began when the text came.
      this.enough = Math.min(this.timed, (this.sent ?? 0) + ledger.queued);
    });
    utterance.on('audio', () => void (this.bytes ??= this.#elapsed));
    utterance.on('sound', ({ ms }) => {
      this.sound = ms;
      this.unwritten = this.tokens - this.written;
    });
    utterance.on('finished', () => void (this.last = this.#elapsed));
  }

  get #elapsed() {
    return performance.now() - this.#since;
  }

  /** @param {number} at on the clock of `performance.now()` */
  sentAt(at) {
    this.sent ??= Math.max(0, at - this.#since);
  }

  /** How long the face took once it had something to say; undefined until it is heard. */
  get reaction() {
    if (this.sound === undefined) return undefined;
    return Math.round(this.sound - (this.enough ?? 0));
  }

  /**
   * What the time until the first sound went into.
   * @returns {Stage[]}
   */
  get stages() {
    const { sent = 0, enough = 0, timed = 0, bytes = 0, sound = 0 } = this;
    const ends = [
      { name: 'request sent', at: sent },
      { name: 'first words written', at: enough },
      { name: 'mouth timed', at: timed },
      { name: 'sound made', at: bytes },
      { name: 'to your ears', at: sound },
    ];
    let before = 0;
    return ends.map(({ name, at }) => {
      const ms = Math.max(0, at - before);
      before = Math.max(before, at);
      return { name, ms };
    });
  }
}
