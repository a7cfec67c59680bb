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
/** @typedef {'output timestamp' | 'output latency' | 'base latency'} ClockSource */

/** Beyond this a timestamp is left over from before the device stalled or slept. */
const STALE_SECONDS = 1;
const ROUNDED_SECONDS = 0.1;
/** The position in a timestamp moves on with each buffer of the device. */
const STILL_SECONDS = 0.5;
/** Timestamps that made no sense are believed again after having made sense for so long. */
const PROBATION_SECONDS = 0.5;

export class HeardClock {
  /** How much later than the browser says the sound is heard, in milliseconds. */
  offsetMs = 0;
  #context;
  #now;
  #heard = 0;
  /** The last moment of the context at which the timestamps made no sense. */
  #doubted = -Infinity;
  #lastStamp = NaN;
  #lastMoved = 0;

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
    const time = this.#fromTimestamp() ?? currentTime - this.#latency();
    const heard = Math.max(0, time - this.offsetMs / 1000);
    // Nothing is heard that was not rendered.
    return (this.#heard = Math.max(this.#heard, Math.min(heard, currentTime)));
  }

  /** @returns {ClockSource} */
  get source() {
    if (this.#fromTimestamp() !== undefined) return 'output timestamp';
    return this.#context.outputLatency ? 'output latency' : 'base latency';
  }

  /** The context went on after a rest, or on another device: what was found out is out of date. */
  reset() {
    this.#doubted = -Infinity;
    this.#lastStamp = NaN;
  }

  #fromTimestamp() {
    const { currentTime } = this.#context;
    const time = this.#sensible(currentTime);
    // At first there is no timestamp yet, which says nothing about those that follow.
    if (time === undefined && this.#heard > 0) this.#doubted = currentTime;
    return currentTime - this.#doubted < PROBATION_SECONDS ? undefined : time;
  }

  /** @param {number} currentTime */
  #sensible(currentTime) {
    const stamp = this.#context.getOutputTimestamp?.();
    if (!stamp?.contextTime || !stamp.performanceTime) return undefined;
    if (stamp.contextTime !== this.#lastStamp) this.#lastMoved = currentTime;
    this.#lastStamp = stamp.contextTime;
    const age = (this.#now() - stamp.performanceTime) / 1000;
    const lag = currentTime - stamp.contextTime;
    // Some browsers round it up to a moment that is yet to come.
    if (age < -ROUNDED_SECONDS || age > STALE_SECONDS || lag < 0 || lag > STALE_SECONDS)
      return undefined;
    if (currentTime - this.#lastMoved > STILL_SECONDS) return undefined;
    return stamp.contextTime + age;
  }

  #latency() {
    return this.#context.outputLatency || this.#context.baseLatency || 0;
  }
}
