/** @import { Tape } from './tape.js' */
import { within } from './tape.js';

/** Names of the 15 Oculus visemes, and what moves most in each: lips, tongue or jaw. */
const SHAPES = 'sil PP FF TH DD kk CH SS nn RR aa E ih oh ou'.split(' ');
const MOVES = 'rest lips lips tongue tongue tongue tongue tongue tongue tongue jaw jaw jaw jaw jaw';
const KINDS = /** @type {('rest' | 'lips' | 'tongue' | 'jaw')[]} */ (MOVES.split(' '));

/** Where now is, as a share of the width. */
const NOW = 0.38;
const LONGEST_WORD = 2000;
const ROWS = { words: 4, sound: 30, phonemes: 108, mouth: 134, bottom: 164 };
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const GAP = 1.5;
const INVITATION = 'What is heard and what is seen meet on this line.';

/**
 * Sound, words, phonemes and mouth shapes as they run past a fixed line: what lies on the line is what is
 * heard. For people who want little motion the line moves, and the rest stands.
 */
export class Score {
  #canvas;
  #context;
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #dark = matchMedia('(prefers-color-scheme: dark)');
  #colours;
  /** @type {Tape | undefined} */
  #tape;
  #sample = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    const context = canvas.getContext('2d');
    if (!context) throw new TypeError('the canvas is in use for something else than 2d');
    this.#context = context;
    this.#colours = coloursOf(canvas);
    this.#dark.addEventListener('change', () => {
      this.#colours = coloursOf(canvas);
      this.#paint();
    });
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  /**
   * @param {Tape | undefined} tape
   * @param {number} sample that is heard
   */
  show(tape, sample) {
    if (tape === this.#tape && sample === this.#sample) return;
    this.#tape = tape;
    this.#sample = sample;
    this.#paint();
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.#canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.#paint();
  }

  #paint() {
    const context = this.#context;
    const { width, height } = this.#canvas;
    const wide = width / devicePixelRatio;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, wide, height);
    const rate = this.#tape?.rate ?? 1;
    const perSample = Math.min(230, Math.max(170, wide / 5)) / rate;
    const visible = wide / perSample;
    const from = this.#calm.matches
      ? Math.floor(this.#sample / visible) * visible
      : this.#sample - NOW * visible;
    const x = (/** @type {number} */ sample) => (sample - from) * perSample;
    const now = this.#tape ? x(this.#sample) : NOW * wide;
    if (this.#tape) {
      const window = { tape: this.#tape, from, to: from + visible, x, now };
      this.#sound(window);
      this.#words(window);
      this.#phonemes(window);
      this.#mouth(window);
    } else {
      context.fillStyle = this.#colours.line;
      context.fillRect(0, middle() - 0.5, wide, 1);
      context.fillStyle = this.#colours.soft;
      context.font = `14px ${FONT}`;
      context.textBaseline = 'middle';
      context.textAlign = 'left';
      context.fillText(INVITATION, now + 14, ROWS.words + 11.5, wide - now - 20);
    }
    this.#line(now);
  }

  /** @typedef {{tape: Tape, from: number, to: number, x: (sample: number) => number, now: number}} View */

  /** @param {View} view */
  #sound({ tape, from, to, x, now }) {
    const context = this.#context;
    const { line, accent, soft, jaw } = this.#colours;
    const first = Math.max(0, Math.floor(from / tape.step));
    const last = Math.min(tape.openings.length, Math.ceil(to / tape.step));
    const left = Math.max(0, x(0));
    context.fillStyle = line;
    context.fillRect(left, middle() - 0.5, Math.max(0, x(tape.end) - left), 1);
    const bar = Math.max(1, x(tape.step) - x(0) - 0.7);
    const high = (ROWS.phonemes - ROWS.sound) / 2 - 5;
    for (let i = first; i < last; i++) {
      const at = x(i * tape.step);
      const peak = ((tape.peaks[i] ?? 0) / tape.loudest) * high * 0.95;
      context.fillStyle = at < now ? accent : soft;
      context.globalAlpha = at < now ? 0.9 : 0.5;
      context.fillRect(at, middle() - peak, bar, Math.max(1, 2 * peak));
    }
    context.globalAlpha = 1;
    // How far the mouth is open, above and below the sound that it makes.
    context.strokeStyle = jaw;
    context.lineWidth = 1.75;
    context.lineJoin = 'round';
    for (const sign of [-1, 1]) {
      context.beginPath();
      for (let i = first; i < last; i++) {
        context.lineTo(x(i * tape.step), middle() + sign * (2 + tape.openings[i] * (high + 2)));
      }
      context.stroke();
    }
  }

  /** @param {View} view */
  #words({ tape, from, to, x, now }) {
    const context = this.#context;
    const { ink, soft, accent, wash } = this.#colours;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.font = `600 14px ${FONT}`;
    const words = within(tape.words, from, to);
    for (const [index, { text, start, end }] of words.entries()) {
      const said = x(start) <= now && now < x(end);
      // A canvas writes nothing at all that may be infinitely wide.
      const next = words[index + 1];
      const room = next ? x(next.start) - x(start) - 7 : LONGEST_WORD;
      if (said) this.#box(x(start), ROWS.words, x(end) - x(start), 22, wash, 6);
      context.fillStyle = said ? accent : x(end) <= now ? ink : soft;
      context.fillText(text, x(start) + 5, ROWS.words + 11.5, Math.max(12, room));
    }
  }

  /** @param {View} view */
  #phonemes({ tape, from, to, x, now }) {
    const context = this.#context;
    const { ink, soft, accent } = this.#colours;
    context.textAlign = 'center';
    context.font = `14px ${FONT}`;
    for (const { text, start, end } of within(tape.phonemes, from, to)) {
      const said = x(start) <= now && now < x(end);
      context.fillStyle = said ? accent : x(end) <= now ? ink : soft;
      const room = Math.max(6, x(end) - x(start));
      context.fillText(text, (x(start) + x(end)) / 2, ROWS.phonemes + 12, room);
    }
  }

  /** @param {View} view */
  #mouth({ tape, from, to, x, now }) {
    const context = this.#context;
    context.font = `600 11px ${FONT}`;
    for (const { viseme, weight, start, end } of within(tape.visemes, from, to)) {
      const width = x(end) - x(start) - GAP;
      const kind = KINDS[viseme];
      const high = kind === 'rest' ? 3 : ROWS.bottom - ROWS.mouth;
      const said = x(start) <= now && now < x(end);
      context.globalAlpha = said ? 1 : 0.3 + 0.45 * weight;
      const top = ROWS.mouth + (ROWS.bottom - ROWS.mouth - high) / 2;
      this.#box(x(start), top, width, high, this.#colours[kind], 5);
      context.globalAlpha = 1;
      if (kind === 'rest' || width < 15) continue;
      context.fillStyle = this.#colours.label;
      context.fillText(SHAPES[viseme], x(start) + width / 2, (ROWS.mouth + ROWS.bottom) / 2 + 0.5);
    }
  }

  /**
   * @param {number} left
   * @param {number} top
   * @param {number} width
   * @param {number} height
   * @param {string} colour
   * @param {number} radius
   */
  #box(left, top, width, height, colour, radius) {
    const context = this.#context;
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(left, top, Math.max(1, width), height, Math.min(radius, height / 2));
    context.fill();
  }

  /** @param {number} x */
  #line(x) {
    const context = this.#context;
    context.fillStyle = this.#colours.ink;
    context.fillRect(x - 0.75, 0, 1.5, ROWS.bottom + 4);
    context.beginPath();
    context.moveTo(x - 5, 0);
    context.lineTo(x + 5, 0);
    context.lineTo(x, 6);
    context.fill();
  }
}

function middle() {
  return (ROWS.sound + ROWS.phonemes) / 2;
}

/** @param {Element} element */
function coloursOf(element) {
  const style = getComputedStyle(element);
  const of = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of('ink'),
    soft: of('faint'),
    line: of('line'),
    accent: of('accent'),
    wash: of('accent-wash'),
    label: of('on-shape'),
    rest: of('line'),
    lips: of('lips'),
    tongue: of('tongue'),
    jaw: of('jaw'),
  };
}
