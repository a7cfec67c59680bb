/**
 * Which moment of an AudioContext the listener hears now.
 *
 * What was rendered is heard later by the latency of the device, 30 ms here and 200 ms over Bluetooth.
 * Browsers know it to different degrees, so the best answer that makes sense is taken.
 */

/**
 * What is needed of an AudioContext.
 * @typedef {object} ContextClock
 * @property {number} currentTime
 * @property {number} [baseLatency]
 * @property {number} [outputLatency]
 * @property {() => {contextTime?: number, performanceTime?: number}} [getOutputTimestamp]
 */

/** Beyond this a timestamp is left over from before the device stalled or slept. */
const STALE_SECONDS = 1;

export class HeardClock {
  #context;
  #now;
  #heard = 0;

  /**
   * @param {ContextClock} context
   * @param {() => number} [now] milliseconds, on the clock of `performance.now()`
   */
  constructor(context, now = () => performance.now()) {
    this.#context = context;
    this.#now = now;
  }

  /** Seconds of the context's time that were heard; never goes back. */
  get seconds() {
    const { currentTime } = this.#context;
    const time = this.#fromTimestamp(currentTime) ?? currentTime - this.#latency();
    this.#heard = Math.max(this.#heard, Math.min(Math.max(time, 0), currentTime));
    return this.#heard;
  }

  /** @param {number} currentTime */
  #fromTimestamp(currentTime) {
    const stamp = this.#context.getOutputTimestamp?.();
    if (!stamp?.contextTime || !stamp.performanceTime) return undefined;
    const age = (this.#now() - stamp.performanceTime) / 1000;
    const lag = currentTime - stamp.contextTime;
    if (age < 0 || age > STALE_SECONDS || lag < 0 || lag > STALE_SECONDS) return undefined;
    return stamp.contextTime + age;
  }

  #latency() {
    return this.#context.outputLatency || this.#context.baseLatency || 0;
  }
}
