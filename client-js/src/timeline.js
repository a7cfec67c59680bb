/** Samples of one decoder step of a Piper voice, at the voice's own rate. */
export const HOP = 256;

/**
 * The sample at `toRate` that is nearest to `position` at `fromRate`; halves go up.
 *
 * Convert positions from the start of the utterance, never add up converted spans: the rounding would
 * drift.
 * @param {number} position
 * @param {number} fromRate
 * @param {number} toRate
 */
export function rescale(position, fromRate, toRate) {
  const twice = 2 * position * toRate + fromRate;
  const divisor = 2 * fromRate;
  if (Number.isSafeInteger(twice)) {
    const rest = twice % divisor;
    return (twice - rest) / divisor;
  }
  const exact = 2n * BigInt(position) * BigInt(toRate) + BigInt(fromRate);
  return Number(exact / BigInt(divisor));
}

/**
 * Where decoder step `hops` of an utterance begins, in samples at `rate`.
 * @param {number} hops
 * @param {number} voiceRate
 * @param {number} rate
 */
export function hopsToSamples(hops, voiceRate, rate) {
  return rescale(hops * HOP, voiceRate, rate);
}

/**
 * Exact for as long as people live.
 * @param {number} ms
 * @param {number} rate
 */
export function msToSamples(ms, rate) {
  return Math.round((ms * rate) / 1000);
}

/**
 * @param {number} samples
 * @param {number} rate
 */
export function samplesToMs(samples, rate) {
  return Math.round((samples * 1000) / rate);
}
