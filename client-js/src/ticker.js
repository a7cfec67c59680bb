/** The screen need not be drawn more often for what is told in time with the sound. */
const EVERY_MS = 30;

/** Calls back in time with the screen, until it is told that this was enough. */
export class Ticker {
  #tick;
  #waiting = false;

  /** @param {() => boolean} tick answers whether it is to be called again */
  constructor(tick) {
    this.#tick = tick;
  }

  start() {
    if (this.#waiting || !globalThis.requestAnimationFrame) return;
    this.#waiting = true;
    setTimeout(() => requestAnimationFrame(() => this.#drawn()), EVERY_MS);
  }

  #drawn() {
    this.#waiting = false;
    if (this.#tick()) this.start();
  }
}
