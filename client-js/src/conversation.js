import { Emitter } from './emitter.js';
import { LipwireError } from './errors.js';
import { fromS16 } from './pcm.js';
import { errorOf } from './socket.js';
import { SpokenUtterance } from './spoken-utterance.js';
import { TextFlow } from './text-flow.js';

/** @import { Face } from './face.js' */
/** @import { Chunk, ClientMessage, ErrorMessage, ServerMessage, Warning } from './messages.js' */
/** @import { Playout } from './playout.js' */
/** @import { Heard } from './spoken-utterance.js' */

/** @typedef {Extract<ServerMessage, {utterance: number}>} UtteranceMessage */
/**
 * @typedef {object} ConversationEvents
 * @property {Warning} warning
 * @property {LipwireError} error
 */

/** Errors that refuse a piece of text: what comes after it would have a hole before it. */
const REFUSALS = new Set(['text_limit', 'utterance_limit']);
/** Who presses Stop waits no longer than this for what the server makes of it. */
const ANSWER_MS = 2000;

/**
 * Everything that is said: takes what the server sends to the utterance that it belongs to, holding it
 * to the order that was promised.
 * @extends {Emitter<ConversationEvents>}
 */
export class Conversation extends Emitter {
  /** @type {Playout | undefined} */
  playout;
  #send;
  #face;
  /** @type {Map<number, SpokenUtterance>} */
  #utterances = new Map();
  /** @type {Map<number, () => void>} */
  #interrupts = new Map();
  #nextNumber = 1;

  /**
   * @param {(message: ClientMessage) => void} send
   * @param {Face} face
   */
  constructor(send, face) {
    super();
    this.#send = send;
    this.#face = face;
    this.text = new TextFlow(send);
  }

  get speaking() {
    return [...this.#utterances.values()].some((utterance) => !utterance.settled);
  }

  /** The server owes something. */
  get expecting() {
    return this.#interrupts.size > 0 || [...this.#utterances.values()].some(isExpected);
  }

  begin() {
    const utterance = new SpokenUtterance(this.#nextNumber++, performance.now());
    this.#utterances.set(utterance.number, utterance);
    this.text.open(utterance);
    const forget = () => this.#forget(utterance);
    utterance.finished.then(forget, forget);
    return utterance;
  }

  /**
   * @param {boolean} connected
   * @returns {Promise<Heard | undefined>}
   */
  async interrupt(connected) {
    const targets = [...this.#utterances.values()].filter((u) => !u.settled && !u.halted);
    if (targets.length === 0) return undefined;
    // What still arrives of them must not follow the flush.
    for (const target of targets) target.halt();
    const ends = await this.playout?.stop();
    await Promise.all(
      targets.map((target) => this.#cut(target, ends?.get(target) ?? 0, connected)),
    );
    return targets[0].cut;
  }

  /** @param {ServerMessage} message */
  receive(message) {
    if (message.type === 'warning') this.#warned(message);
    else if (message.type === 'error') this.#failed(message);
    else if ('utterance' in message) {
      const utterance = this.#utterances.get(message.utterance);
      if (utterance) this.#deliver(utterance, message);
    }
  }

  /**
   * Its text cannot be said to the end. What was stopped, or is complete at the server, does not need it.
   * @param {SpokenUtterance} utterance
   * @param {LipwireError} error
   * @returns {boolean} whether that was the end of it
   */
  drop(utterance, error) {
    if (utterance.halted || utterance.lost || utterance.state === 'ended') return false;
    utterance.fail(error);
    if (utterance.known) this.#withdraw(utterance);
    this.emit('error', error);
    return true;
  }

  /**
   * The connection is gone. What has arrived can still be played to its end.
   * @param {LipwireError} error
   * @param {boolean} playing whether it will be
   */
  lost(error, playing) {
    this.playout?.complete();
    this.text.clear();
    const answers = [...this.#interrupts.values()];
    this.#interrupts.clear();
    for (const utterance of [...this.#utterances.values()]) {
      // Its number means nothing to whoever is connected to next.
      utterance.known = false;
      if (utterance.cut) utterance.end('interrupted');
      else if (!playing && !utterance.settled) utterance.fail(error);
      else if (utterance.state !== 'ended') utterance.lose(error);
      this.#forget(utterance);
    }
    for (const answer of answers) answer();
  }

  /**
   * The player is gone, and with it what was left of a lost connection.
   * @param {LipwireError} error
   */
  silenced(error) {
    for (const utterance of [...this.#utterances.values()]) {
      if (utterance.arrived > 0 && !utterance.settled) utterance.fail(error);
    }
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {number} heard
   * @param {boolean} connected
   */
  async #cut(utterance, heard, connected) {
    const asks = connected && utterance.known;
    const answer = new Promise((resolve) => {
      if (asks) this.#interrupts.set(utterance.number, () => resolve(undefined));
    });
    utterance.stop(heard);
    if (!asks) return utterance.end('interrupted');
    this.#send({ type: 'interrupt', utterance: utterance.number, heard });
    const timer = setTimeout(() => {
      // The answer may still come, and until then so may what was sent before it.
      utterance.end('interrupted');
      this.#interrupts.get(utterance.number)?.();
    }, ANSWER_MS);
    await answer;
    clearTimeout(timer);
  }

  /**
   * The server would wait for the rest of it for ever, and hold up all that comes after.
   * @param {SpokenUtterance} utterance
   */
  async #withdraw(utterance) {
    const { number } = utterance;
    this.#interrupts.set(number, () => {});
    const { playout } = this;
    // Sound stops as a whole: what lies before it may be heard to its end.
    await Promise.allSettled(playout?.before(utterance).map(({ finished }) => finished) ?? []);
    const ends = playout?.endsWith(utterance) ? await playout.stop() : undefined;
    // Meanwhile the connection may be gone, and with it whoever could answer.
    if (!this.#interrupts.has(number)) return;
    const heard = ends?.get(utterance) ?? utterance.heard;
    this.#send({ type: 'interrupt', utterance: number, heard });
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {UtteranceMessage} message
   */
  #deliver(utterance, message) {
    utterance.advance(message.type);
    switch (message.type) {
      case 'utterance_started':
        if (this.playout) utterance.start(this.playout.sampleRate);
        break;
      case 'segment':
        this.#face.turn(utterance);
        utterance.addSegment(message);
        break;
      case 'chunk':
        this.#play(utterance, message);
        break;
      case 'segment_ended':
        utterance.endSegment(message.count);
        this.playout?.complete();
        break;
      case 'interrupted':
        utterance.interrupted(message);
        this.text.close(utterance);
        this.#answered(utterance.number);
        break;
      case 'utterance_ended':
        utterance.end(message.reason);
        this.text.close(utterance);
        // It ended by itself before the interrupt came: the answer to that is still under way.
        if (message.reason === 'interrupted') this.#answered(utterance.number);
        break;
    }
    this.text.follow(utterance, message);
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {Chunk} chunk
   */
  #play(utterance, chunk) {
    if (utterance.halted) return;
    const { start, audio } = chunk;
    if (start !== utterance.arrived) {
      throw new LipwireError('bad_state', `chunk at ${start}, expected at ${utterance.arrived}`);
    }
    if (!(audio instanceof Uint8Array)) {
      throw new LipwireError('bad_message', 'the audio is not the PCM that was asked for');
    }
    this.#face.play(utterance, chunk);
    this.playout?.write(utterance, fromS16(audio));
  }

  /** @param {Warning} warning */
  #warned(warning) {
    if (warning.code === 'nothing_speaking') {
      const { utterance: number } = warning;
      const isNews = !this.#utterances.get(number ?? -1)?.settled;
      for (const each of number == null ? [...this.#interrupts.keys()] : [number]) {
        this.#answered(each);
      }
      if (!isNews) return;
    }
    this.emit('warning', warning);
  }

  /** @param {ErrorMessage} message */
  #failed(message) {
    const error = errorOf(message);
    const utterance = this.#utterances.get(message.utterance ?? -1);
    utterance?.report(error);
    // Before its turn there is nothing but its text that could be wrong.
    const refused = utterance && (utterance.state === 'queued' || REFUSALS.has(error.code));
    if (!refused || !this.drop(utterance, error)) this.emit('error', error);
  }

  /** @param {number} number */
  #answered(number) {
    const answer = this.#interrupts.get(number);
    this.#interrupts.delete(number);
    const utterance = this.#utterances.get(number);
    if (answer && utterance) {
      // The server knows nothing of one that it never began.
      if (utterance.state === 'queued') utterance.end('interrupted');
      this.#forget(utterance);
    }
    answer?.();
  }

  /** @param {SpokenUtterance} utterance */
  #forget(utterance) {
    // What was cut off still gets its answer.
    if (utterance.settled && !this.#interrupts.has(utterance.number)) this.#remove(utterance);
  }

  /** @param {SpokenUtterance} utterance */
  #remove(utterance) {
    this.#utterances.delete(utterance.number);
    this.text.close(utterance);
  }
}

/** @param {SpokenUtterance} utterance */
function isExpected({ settled, lost, known, state }) {
  return known && !settled && !lost && state !== 'ended';
}
