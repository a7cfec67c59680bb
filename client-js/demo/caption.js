/** @import { Word } from './app.js' */

/**
 * The text that is being said: what was heard stands out from what was not, and the word of the moment
 * from both.
 */
export class Caption {
  #element;
  #text = '';
  /** @type {number[]} */
  #offsets = [];
  #now = -1;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  show(text) {
    this.#text = text;
    // Offsets on the wire count code points, those of the page UTF-16 units.
    this.#offsets = [0];
    for (const character of text) {
      this.#offsets.push(this.#offsets[this.#offsets.length - 1] + character.length);
    }
    this.#now = -1;
    this.#element.textContent = text;
    this.#element.scrollTop = 0;
    this.#mark(0, 0);
  }

  /**
   * The word that is heard.
   * @param {Word | undefined} word
   */
  say(word) {
    if (!word || word.begin === this.#now) return;
    this.#now = word.begin;
    this.#mark(this.#at(word.begin), this.#at(word.end));
    this.#scroll(this.#at(word.begin));
  }

  /**
   * Nothing more is said.
   * @param {number} character the first that was not heard
   */
  end(character) {
    this.#now = -1;
    this.#mark(this.#at(character), this.#at(character));
  }

  /** @param {number} offset */
  #at(offset) {
    return this.#offsets[offset] ?? this.#text.length;
  }

  /**
   * @param {number} begin
   * @param {number} end
   */
  #mark(begin, end) {
    if (globalThis.CSS?.highlights) {
      const node = this.#element.firstChild;
      if (!node) return;
      CSS.highlights.set('heard', new Highlight(range(node, 0, begin)));
      CSS.highlights.set('word', new Highlight(range(node, begin, end)));
      return;
    }
    const mark = document.createElement('mark');
    mark.textContent = this.#text.slice(begin, end);
    this.#element.replaceChildren(this.#text.slice(0, begin), mark, this.#text.slice(end));
  }

  /** @param {number} begin */
  #scroll(begin) {
    const element = this.#element;
    if (element.scrollHeight <= element.clientHeight) return;
    const place = element.querySelector('mark') ?? element.firstChild;
    if (!place) return;
    const marked = place instanceof Element ? place : range(place, begin, begin + 1);
    const word = marked.getBoundingClientRect();
    const frame = element.getBoundingClientRect();
    // The word stands in the middle, so that one may read ahead.
    const middle = frame.top + (frame.height - word.height) / 2;
    if (Math.abs(word.top - middle) > word.height / 2) element.scrollTop += word.top - middle;
  }
}

/**
 * @param {Node} node
 * @param {number} begin
 * @param {number} end
 */
function range(node, begin, end) {
  const length = node.textContent?.length ?? 0;
  const made = new Range();
  made.setStart(node, Math.min(begin, length));
  made.setEnd(node, Math.min(end, length));
  return made;
}
