/** The elements of the drawing by their `data-part`; several may share one. */
export class Parts {
  /** @type {Map<string, Element[]>} */
  #byName = new Map();
  /** @type {Map<string, string>} what was set, so that nothing is drawn again that stayed the same */
  #values = new Map();

  /** @param {Element} root */
  constructor(root) {
    for (const element of root.querySelectorAll('[data-part]')) {
      const name = element.getAttribute('data-part') ?? '';
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), element]);
    }
  }

  /**
   * @param {string} name
   * @param {string} attribute
   * @param {string} value
   */
  set(name, attribute, value) {
    const key = `${name} ${attribute}`;
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    for (const element of this.#byName.get(name) ?? []) element.setAttribute(attribute, value);
  }
}
