const LOOK_MS = 1000;
const PING_MS = 5000;
/** A `ping` is answered at once: so long after one, nobody is there. */
const ANSWER_MS = 10_000;

/**
 * Looks after the connection while something has to come, and not a moment longer: a socket does not
 * notice by itself that the other end is frozen or that the network is gone.
 */
export class Vigil {
  #now;
  #ask;
  #giveUp;
  #arrived = 0;
  #looked = -Infinity;
  /** @type {number | undefined} */
  #asked;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #looking;

  /**
   * @param {() => number} now
   * @param {(stamp: number) => void} ask sends something that has to be answered
   * @param {() => void} giveUp
   */
  constructor(now, ask, giveUp) {
    this.#now = now;
    this.#ask = ask;
    this.#giveUp = giveUp;
  }

  /** Something came from the other end. */
  arrived() {
    this.#arrived = this.#now();
    this.#asked = undefined;
  }

  /** @param {boolean} expecting whether something has to come */
  keep(expecting) {
    if (!expecting) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    } else if (this.#looking === undefined) {
      this.#looking = setInterval(() => this.#look(), LOOK_MS);
      this.#look();
    }
  }

  #look() {
    const now = this.#now();
    // Whoever slept himself cannot say how long the other one was silent.
    if (now - this.#looked > PING_MS) this.arrived();
    this.#looked = now;
    if (this.#asked !== undefined) {
      if (now - this.#asked >= ANSWER_MS) this.#giveUp();
    } else if (now - this.#arrived >= PING_MS) {
      this.#asked = now;
      this.#ask(Math.round(now));
    }
  }
}
