import { cue } from './vtt.js';

/** @import { Ready, Segment } from '../messages.js' */
/** @import { Heard, SpokenUtterance, Word } from '../spoken-utterance.js' */

/**
 * All that is needed of a client.
 * @typedef {object} Speaking
 * @property {(name: 'utterance', listener: (utterance: SpokenUtterance) => void) => () => void} on
 * @property {Ready | undefined} session
 */
/** @typedef {{from: number, to: number, begin: number, start: number}} Place a word, in the sentence */
/**
 * A sentence that is to be read.
 * @typedef {object} Line
 * @property {HTMLElement} element
 * @property {string} text
 * @property {Place[]} words
 * @property {number} cut where the part begins that was not heard
 * @property {number} start of its sound, in samples of its utterance
 * @property {number} end
 */
/** @typedef {{utterance: SpokenUtterance, rate: number, lang: string, lines: Line[]}} Track */

const WORD = 'lipwire-word';
const STYLE = `::highlight(${WORD}){background-color:var(--lipwire-word,light-dark(#ffd98a,#7a5410));color:var(--lipwire-word-text,currentColor)}.lipwire-unheard{opacity:.5}`;
/** Older sentences are forgotten, here and in the page. */
const KEPT = 1000;

/**
 * Captions of what is heard: each sentence enters when it begins, as a whole, so that a screen reader
 * reads it once, and the word of the moment is marked.
 *
 * Colours are custom properties: `--lipwire-word` and `--lipwire-word-text`; what was not heard because
 * somebody interrupted has the class `lipwire-unheard`.
 */
export class Captions {
  #element;
  #client;
  #kept;
  #off;
  #disposed = false;
  /** Milliseconds that were heard of utterances that are over. */
  #past = 0;
  /** @type {string[]} the captions of those */
  #cues = [];
  #entered = 0;
  /** @type {Range | undefined} */
  #marked;

  /**
   * @param {HTMLElement} element
   * @param {Speaking} client
   * @param {{kept?: number}} [options] `kept`: how many sentences stay
   */
  constructor(element, client, { kept = KEPT } = {}) {
    this.#element = element;
    this.#client = client;
    this.#kept = kept;
    for (const [name, value] of [
      ['role', 'log'],
      ['aria-live', 'polite'],
      // Marking a word is not news.
      ['aria-relevant', 'additions'],
    ]) {
      if (!element.hasAttribute(name)) element.setAttribute(name, value);
    }
    this.#off = client.on('utterance', (utterance) => this.#follow(utterance));
  }

  /** How many sentences have entered. */
  stats() {
    return { sentences: this.#entered };
  }

  /**
   * What was heard, as WebVTT with the time of every word: one utterance right after the other, like
   * the sound would be in a recording of them. What is being said now is left out.
   */
  vtt() {
    return ['WEBVTT', ...this.#cues].join('\n\n') + '\n';
  }

  /** Follows no more; what is there stays. */
  dispose() {
    this.#disposed = true;
    this.#off();
    this.#unmark();
  }

  /** @param {SpokenUtterance} utterance */
  #follow(utterance) {
    /** @type {Track} */
    const track = { utterance, rate: 1, lang: '', lines: [] };
    const offs = [
      utterance.on('segment', () => {
        const { audio, voice } = this.#client.session ?? {};
        track.rate = audio?.sample_rate ?? voice?.sample_rate ?? track.rate;
        track.lang = voice?.language.replace('_', '-') ?? track.lang;
      }),
      utterance.on('word', (word) => {
        if (this.#disposed) return;
        this.#enter(track, word.start);
        this.#mark(track, word);
      }),
    ];
    const end = (/** @type {Heard} */ heard) => {
      for (const off of offs) off();
      if (!this.#disposed) this.#end(track, heard);
    };
    utterance.finished.then(end, () => end(utterance.heardAt(utterance.heard)));
  }

  /**
   * @param {Track} track
   * @param {number} sample whose sentence is there then, and all before it
   */
  #enter({ utterance, lines, lang }, sample) {
    const { segments } = utterance;
    while (segments[lines.length]?.start <= sample) {
      const segment = segments[lines.length];
      const element = document.createElement('p');
      element.lang = lang;
      element.dir = 'auto';
      element.textContent = segment.text;
      lines.push({
        element,
        text: segment.text,
        words: placesOf(segment),
        cut: segment.text.length,
        start: segment.start,
        end: segment.start + segment.count,
      });
      this.#show(element);
    }
  }

  /** @param {HTMLElement} element */
  #show(element) {
    const log = this.#element;
    const root = log.getRootNode();
    if (root instanceof Document || root instanceof ShadowRoot) style(root);
    // Who has scrolled back wants to read that.
    const follows = log.scrollTop + log.clientHeight >= log.scrollHeight - 2;
    log.append(element);
    if (log.childElementCount > this.#kept) log.firstElementChild?.remove();
    if (follows) log.scrollTop = log.scrollHeight;
    this.#entered++;
  }

  /**
   * @param {Track} track
   * @param {Word} word
   */
  #mark({ lines }, { start }) {
    this.#unmark();
    const line = lines.findLast((each) => each.start <= start);
    const place = line?.words.find((each) => each.start === start);
    if (line && place) this.#marked = mark(line.element, place);
  }

  #unmark() {
    if (this.#marked) unmark(this.#marked);
    this.#marked = undefined;
  }

  /**
   * @param {Track} track
   * @param {Heard} heard
   */
  #end(track, { sample, ms, character }) {
    this.#unmark();
    this.#enter(track, sample - 1);
    for (const line of track.lines) {
      const missed = line.words.find(({ begin }) => begin >= character);
      if (missed) cut(line, missed.from);
      const text = cue(line, sample, { rate: track.rate, past: this.#past });
      if (text) this.#cues.push(text);
    }
    this.#cues = this.#cues.slice(-this.#kept);
    this.#past += ms;
  }
}

/**
 * Where its words are in the text of a segment, which is that of the utterance without markup.
 * @param {Segment} segment
 */
function placesOf({ text, words = [] }) {
  let at = 0;
  return words.flatMap(([word, begin, , start]) => {
    const from = text.indexOf(word, at);
    if (from < 0) return [];
    at = from + word.length;
    return [{ from, to: at, begin, start }];
  });
}

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** @param {Document | ShadowRoot} root */
function style(root) {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) {
    root.adoptedStyleSheets = [sheet, ...root.adoptedStyleSheets];
  }
}

/**
 * @param {Element} element
 * @param {Place} place
 */
function mark(element, { from, to }) {
  const range = rangeOf(element, from, to);
  if (globalThis.CSS?.highlights) {
    const highlight = CSS.highlights.get(WORD) ?? new Highlight();
    CSS.highlights.set(WORD, highlight.add(range));
  } else {
    range.surroundContents(document.createElement('mark'));
  }
  return range;
}

/** @param {Range} range */
function unmark(range) {
  if (globalThis.CSS?.highlights) {
    CSS.highlights.get(WORD)?.delete(range);
    return;
  }
  const found = range.commonAncestorContainer;
  const element = found instanceof Element ? found : found.parentElement;
  for (const marked of element?.querySelectorAll('mark') ?? []) {
    marked.replaceWith(...marked.childNodes);
  }
  element?.normalize();
}

/**
 * @param {Line} line
 * @param {number} from
 */
function cut(line, from) {
  line.cut = from;
  const rest = document.createElement('span');
  rest.className = 'lipwire-unheard';
  rangeOf(line.element, from, line.text.length).surroundContents(rest);
}

/**
 * @param {Element} element with nothing but text in it
 * @param {number} from
 * @param {number} to
 */
function rangeOf(element, from, to) {
  const node = /** @type {Text} */ (element.firstChild);
  const range = new Range();
  range.setStart(node, from);
  range.setEnd(node, to);
  return range;
}
