import { Deferred } from './deferred.js';
import { LipwireError, lost, NORMAL } from './errors.js';
import { ProtocolSocket } from './socket.js';
import { Vigil } from './vigil.js';

/** @import { ClientMessage, Ready, ServerMessage } from './messages.js' */

/** @typedef {{id: string, secret: string}} Session */
/**
 * `retrying`: it was lost, and the session is to be taken up again on another one.
 * @typedef {'closed' | 'connecting' | 'open' | 'retrying'} ConnectionState
 */
/**
 * @typedef {object} ConnectionOwner
 * @property {(session: Session | undefined) => ClientMessage} greet what to begin with: a session that
 *   was lost is taken up again
 * @property {(ready: Ready) => Promise<void>} prepare makes ready for what follows; it waits here
 * @property {(ready: Ready) => void} onReady
 * @property {(message: ServerMessage) => void} onMessage
 * @property {() => void} onLost it is tried again
 * @property {(error: LipwireError) => void} onRefused the session is no more; another one is opened
 * @property {(error: LipwireError | undefined) => void} onEnd without an error after `close()`
 */
/**
 * @typedef {object} ConnectionSettings
 * @property {typeof WebSocket} [Socket]
 * @property {() => number} now milliseconds
 * @property {() => number} [random] 0 to 1
 */

/** A server may load its voice before it answers. */
const CONNECT_MS = 30_000;
/** One that had loaded it has it, or is another one: there may be a better one by then. */
const RECONNECT_MS = 10_000;
const DELAYS_MS = [0, 300, 1200, 2700, 4800, 7000];
/** From the third try on, so that not everybody comes back at the same moment. */
const RANDOM_MS = 1000;
/** What held so long was no flash in the pan: the next loss is tried again at once. */
const STEADY_MS = 5000;
/** What the protocol says where a server does not. */
const RESUME_MS = 120_000;
/** Text that waits in the socket beyond this makes `speak` wait for more of it. */
const BUFFERED_BYTES = 65_536;
const DRAIN_MS = 20;

/** What says nothing against coming back, which has the session where it was. */
const PASSING = new Set([
  'connection_failed',
  'connection_lost',
  'going_away',
  'slow_consumer',
  'overloaded',
  'rate_limited',
  'storage_unavailable',
]);

/**
 * A connection that comes back: after a loss it is tried again until the server has given the session
 * up. What is sent meanwhile is lost, and who sent it says it again in `onReady`.
 */
export class Connection {
  #url;
  #owner;
  #Socket;
  #now;
  #random;
  /** @type {ConnectionState} */
  #state = 'closed';
  /** @type {ProtocolSocket | undefined} */
  #socket;
  /** @type {Session | undefined} */
  #session;
  /** @type {Deferred<Ready> | undefined} */
  #waiting;
  /** @type {ServerMessage[] | undefined} what came while its reader was not ready */
  #early;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #resumeMs = RESUME_MS;
  #attempt = 0;
  #openedAt = 0;
  /** @type {{at: number, error: LipwireError} | undefined} */
  #loss;
  #vigil;

  /**
   * @param {URL} url
   * @param {ConnectionOwner} owner
   * @param {ConnectionSettings} settings
   */
  constructor(url, owner, { Socket, now, random = Math.random }) {
    this.#url = url;
    this.#owner = owner;
    this.#Socket = Socket;
    this.#now = now;
    this.#random = random;
    this.#vigil = new Vigil(
      now,
      (stamp) => this.send({ type: 'ping', stamp }),
      () => this.#abandon(),
    );
  }

  get state() {
    return this.#state;
  }

  /** Waits until little of what was sent is still here. */
  async drained() {
    while ((this.#socket?.bufferedAmount ?? 0) > BUFFERED_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    }
  }

  /**
   * Settles when there is one, also when it is lost now.
   * @returns {Promise<Ready>}
   */
  open() {
    if (this.#state === 'closed') {
      this.#state = 'connecting';
      this.#waiting = new Deferred();
      this.#dial();
    }
    return /** @type {any} */ (this.#waiting).promise;
  }

  /** @param {ClientMessage} message */
  send(message) {
    if (this.#state === 'open') this.#socket?.send(message);
  }

  /**
   * The other end breaks the protocol.
   * @param {LipwireError} error
   */
  fail(error) {
    this.#socket?.fail(error);
  }

  /** @param {boolean} expecting whether something has to come: then an end that is silent is let go of */
  expect(expecting) {
    this.#vigil.keep(expecting && this.#state === 'open');
  }

  close() {
    if (this.#state === 'closed') return;
    this.#socket?.close();
    this.#end(undefined);
  }

  #dial() {
    clearTimeout(this.#timer);
    const late = this.#socket;
    this.#socket = undefined;
    // Its server may have the session by now, which a close would end.
    late?.abandon(lost('tried again'));
    const socket = new ProtocolSocket(
      this.#url,
      {
        onOpen: () => socket.send(this.#owner.greet(this.#session)),
        onMessage: (message) => this.#receive(socket, message),
        onClose: (error) => {
          if (socket === this.#socket) this.#closed(/** @type {LipwireError} */ (error));
        },
      },
      this.#Socket,
    );
    this.#socket = socket;
    const again = this.#loss !== undefined;
    this.#timer = setTimeout(
      () => {
        const error = new LipwireError(
          'connection_failed',
          `no Lipwire server answers at ${this.#url}`,
        );
        // A session that comes too late is nobody's, unless it was there before.
        socket.abandon(error, again ? undefined : NORMAL);
      },
      again ? RECONNECT_MS : CONNECT_MS,
    );
  }

  /** The other end does not answer. */
  #abandon() {
    if (this.#state !== 'open') return;
    this.#socket?.abandon(lost('the server does not answer'));
  }

  /**
   * @param {ProtocolSocket} socket
   * @param {ServerMessage} message
   */
  #receive(socket, message) {
    if (socket !== this.#socket) return;
    this.#vigil.arrived();
    if (message.type === 'ready') this.#granted(socket, message);
    else if (this.#early) this.#early.push(message);
    else this.#owner.onMessage(message);
  }

  /**
   * @param {ProtocolSocket} socket
   * @param {Ready} ready
   */
  async #granted(socket, ready) {
    clearTimeout(this.#timer);
    const early = (this.#early = /** @type {ServerMessage[]} */ ([]));
    const { id, secret } = ready.session;
    this.#session = { id, secret };
    this.#resumeMs = ready.limits.resume_ms ?? RESUME_MS;
    try {
      await this.#owner.prepare(ready);
    } catch (error) {
      // The page may not play sound: there is no use in a connection.
      if (socket === this.#socket) {
        socket.close();
        this.#end(/** @type {LipwireError} */ (error));
      }
      return;
    }
    if (socket !== this.#socket) return;
    this.#early = undefined;
    this.#loss = undefined;
    listen('remove', this.#hurry);
    this.#openedAt = this.#now();
    this.#state = 'open';
    this.#owner.onReady(ready);
    this.#waiting?.resolve(ready);
    try {
      for (const message of early) this.#owner.onMessage(message);
    } catch (error) {
      socket.fail(LipwireError.of(error, 'bad_message'));
    }
  }

  /** @param {LipwireError} error */
  #closed(error) {
    clearTimeout(this.#timer);
    this.#socket = undefined;
    this.#early = undefined;
    if (this.#state === 'connecting') this.#end(error);
    else if (this.#loss && error.code === 'not_found') this.#refused(error);
    else if (PASSING.has(error.code)) this.#retry(error);
    else this.#end(error);
  }

  /** @param {LipwireError} error */
  #retry(error) {
    const now = this.#now();
    if (this.#state === 'open') {
      this.#state = 'retrying';
      this.#loss = { at: now, error };
      this.#waiting = new Deferred();
      if (now - this.#openedAt > STEADY_MS) this.#attempt = 0;
      listen('add', this.#hurry);
      this.#owner.onLost();
    }
    const loss = /** @type {{at: number, error: LipwireError}} */ (this.#loss);
    const spread = this.#attempt > 1 ? this.#random() * RANDOM_MS : 0;
    const delay = DELAYS_MS[Math.min(this.#attempt, DELAYS_MS.length - 1)] + spread;
    const wait = Math.max(delay, error.retryAfterMs ?? 0);
    this.#attempt += 1;
    if (now + wait > loss.at + this.#resumeMs) {
      this.#end(loss.error);
      return;
    }
    this.#timer = setTimeout(() => this.#dial(), wait);
  }

  /** @param {LipwireError} error */
  #refused(error) {
    const { message } = error;
    this.#session = this.#loss = undefined;
    listen('remove', this.#hurry);
    this.#state = 'connecting';
    this.#owner.onRefused(lost(message, { cause: error }));
    // The owner may have had enough.
    if (this.#state === 'connecting' && !this.#socket) this.#dial();
  }

  /** The network is back, or somebody looks at the page again: there is nothing to wait for. */
  #hurry = () => {
    if (!this.#early && globalThis.document?.visibilityState !== 'hidden') this.#dial();
  };

  /** @param {LipwireError | undefined} error */
  #end(error) {
    clearTimeout(this.#timer);
    listen('remove', this.#hurry);
    const waiting = this.#waiting;
    this.#state = 'closed';
    this.#attempt = 0;
    this.#socket = this.#session = this.#loss = this.#waiting = this.#early = undefined;
    waiting?.reject(error ?? lost('this page closed the connection'));
    this.#owner.onEnd(error);
  }
}

/**
 * @param {'add' | 'remove'} what
 * @param {() => void} listener
 */
function listen(what, listener) {
  globalThis[`${what}EventListener`]?.('online', listener);
  globalThis.document?.[`${what}EventListener`]('visibilitychange', listener);
}
