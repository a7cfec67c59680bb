import { Emitter } from './emitter.js';
import { LipwireError } from './errors.js';
import { samplesOf } from './pcm.js';
import { errorOf } from './socket.js';
import { SpokenUtterance } from './spoken-utterance.js';
import { Stops } from './stops.js';
import { TextFlow } from './text-flow.js';
import { Unaccepted } from './unaccepted.js';
import { isOver } from './utterance.js';

/** @import { Face } from './face.js' */
/** @import { Chunk, ClientMessage, ErrorMessage, Position, ServerMessage, Warning } from './messages.js' */
/** @import { Playout } from './playout.js' */
/** @import { Heard } from './spoken-utterance.js' */

/** @typedef {Extract<ServerMessage, {utterance: number}>} UtteranceMessage */
/**
 * @typedef {object} ConversationEvents
 * @property {SpokenUtterance} utterance that somebody else has said
 * @property {Warning} warning
 * @property {LipwireError} error
 */

/** Errors that refuse a piece of text: what comes after it would have a hole before it. */
const REFUSALS = new Set(['text_limit', 'utterance_limit']);

/**
 * Everything that is said: takes what the server sends to the utterance that it belongs to, holding it
 * to the order that was promised.
 * @extends {Emitter<ConversationEvents>}
 */
export class Conversation extends Emitter {
  /** @type {Playout | undefined} */
  playout;
  /** Somebody else speaks, and this one listens. */
  watching = false;
  #send;
  #face;
  /** @type {Map<number, SpokenUtterance>} in the order of their numbers */
  utterances = new Map();
  #stops;
  unaccepted = new Unaccepted();
  nextNumber;
  /** Nobody is there: what is sent now is sent again when somebody is. */
  #suspended = false;
  /** The server goes: what it breaks off is gone on with on the next connection. */
  #leaving = false;
  /** @type {Set<SpokenUtterance>} those that it broke off */
  #brokenOff = new Set();

  /**
   * @param {(message: ClientMessage) => void} send
   * @param {Face} face
   * @param {number} [next] number of what is said first
   */
  constructor(send, face, next = 1) {
    super();
    this.nextNumber = next;
    this.#send = send;
    this.#face = face;
    this.#stops = new Stops(send);
    this.text = new TextFlow((message) => {
      send(message.type === 'flush' ? message : this.unaccepted.keep(message));
    });
  }

  get #all() {
    return [...this.utterances.values()];
  }

  get speaking() {
    return this.#all.some((utterance) => !utterance.settled);
  }

  /** Something is here that was not heard yet. */
  get audible() {
    return this.#all.some(({ settled, halted, heard, arrived }) => {
      return !settled && !halted && heard < arrived;
    });
  }

  /** The server owes something. */
  get expecting() {
    return this.#stops.numbers.length > 0 || this.#all.some(isExpected);
  }

  /**
   * Where the stream is: after everything that has arrived.
   * @returns {Position}
   */
  get position() {
    // Also one that has no text yet: its number is not to be passed over.
    const first = this.#all.find(({ state }) => !isOver(state));
    const last = first?.segments.at(-1);
    const { segment, span, start } = last ?? { segment: 0, span: [0, 0], start: 0 };
    const utterance = first?.number ?? this.nextNumber;
    return { utterance, segment, span, start, sample: last && first ? first.received : 0 };
  }

  begin(number = this.nextNumber) {
    const utterance = new SpokenUtterance(number, performance.now());
    this.nextNumber = Math.max(this.nextNumber, number + 1);
    this.utterances.set(number, utterance);
    this.text.open(utterance);
    const forget = () => this.#forget(utterance);
    utterance.finished.then(forget, forget);
    return utterance;
  }

  /** @param {SpokenUtterance} utterance that was not begun here */
  introduce(utterance) {
    utterance.known = true;
    this.emit('utterance', utterance);
    return utterance;
  }

  /**
   * @param {SpokenUtterance} [only]
   * @returns {Promise<Heard | undefined>}
   */
  async interrupt(only) {
    const all = this.#all.filter((u) => !u.settled && !u.halted);
    const targets = only ? all.filter((u) => u === only) : all;
    if (targets.length === 0) return undefined;
    // What still arrives of them must not follow the flush.
    for (const target of targets) target.halt();
    if (only && this.playout?.before(only).length) {
      this.#mute(only);
      await this.#cut(only, 0);
    } else {
      const ends = await this.playout?.stop(only);
      await Promise.all(
        targets.map((target) => this.#cut(target, ends?.get(target) ?? target.heard)),
      );
    }
    return targets[0].cut;
  }

  /** @param {ServerMessage} message */
  receive(message) {
    switch (message.type) {
      case 'warning':
        return this.#warned(message);
      case 'error':
        return this.#failed(message);
      case 'accepted':
        return this.unaccepted.forget(message.number);
      case 'goaway':
        this.#leaving = true;
        return;
    }
    if (!('utterance' in message)) return;
    const utterance = this.utterances.get(message.utterance) ?? this.#overheard(message);
    if (utterance && !this.#breaksOff(utterance, message)) this.#deliver(utterance, message);
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

  /** The connection is gone, and will be back; what has arrived is played meanwhile. */
  suspend() {
    this.#suspended = true;
    for (const utterance of this.#all) {
      // Nobody can answer now. The server is told when it is back.
      if (utterance.cut && !utterance.settled) utterance.end('interrupted');
    }
    this.#stops.suspend();
  }

  /**
   * The connection is back, and the stream goes on at `position`.
   * @param {number[]} received numbers of what the server has for good
   */
  resume(received) {
    const { utterance: open } = this.position;
    this.#suspended = this.#leaving = false;
    this.#brokenOff.clear();
    for (const utterance of this.#all) {
      if (!isOver(utterance.state)) {
        const isOpen = utterance.number === open && utterance.segments.length > 0;
        utterance.state = isOpen ? 'speaking' : 'queued';
      }
    }
    for (const number of received) this.unaccepted.forget(number);
    for (const speak of this.unaccepted.all) this.#send(speak);
    this.#stops.repeat();
    this.text.resume();
  }

  /**
   * The session is gone. What has arrived can still be played to its end, and what the server was told
   * nothing of can be said in another one.
   * @param {LipwireError} error
   * @param {{playing?: boolean, another?: boolean}} [hopes]
   */
  lost(error, { playing = true, another = false } = {}) {
    this.#suspended = this.#leaving = false;
    this.#brokenOff.clear();
    this.unaccepted.clear();
    this.playout?.complete();
    this.text.clear(another);
    this.#stops.clear();
    for (const utterance of this.#all) {
      if (another && !utterance.known && !utterance.cut) continue;
      // Its number means nothing to whoever is connected to next.
      utterance.known = false;
      if (utterance.cut) utterance.end('interrupted');
      else if (!playing && !utterance.settled) utterance.fail(error);
      else if (utterance.state !== 'ended') utterance.lose(error);
      this.#forget(utterance);
    }
  }

  /**
   * The player is gone, and with it what was left of a lost connection.
   * @param {LipwireError} error
   */
  silenced(error) {
    for (const utterance of this.#all) {
      if (utterance.arrived > 0 && !utterance.settled) utterance.fail(error);
    }
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {number} heard
   */
  async #cut(utterance, heard) {
    utterance.stop(heard);
    if (!utterance.known) return utterance.end('interrupted');
    const answer = this.#stops.ask(utterance.number, heard);
    if (this.#suspended || !(await answer)) utterance.end('interrupted');
  }

  /**
   * The server would wait for the rest of it for ever, and hold up all that comes after.
   * @param {SpokenUtterance} utterance
   */
  #withdraw(utterance) {
    const stopped = this.#mute(utterance);
    const heard = stopped.then((ends) => ends?.get(utterance) ?? utterance.heard);
    this.#stops.await(utterance.number, heard);
  }

  /**
   * Takes its sound out when its turn comes: what lies before it is heard to its end.
   * @param {SpokenUtterance} utterance
   */
  async #mute(utterance) {
    const { playout } = this;
    await Promise.allSettled(playout?.before(utterance).map(({ finished }) => finished) ?? []);
    return playout?.stop(utterance);
  }

  /**
   * One that somebody else has said.
   * @param {UtteranceMessage} message
   */
  #overheard({ type, utterance: number }) {
    if (!this.watching || type !== 'utterance_started') return undefined;
    const utterance = this.begin(number);
    utterance.isRetold = true;
    return this.introduce(utterance);
  }

  /**
   * Whether the server ends it only because it goes itself.
   * @param {SpokenUtterance} utterance
   * @param {UtteranceMessage} message
   */
  #breaksOff(utterance, { type, ...rest }) {
    if (!this.#leaving || this.watching) return false;
    if (type === 'segment_ended') return this.#brokenOff.has(utterance);
    return type === 'utterance_ended' && /** @type {any} */ (rest).reason === 'error';
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
        if (message.from) utterance.beginAt(message.from);
        // It is no text that is accepted, and who speaks it has it.
        this.unaccepted.close(utterance.number, 'replay');
        break;
      case 'segment':
        this.#face.film?.turn(utterance, message.segment);
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
        // Whoever watches is not the one who has stopped it.
        if (!utterance.halted) this.playout?.stop(utterance);
        utterance.interrupted(message);
        this.text.close(utterance);
        this.#answered(utterance.number);
        break;
      case 'utterance_ended':
        utterance.end(message.reason);
        this.unaccepted.close(utterance.number);
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
    const { start, audio } = chunk;
    utterance.received = start + chunk.count;
    if (utterance.halted) return;
    if (start !== utterance.arrived) {
      throw new LipwireError('bad_state', `chunk at ${start}, expected at ${utterance.arrived}`);
    }
    if (Array.isArray(audio)) {
      throw new LipwireError('bad_message', 'the audio is not PCM');
    }
    this.#face.film?.play(utterance, chunk);
    this.playout?.write(utterance, samplesOf(audio));
  }

  /** @param {Warning} warning */
  #warned(warning) {
    if (warning.code !== 'nothing_speaking') return this.emit('warning', warning);
    // That is the answer to a stop, and what it stopped is settled.
    const { utterance: number } = warning;
    for (const each of number == null ? this.#stops.numbers : [number]) this.#answered(each);
  }

  /** @param {ErrorMessage} message */
  #failed(message) {
    const error = errorOf(message);
    const utterance = this.utterances.get(message.utterance ?? -1);
    if (utterance && this.#leaving && error.code === 'going_away' && !this.watching) {
      this.#brokenOff.add(utterance);
      return;
    }
    utterance?.report(error);
    // Before its turn there is nothing but its text that could be wrong.
    const refused = utterance && (utterance.state === 'queued' || REFUSALS.has(error.code));
    if (!refused || !this.drop(utterance, error)) this.emit('error', error);
  }

  /** @param {number} number */
  #answered(number) {
    const utterance = this.utterances.get(number);
    if (!this.#stops.answer(number) || !utterance) return;
    // The server knows nothing of one that it never began.
    if (utterance.state === 'queued') utterance.end('interrupted');
    this.#forget(utterance);
  }

  /** @param {SpokenUtterance} utterance */
  #forget(utterance) {
    // What was cut off still gets its answer.
    if (utterance.settled && !this.#stops.has(utterance.number)) this.#remove(utterance);
  }

  /** @param {SpokenUtterance} utterance */
  #remove(utterance) {
    this.utterances.delete(utterance.number);
    this.unaccepted.close(utterance.number);
    this.text.close(utterance);
  }
}

/** @param {SpokenUtterance} utterance */
function isExpected({ settled, lost, known, state }) {
  return known && !settled && !lost && state !== 'ended';
}
