/**
 * Sets what moves: the path of a part, or another of its attributes.
 * @typedef {(name: string, value: string, attribute?: string) => void} SetPart
 */

/**
 * Sets the elements of a drawing by their `data-part`; several may share one.
 * @param {Element} root
 * @returns {SetPart}
 */
export function partsOf(root) {
  /** @type {Record<string, string>} so that nothing is drawn again that stayed the same */
  const values = {};
  return (name, exactly, attribute = 'd') => {
    // A hundredth is finer than any screen.
    const value = exactly.replace(/(\.\d\d)\d+/g, '$1');
    const key = name + attribute;
    if (values[key] === value) return;
    values[key] = value;
    for (const element of root.querySelectorAll(`[data-part=${name}]`)) {
      element.setAttribute(attribute, value);
    }
  };
}
