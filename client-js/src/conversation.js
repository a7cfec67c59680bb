import { Emitter } from './emitter.js';
import { LipwireError } from './errors.js';
import { fromS16 } from './pcm.js';
import { errorOf } from './socket.js';
import { SpokenUtterance } from './spoken-utterance.js';

/** @import { Chunk, ClientMessage, ErrorMessage, ServerMessage, Warning } from './messages.js' */
/** @import { Playout } from './playout.js' */
/** @import { Heard } from './spoken-utterance.js' */

/** @typedef {Extract<ServerMessage, {utterance: number}>} UtteranceMessage */
/**
 * @typedef {object} ConversationEvents
 * @property {Warning} warning
 * @property {LipwireError} error
 */

/**
 * Everything that is said: takes what the server sends to the utterance that it belongs to, holding it
 * to the order that was promised.
 * @extends {Emitter<ConversationEvents>}
 */
export class Conversation extends Emitter {
  /** @type {Playout | undefined} */
  playout;
  #send;
  /** @type {Map<number, SpokenUtterance>} */
  #utterances = new Map();
  /** @type {Map<number, () => void>} */
  #interrupts = new Map();
  #nextNumber = 1;

  /** @param {(message: ClientMessage) => void} send */
  constructor(send) {
    super();
    this.#send = send;
  }

  get speaking() {
    return [...this.#utterances.values()].some((utterance) => !utterance.settled);
  }

  begin() {
    const utterance = new SpokenUtterance(this.#nextNumber++, performance.now());
    this.#utterances.set(utterance.number, utterance);
    utterance.on('finished', () => this.#forget(utterance));
    return utterance;
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {string} text
   * @param {boolean} end
   */
  say(utterance, text, end) {
    utterance.text += text;
    this.#send({ type: 'speak', utterance: utterance.number, text, end: end || undefined });
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
   * Nothing more will come of it.
   * @param {SpokenUtterance} utterance
   * @param {LipwireError} error
   */
  drop(utterance, error) {
    if (utterance.settled) return;
    utterance.fail(error);
    this.emit('error', error);
  }

  /**
   * The connection is gone. What has arrived in full can still be played to its end.
   * @param {LipwireError} error
   * @param {boolean} playing whether it will be
   */
  lost(error, playing) {
    this.playout?.complete();
    for (const utterance of this.#utterances.values()) {
      if (utterance.state === 'ended' && !utterance.settled && playing) continue;
      if (!utterance.settled) utterance.fail(error);
      this.#utterances.delete(utterance.number);
    }
    for (const number of [...this.#interrupts.keys()]) this.#answered(number);
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {number} heard
   * @param {boolean} connected
   */
  async #cut(utterance, heard, connected) {
    const asks = connected && utterance.text !== '';
    const answer = new Promise((resolve) => {
      if (asks) this.#interrupts.set(utterance.number, () => resolve(undefined));
    });
    utterance.stop(heard);
    if (!asks) return utterance.end('interrupted');
    this.#send({ type: 'interrupt', utterance: utterance.number, heard });
    await answer;
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
        utterance.addSegment(message);
        break;
      case 'chunk':
        this.#play(utterance, message);
        break;
      case 'segment_ended':
        this.playout?.complete();
        break;
      case 'interrupted':
        utterance.interrupted(message);
        this.#answered(utterance.number);
        break;
      case 'utterance_ended':
        utterance.end(message.reason);
        // It ended by itself before the interrupt came: the answer to that is still under way.
        if (message.reason === 'interrupted') this.#answered(utterance.number);
        break;
    }
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {Chunk} chunk
   */
  #play(utterance, { start, audio }) {
    if (utterance.halted) return;
    if (start !== utterance.arrived) {
      throw new LipwireError('bad_state', `chunk at ${start}, expected at ${utterance.arrived}`);
    }
    if (!(audio instanceof Uint8Array)) {
      throw new LipwireError('bad_message', 'the audio is not the PCM that was asked for');
    }
    this.playout?.write(utterance, fromS16(audio));
  }

  /** @param {Warning} warning */
  #warned(warning) {
    const { utterance } = warning;
    if (utterance != null) this.#answered(utterance);
    else if (warning.code === 'nothing_speaking') {
      for (const number of [...this.#interrupts.keys()]) this.#answered(number);
    }
    this.emit('warning', warning);
  }

  /** @param {ErrorMessage} message */
  #failed(message) {
    const error = errorOf(message);
    const utterance = this.#utterances.get(message.utterance ?? -1);
    utterance?.report(error);
    // What is turned down before its turn came has no end that could be waited for.
    if (utterance?.state === 'queued') this.drop(utterance, error);
    else this.emit('error', error);
  }

  /** @param {number} number */
  #answered(number) {
    const answer = this.#interrupts.get(number);
    this.#interrupts.delete(number);
    const utterance = this.#utterances.get(number);
    if (answer && utterance) {
      // The server knows nothing of one that it never began.
      if (utterance.state === 'queued') utterance.end('interrupted');
      if (utterance.settled) this.#utterances.delete(number);
    }
    answer?.();
  }

  /** @param {SpokenUtterance} utterance */
  #forget(utterance) {
    // What was sent to its end and cut off still gets its answer.
    if (!this.#interrupts.has(utterance.number)) this.#utterances.delete(utterance.number);
  }
}
