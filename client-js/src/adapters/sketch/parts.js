/** The elements of a drawing by their `data-part`; several may share one. */
export class Parts {
  #root;
  /** @type {Record<string, string>} what was set, so that nothing is drawn again that stayed the same */
  #values = {};

  /** @param {Element} root */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} name
   * @param {string} exactly of which a hundredth is finer than any screen
   * @param {string} [attribute]
   */
  set(name, exactly, attribute = 'd') {
    const value = exactly.replace(/(\.\d\d)\d+/g, '$1');
    const key = name + attribute;
    if (this.#values[key] === value) return;
    this.#values[key] = value;
    for (const element of this.#root.querySelectorAll(`[data-part=${name}]`)) {
      element.setAttribute(attribute, value);
    }
  }
}
