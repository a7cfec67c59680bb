import { pieces } from './pieces.js';

/** @import { Flush, Limits, Replay, ServerMessage, Speak } from './messages.js' */
/** @import { TextSource } from './pieces.js' */
/** @import { SpokenUtterance } from './spoken-utterance.js' */

/**
 * @typedef {object} Piece
 * @property {Speak | Replay} message
 * @property {number} length
 * @property {(sent: boolean) => void} resolve
 */

/** What the protocol says of limits that are not sent. */
const DEFAULTS = { message_text: 10_000, waiting_text: 20_000 };
/** Several pieces wait at the server at once, so that it is not left with half a sentence. */
const PIECES_WAITING = 4;
/** Longer than the server leaves text alone that stands still, and than it takes for a segment. */
const STALL_MS = 2000;

/** The text of one utterance on its way to the server, in code points. */
class Line {
  sent = 0;
  /** Up to here the server has come: it turned it into segments, or into nothing. */
  #passed = 0;
  /** @type {number[]} how much was sent when each `flush` was that was not answered yet */
  #marks = [];
  /** @type {Piece | undefined} the next one, which waits to be sent */
  piece;

  /** @param {SpokenUtterance} utterance */
  constructor(utterance) {
    this.utterance = utterance;
  }

  get waiting() {
    return this.sent - this.#passed;
  }

  get probing() {
    return this.#marks.length > 0;
  }

  /** It takes no more text. */
  get over() {
    return this.utterance.halted || this.utterance.settled;
  }

  probe() {
    this.#marks.push(this.sent);
  }

  /** Nobody will answer what was asked. */
  calm() {
    this.#marks = [];
  }

  /** @param {ServerMessage} message */
  follow(message) {
    if (message.type === 'segment') this.#pass(message.span[1]);
    else if (message.type === 'flushed') this.#pass(this.#marks.shift() ?? 0);
  }

  /** @param {number} end */
  #pass(end) {
    this.#passed = Math.max(this.#passed, Math.min(end, this.sent));
  }
}

/**
 * Sends text no faster than the server takes it: it refuses what would make more than
 * `limits.waiting_text` wait, and a text with a hole in it is no use to anybody.
 *
 * The first utterance may have half of that waiting for itself, whatever waits behind it: what is
 * behind it cannot be spoken before its end, so it must never wait for that. The others may send while
 * everything that waits is less than half.
 *
 * Not all text becomes a segment (white space, lone punctuation, a segment that fails), and the server
 * does not say so. When it has nothing to say and says nothing for `STALL_MS`, a `flush` asks: `flushed`
 * is always answered, and everything before it has been passed. So nothing can wait for ever. Otherwise
 * nothing is flushed, for that would break sentences.
 */
export class TextFlow {
  #send;
  /** @type {Pick<Limits, 'message_text' | 'waiting_text'>} */
  #limits = DEFAULTS;
  /** @type {Map<number, Line>} those that the server has not ended, in the order of `speak()` */
  #lines = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #stall;

  /** @param {(message: Speak | Replay | Flush) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {Partial<Limits>} limits */
  set limits(limits) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** Code points that a piece may have. */
  get pieceLimit() {
    return Math.max(
      1,
      Math.min(this.#limits.message_text, Math.floor(this.#half / PIECES_WAITING)),
    );
  }

  get #half() {
    return Math.max(1, Math.floor(this.#limits.waiting_text / 2));
  }

  /** @param {SpokenUtterance} utterance */
  open(utterance) {
    this.#lines.set(utterance.number, new Line(utterance));
  }

  /**
   * Sends a text from its first piece to its last, or until the utterance takes no more.
   * @param {SpokenUtterance} utterance
   * @param {TextSource} source
   * @param {() => Promise<void>} drained what is sent has left this machine, but for a little
   */
  async tell(utterance, source, drained) {
    for await (const { text, end } of pieces(source, this.pieceLimit)) {
      if (!(await this.say(utterance, text, end))) return;
      await drained();
    }
  }

  /**
   * Sends a piece when its time has come; answers false when the utterance takes no more.
   * @param {SpokenUtterance} utterance
   * @param {string} text at most `pieceLimit` code points
   * @param {boolean} end
   * @returns {Promise<boolean>}
   */
  say(utterance, text, end) {
    const { number } = utterance;
    const message = { type: /** @type {const} */ ('speak'), utterance: number, text };
    return this.order(end ? { ...message, end } : message, Array.from(text).length);
  }

  /**
   * The same for what opens an utterance without text.
   * @param {Speak | Replay} message
   * @returns {Promise<boolean>}
   */
  order(message, length = 0) {
    const line = this.#lines.get(message.utterance);
    if (!line) return Promise.resolve(false);
    return new Promise((resolve) => {
      line.piece = { message, length, resolve };
      this.pump();
    });
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {ServerMessage} message that came for it
   */
  follow(utterance, message) {
    this.#lines.get(utterance.number)?.follow(message);
    this.#calm();
    this.pump();
  }

  /**
   * The server waits for no text of it any more.
   * @param {SpokenUtterance} utterance
   */
  close(utterance) {
    const line = this.#lines.get(utterance.number);
    if (!line) return;
    this.#lines.delete(utterance.number);
    line.piece?.resolve(false);
    this.#calm();
    this.pump();
  }

  /**
   * Nobody is there any more to send it to.
   * @param {boolean} another somebody else will be: what nothing was sent of can wait
   */
  clear(another) {
    this.#calm();
    for (const [number, { piece, utterance }] of [...this.#lines]) {
      if (another && !utterance.known) continue;
      this.#lines.delete(number);
      piece?.resolve(false);
    }
  }

  /** The connection is another one, and what was asked on the last one is asked again. */
  resume() {
    for (const line of this.#lines.values()) line.calm();
    this.#calm();
    this.pump();
  }

  /** Sends what may be sent now. */
  pump() {
    let total = 0;
    for (const { waiting } of this.#lines.values()) total += waiting;
    let isFirst = true;
    for (const line of this.#lines.values()) {
      const { piece, utterance } = line;
      if (piece && !line.over && (isFirst ? line.waiting : total) + piece.length <= this.#half) {
        total += piece.length;
        this.#transmit(line, piece);
      }
      // The server takes utterances in the order of their numbers, and none that comes late.
      if (!utterance.known && !line.over) break;
      if (utterance.known) isFirst = false;
    }
    this.#watch();
  }

  /**
   * @param {Line} line
   * @param {Piece} piece
   */
  #transmit(line, { message, length, resolve }) {
    const { utterance } = line;
    line.piece = undefined;
    line.sent += length;
    if (message.type === 'speak') {
      utterance.text += message.text ?? '';
      utterance.complete = message.end === true;
    }
    utterance.known = true;
    this.#send(message);
    resolve(true);
  }

  /** @returns {Line | undefined} the utterance that has its turn, when its text waits for nothing */
  get #stalled() {
    const [first] = this.#lines.values();
    const stands = first?.piece && first.utterance.state === 'started' && !first.probing;
    return stands ? first : undefined;
  }

  #watch() {
    if (!this.#stalled || this.#stall !== undefined) return;
    this.#stall = setTimeout(() => {
      this.#stall = undefined;
      const line = this.#stalled;
      if (!line) return;
      line.probe();
      this.#send({ type: 'flush', utterance: line.utterance.number });
    }, STALL_MS);
  }

  #calm() {
    clearTimeout(this.#stall);
    this.#stall = undefined;
  }
}
