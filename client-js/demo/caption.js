/** @import { Word } from './app.js' */
import { make } from './dom.js';

/**
 * The text that is being said, as it is written: what was heard stands out from what was not, and the
 * word of the moment from both. After an interrupt it shows where the voice was cut.
 */
export class Caption {
  #element;
  #text = '';
  /** What is written is added to it. */
  #tail = new Text();
  /** Where each character begins: offsets on the wire count code points, those of the page UTF-16. */
  #offsets = [0];
  #now = -1;
  #over = true;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  begin() {
    this.#text = '';
    this.#tail = new Text();
    this.#offsets = [0];
    this.#now = -1;
    this.#over = false;
    this.#element.replaceChildren(this.#tail);
    this.#element.scrollTop = 0;
    this.#mark(0, 0);
  }

  /** @param {string} text that is written now */
  write(text) {
    if (this.#over) return;
    let end = this.#text.length;
    for (const character of text) this.#offsets.push((end += character.length));
    this.#text += text;
    this.#tail.appendData(text);
  }

  /**
   * The word that is heard.
   * @param {Word | undefined} word
   */
  say(word) {
    if (this.#over || !word || word.begin === this.#now) return;
    this.#now = word.begin;
    this.#mark(this.#at(word.begin), this.#at(word.end));
    this.#scroll(this.#at(word.begin));
  }

  /**
   * Nothing more is said.
   * @param {number} character the first that was not heard
   */
  end(character) {
    if (this.#over) return;
    this.#over = true;
    const text = this.#text;
    const at = this.#at(character);
    const parts = [make('span', 'heard', text.slice(0, at))];
    if (at < text.length) parts.push(make('span', 'cut'), make('span', 'unsaid', text.slice(at)));
    const { scrollTop } = this.#element;
    this.#element.replaceChildren(...parts);
    this.#element.scrollTop = scrollTop;
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
      CSS.highlights.set('heard', new Highlight(range(this.#tail, 0, begin)));
      CSS.highlights.set('word', new Highlight(range(this.#tail, begin, end)));
      return;
    }
    const heard = make('span', 'heard', this.#text.slice(0, begin));
    this.#tail = new Text(this.#text.slice(end));
    this.#element.replaceChildren(
      heard,
      make('mark', '', this.#text.slice(begin, end)),
      this.#tail,
    );
  }

  /** @param {number} begin */
  #scroll(begin) {
    const element = this.#element;
    if (element.scrollHeight <= element.clientHeight) return;
    const marked = element.querySelector('mark') ?? range(this.#tail, begin, begin + 1);
    const word = marked.getBoundingClientRect();
    const frame = element.getBoundingClientRect();
    // The word stands in the middle, so that one may read ahead.
    const middle = frame.top + (frame.height - word.height) / 2;
    if (Math.abs(word.top - middle) > word.height / 2) element.scrollTop += word.top - middle;
  }
}

/**
 * @param {Text} node
 * @param {number} begin
 * @param {number} end
 */
function range(node, begin, end) {
  const made = new Range();
  made.setStart(node, Math.min(begin, node.length));
  made.setEnd(node, Math.min(end, node.length));
  return made;
}
