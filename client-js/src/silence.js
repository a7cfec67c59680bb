/** @typedef {Float32Array<ArrayBuffer>} Samples */
/** @typedef {{position: number, buffered: number, playing: boolean}} SilentReport */

const REPORT_MS = 100;

/**
 * Goes through a row of samples as a listener would, where nobody can listen: while the browser waits
 * for a click, and where there is no sound at all; loaded when that is so. Faces and captions go by it.
 */
export class Silence {
  /** Where the row ends by now. */
  written;
  #rate;
  #now;
  #position;
  #since;
  #held;
  #passed = 0;
  /** @type {{position: number, samples: Samples}[]} what came here, and was not passed yet */
  #backlog = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #reporting;

  /**
   * @param {{rate: number, position: number, written: number, held?: boolean}} row
   * @param {() => number} now milliseconds
   */
  constructor({ rate, position, written, held = false }, now) {
    this.written = written;
    this.#rate = rate;
    this.#position = position;
    this.#held = held;
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

  /**
   * Says where it is, ten times a second.
   * @param {(report: SilentReport) => void} report
   */
  report(report) {
    this.#reporting = setInterval(() => {
      const { position } = this;
      this.#backlog = this.#backlog.filter((part) => endOf(part) > position);
      const buffered = this.written - position;
      report({ position, buffered, playing: buffered > 0 && !this.#held });
    }, REPORT_MS);
  }

  /** Nobody needs it any more: stands still, and answers what came here and was not passed. */
  end() {
    clearInterval(this.#reporting);
    this.hold(true);
    const { position: heard } = this;
    const rest = this.#backlog.filter((part) => endOf(part) > heard);
    return rest.map(({ position, samples }) => samples.subarray(Math.max(0, heard - position)));
  }

  /** @param {Samples} samples that follow those that were there */
  write(samples) {
    // What it waited for is not late by the time that it waited.
    void this.position;
    this.#backlog.push({ position: this.written, samples });
    this.written += samples.length;
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
    this.#backlog = [];
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

/** @param {{position: number, samples: Samples}} part */
function endOf({ position, samples }) {
  return position + samples.length;
}
