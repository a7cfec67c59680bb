const PING_MS = 5000;
/** A `ping` is answered at once: so long after one, nobody is there. */
const ANSWER_MS = 10_000;

/**
 * Tells a silent connection from a dead one: a socket does not notice by itself that the other end is
 * frozen or that the network is gone. It holds no clock of its own.
 */
export class Watchdog {
  #arrived = 0;
  #looked = Number.NEGATIVE_INFINITY;
  /** @type {number | undefined} */
  #pinged;

  /** @param {number} now when something came from the other end */
  arrived(now) {
    this.#arrived = now;
    this.#pinged = undefined;
  }

  /**
   * What is to be done now; ask about once a second.
   * @param {number} now
   * @param {boolean} expecting whether something has to come
   * @returns {'nothing' | 'ping' | 'give up'}
   */
  look(now, expecting) {
    // Whoever slept himself cannot say how long the other one was silent.
    const slept = now - this.#looked > PING_MS;
    this.#looked = now;
    if (!expecting || slept) this.arrived(now);
    if (this.#pinged !== undefined) {
      return now - this.#pinged >= ANSWER_MS ? 'give up' : 'nothing';
    }
    if (now - this.#arrived < PING_MS) return 'nothing';
    this.#pinged = now;
    return 'ping';
  }
}
