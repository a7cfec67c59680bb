/** @typedef {{mime: string, data: Uint8Array<ArrayBuffer>}} Encoded */

/**
 * Pictures, decoded once and ahead of their time.
 * @template Key
 */
export class Pictures {
  /** @type {Map<Key, ImageBitmap | 'pending' | 'broken'>} */
  #decoded = new Map();
  #onDecoded;

  /** @param {() => void} onDecoded one more of them can be drawn, or never will be */
  constructor(onDecoded) {
    this.#onDecoded = onDecoded;
  }

  get size() {
    return this.#decoded.size;
  }

  /**
   * @param {Key} key
   * @param {Encoded} encoded
   */
  async decode(key, { mime, data }) {
    if (this.#decoded.has(key)) return;
    this.#decoded.set(key, 'pending');
    const bitmap = await createImageBitmap(new Blob([data], { type: mime })).catch(() => undefined);
    // Meanwhile it may be of no use any more.
    if (this.#decoded.has(key)) this.#decoded.set(key, bitmap ?? 'broken');
    else bitmap?.close();
    this.#onDecoded();
  }

  /** @param {Key} key */
  isPending(key) {
    return this.#decoded.get(key) === 'pending';
  }

  /**
   * Undefined for what is not decoded, and for what cannot be.
   * @param {Key} key
   */
  get(key) {
    const bitmap = this.#decoded.get(key);
    return typeof bitmap === 'object' ? bitmap : undefined;
  }

  /** @param {Key[]} keys of all that is still needed */
  keep(keys) {
    for (const key of this.#decoded.keys()) {
      if (keys.includes(key)) continue;
      this.get(key)?.close();
      this.#decoded.delete(key);
    }
  }
}
