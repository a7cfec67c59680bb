/** A list of questions that can be changed: one is in each line. */
export class Questions {
  #list;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} add the button for one more
   * @param {string[]} questions
   */
  constructor(list, add, questions) {
    this.#list = list;
    for (const question of questions) this.#add(question);
    add.addEventListener('click', () => this.#add('').focus());
  }

  /** Those that are not empty. */
  get values() {
    const inputs = [...this.#list.querySelectorAll('input')];
    return inputs.map(({ value }) => value.replace(/\s+/g, ' ').trim()).filter(Boolean);
  }

  /** Where something can be typed: in the first line, or in a new one. */
  focus() {
    (this.#list.querySelector('input') ?? this.#add('')).focus();
  }

  /** @param {string} question */
  #add(question) {
    const item = document.createElement('li');
    const input = document.createElement('input');
    input.value = question;
    input.maxLength = 400;
    input.dir = 'auto';
    input.autocomplete = 'off';
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.className = 'remove';
    remove.textContent = '×';
    remove.title = 'Remove this question';
    remove.addEventListener('click', () => this.#remove(item));
    item.append(input, remove);
    this.#list.append(item);
    this.#name();
    return input;
  }

  /** @param {HTMLElement} item */
  #remove(item) {
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    this.#name();
    if (neighbour) neighbour.querySelector('input')?.focus();
    else this.focus();
  }

  /** Tells screen readers which question is which. */
  #name() {
    for (const [index, item] of [...this.#list.children].entries()) {
      item.querySelector('input')?.setAttribute('aria-label', `Question ${index + 1}`);
      item.querySelector('button')?.setAttribute('aria-label', `Remove question ${index + 1}`);
    }
  }
}
