/**
 * Goes through a row of samples as a listener would, where nobody can listen: while the browser waits
 * for a click, and where there is no sound at all. Faces and captions go by it.
 */
export class Silence {
  /** Where the row ends by now. */
  written;
  #rate;
  #now;
  #position;
  #since;
  #held = false;
  #passed = 0;

  /**
   * @param {{rate: number, position: number, written: number}} row
   * @param {() => number} now milliseconds
   */
  constructor({ rate, position, written }, now) {
    this.written = written;
    this.#rate = rate;
    this.#position = position;
    this.#now = now;
    this.#since = now();
  }

  /** Samples that it went through. */
  get passed() {
    return Math.floor(this.#passed);
  }

  get position() {
    const now = this.#now();
    const passed = this.#held ? 0 : ((now - this.#since) / 1000) * this.#rate;
    this.#since = now;
    const position = Math.min(this.written, this.#position + passed);
    this.#passed += position - this.#position;
    this.#position = position;
    return Math.floor(this.#position);
  }

  /** @param {number} samples that follow those that were there */
  write(samples) {
    // What it waited for is not late by the time that it waited.
    void this.position;
    this.written += samples;
  }

  /** @param {boolean} held */
  hold(held) {
    void this.position;
    this.#held = held;
  }

  /** Leaves out what is there, and answers where it was. */
  skip() {
    const { position } = this;
    this.#position = this.written;
    return position;
  }

  /**
   * When a position was or would be heard.
   * @param {number} position
   */
  heardAt(position) {
    return this.#now() + ((position - this.position) * 1000) / this.#rate;
  }
}
