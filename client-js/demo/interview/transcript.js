/** @import { Turn } from './interview.js' */

/** What was said, turn by turn: the end of what the face said and nobody heard is struck. */
export class Transcript {
  #log;
  #live;
  #scroll;

  /**
   * @param {HTMLElement} log what is over; a screen reader tells each turn once, as a whole
   * @param {HTMLElement} live the turn that is being said
   */
  constructor(log, live) {
    this.#log = log;
    this.#live = live;
    this.#scroll = /** @type {HTMLElement} */ (log.parentElement);
  }

  /** A turn that the face begins now. */
  begin() {
    const live = new LiveTurn(() => this.#follow());
    this.#live.replaceChildren(live.element);
    return live;
  }

  /**
   * A turn that is over.
   * @param {Turn} turn
   * @param {HTMLElement} [tools] what can be done with it
   */
  add(turn, tools) {
    const element = turnElement(turn);
    if (tools) element.append(tools);
    if (turn.who === 'face') this.#live.replaceChildren();
    this.#log.append(element);
    this.#follow();
  }

  /** Goes to what is new; on a phone it is the page that scrolls. */
  #follow() {
    const scroll = this.#scroll;
    if (scroll.scrollHeight > scroll.clientHeight) scroll.scrollTop = scroll.scrollHeight;
    else
      (this.#live.lastElementChild ?? this.#log.lastElementChild)?.scrollIntoView({
        block: 'nearest',
      });
  }
}

/** What the face is saying: what was heard, the word of the moment, what is still to come. */
class LiveTurn {
  element = document.createElement('article');
  #heard = span('turn-heard');
  #word = span('turn-word');
  #ahead = span('turn-ahead');
  #changed;
  /** @type {string[]} code points: that is what offsets count */
  #text = [];
  #begin = 0;
  #end = 0;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
    this.element.className = 'turn face-turn';
    this.element.append(who('Interviewer'), paragraph(this.#heard, this.#word, this.#ahead));
    this.#ahead.textContent = '…';
  }

  /** @param {string} token that was written */
  add(token) {
    this.#text.push(...token);
    this.#draw();
  }

  /**
   * A word is heard.
   * @param {{begin: number, end: number}} word
   */
  say({ begin, end }) {
    this.#begin = begin;
    this.#end = end;
    this.#draw();
  }

  #draw() {
    this.#heard.textContent = this.#text.slice(0, this.#begin).join('');
    this.#word.textContent = this.#text.slice(this.#begin, this.#end).join('');
    this.#ahead.textContent = this.#text.slice(this.#end).join('');
    this.#changed();
  }
}

/** @param {Turn} turn */
export function turnElement(turn) {
  const element = document.createElement('article');
  if (turn.who === 'person') {
    element.className = 'turn person-turn';
    element.append(who('You'), paragraph(turn.text));
    return element;
  }
  element.className = 'turn face-turn';
  const text = paragraph(turn.heard);
  const rest = turn.cut ? turn.text.slice(turn.heard.length) : '';
  if (rest) {
    const struck = document.createElement('s');
    struck.append(hidden('Not heard: '), rest.trimStart());
    // A space that is struck looks like a dash.
    text.append(rest.slice(0, -rest.trimStart().length), struck);
  }
  element.append(who('Interviewer'), text);
  if (turn.cut) element.append(remark(turn.heard ? 'Interrupted here' : 'Interrupted at once'));
  return element;
}

/** @param {string} name */
function who(name) {
  const element = document.createElement('h3');
  element.textContent = name;
  return element;
}

/** @param {(string | Node)[]} content */
function paragraph(...content) {
  const element = document.createElement('p');
  element.dir = 'auto';
  element.append(...content);
  return element;
}

/** @param {string} words */
function remark(words) {
  const element = document.createElement('p');
  element.className = 'remark';
  element.textContent = words;
  return element;
}

/** @param {string} name */
function span(name) {
  const element = document.createElement('span');
  element.className = name;
  return element;
}

/** @param {string} words for screen readers */
function hidden(words) {
  const element = span('unseen');
  element.textContent = words;
  return element;
}
