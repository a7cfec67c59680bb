import { configureOf, greetingOf } from './hello.js';
import { errorOf } from './socket.js';

/** @import { LipwireError } from './errors.js' */
/** @import { Changes, ClientOptions, FaceState } from './hello.js' */
/** @import { AudioFormat, ClientMessage, Configured, Hello, Posed, Ready, ServerMessage } from './messages.js' */

/** @typedef {{configured: Configured, posed: Posed}} Answers */
/**
 * @typedef {object} Question
 * @property {ClientMessage} message
 * @property {keyof Answers} type of its answer
 * @property {(answer: any) => void} resolve
 * @property {(error: LipwireError) => void} reject
 */

/**
 * How it speaks and how it holds its head: what was asked for, also on later connections, and who waits
 * for what the server makes of it. The answers come in the order of the questions.
 */
export class Manner {
  #options;
  #send;
  /** @type {FaceState | undefined} */
  #pose;
  /** @type {Question[]} */
  #open = [];

  /**
   * @param {ClientOptions} options
   * @param {(message: ClientMessage) => void} send
   */
  constructor(options, send) {
    this.#options = options;
    this.#send = send;
  }

  /**
   * @param {AudioFormat['codec']} codec
   * @param {Hello['session']} [session]
   */
  greeting(codec, session) {
    return greetingOf(this.#options, codec, session);
  }

  /** @param {Changes} changes */
  async configure(changes) {
    const configured = await this.#ask(configureOf(changes), 'configured');
    // Another voice has other speakers.
    const speaker = changes.voice === undefined ? this.#options.speaker : undefined;
    const news = Object.entries(changes).filter(([, value]) => value !== undefined);
    this.#options = { ...this.#options, speaker, ...Object.fromEntries(news) };
    return configured;
  }

  /** @param {Partial<FaceState>} changes */
  async pose(changes) {
    const { emotion, gaze, head } = await this.#ask({ type: 'pose', ...changes }, 'posed');
    this.#pose = { emotion, gaze, head };
    return this.#pose;
  }

  /**
   * Somebody is there who may not have been asked: to ask for the same thing twice changes nothing.
   * @param {Ready} ready
   */
  begin({ session, watching }) {
    for (const { message } of this.#open) this.#send(message);
    if (!this.#pose || session.resumed || watching) return;
    this.pose(this.#pose).catch(() => {});
  }

  /** @param {ServerMessage} message */
  answer(message) {
    if (this.#open[0]?.type === message.type) this.#open.shift()?.resolve(message);
  }

  /**
   * Of what is sent from here, only questions are answered by an error of no utterance.
   * @param {ServerMessage} message
   * @returns {boolean} whether it was for somebody who asked
   */
  refuse(message) {
    if (message.type !== 'error' || message.utterance != null) return false;
    const refused = this.#open.shift();
    refused?.reject(errorOf(message));
    return refused !== undefined;
  }

  /** @param {LipwireError} error why no answer will come */
  close(error) {
    for (const { reject } of this.#open.splice(0)) reject(error);
  }

  /**
   * @template {keyof Answers} Type
   * @param {ClientMessage} message
   * @param {Type} type of its answer
   * @returns {Promise<Answers[Type]>}
   */
  #ask(message, type) {
    this.#send(message);
    return new Promise((resolve, reject) => this.#open.push({ message, type, resolve, reject }));
  }
}
