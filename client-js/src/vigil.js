import { Watchdog } from './watchdog.js';

const LOOK_MS = 1000;

/** Looks after the connection while something has to come, and not a moment longer. */
export class Vigil {
  #watchdog = new Watchdog();
  #now;
  #ask;
  #giveUp;
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

  arrived() {
    this.#watchdog.arrived(this.#now());
  }

  /** @param {boolean} expecting whether something has to come */
  keep(expecting) {
    if (expecting && this.#looking === undefined) {
      this.#look();
      this.#looking = setInterval(() => this.#look(), LOOK_MS);
    } else if (!expecting) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
  }

  #look() {
    const now = this.#now();
    const advice = this.#watchdog.look(now, true);
    if (advice === 'ping') this.#ask(Math.round(now));
    else if (advice === 'give up') this.#giveUp();
  }
}
