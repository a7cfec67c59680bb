/** A little of what was played stays: the resampler looks back. */
const HISTORY = 16;

/** A row of samples between its two ends, `read` and `written`, which only ever grow. */
export class Ring {
  read = 0;
  written = 0;
  #samples;
  #mask;

  /** @param {number} capacity */
  constructor(capacity) {
    this.#samples = storageOf(capacity);
    this.#mask = this.#samples.length - 1;
  }

  get waiting() {
    return this.written - this.read;
  }

  /**
   * The sample at a position; what was not written is silence.
   * @param {number} position
   */
  at(position) {
    return position < this.written ? this.#samples[position & this.#mask] : 0;
  }

  /**
   * Takes what there is room for, and answers how much that was.
   * @param {Float32Array} samples
   */
  write(samples) {
    const count = Math.min(samples.length, this.#samples.length - HISTORY - this.waiting);
    for (let i = 0; i < count; i++) this.#samples[(this.written + i) & this.#mask] = samples[i];
    this.written += count;
    return count;
  }

  /** @param {number} capacity */
  grow(capacity) {
    const samples = storageOf(Math.max(capacity, this.#samples.length - HISTORY));
    const mask = samples.length - 1;
    for (let position = Math.max(0, this.read - HISTORY); position < this.written; position++) {
      samples[position & mask] = this.#samples[position & this.#mask];
    }
    this.#samples = samples;
    this.#mask = mask;
  }
}

/**
 * A power of two long, so that a position becomes an index with one `&`.
 * @param {number} capacity
 */
function storageOf(capacity) {
  return new Float32Array(2 ** Math.ceil(Math.log2(capacity + HISTORY)));
}
