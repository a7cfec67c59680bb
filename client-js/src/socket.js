import { decode, encode, SUBPROTOCOL } from './codec.js';
import { LipwireError, NORMAL, PROTOCOL, TIMEOUT } from './errors.js';

/** @import { ClientMessage, ErrorMessage, ServerMessage } from './messages.js' */

/**
 * @typedef {object} SocketOwner
 * @property {(message: ServerMessage) => void} onMessage
 * @property {(error: LipwireError | undefined) => void} onClose once; without an error after `close()`
 */

/** One connection that speaks the protocol: messages in and out, and one reason for its end. */
export class ProtocolSocket {
  #socket;
  #owner;
  /** @type {LipwireError | undefined} */
  #error;
  #opened = false;
  #closing = false;
  #seq = -1;

  /**
   * @param {string | URL} url
   * @param {SocketOwner & {onOpen: () => void}} owner
   * @param {typeof WebSocket} [Socket]
   */
  constructor(url, owner, Socket = WebSocket) {
    this.#owner = owner;
    this.#socket = new Socket(url, [SUBPROTOCOL]);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => {
      this.#opened = true;
      owner.onOpen();
    };
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code, reason }) => this.#ended(code, reason);
  }

  /** Bytes that wait to be sent. */
  get bufferedAmount() {
    return this.#socket.bufferedAmount;
  }

  /** @param {ClientMessage} message */
  send(message) {
    this.#socket.send(encode(message));
  }

  close() {
    this.#closing = true;
    this.#socket.close(NORMAL);
  }

  /** @param {LipwireError} error */
  fail(error) {
    this.#error ??= error;
    this.#socket.close(PROTOCOL, error.message.slice(0, 60));
  }

  /**
   * Lets go of an end that does not answer, without waiting for it to agree.
   * @param {LipwireError} error
   * @param {number} [code]
   */
  abandon(error, code = TIMEOUT) {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code, error.message.slice(0, 60));
    this.#owner.onClose(this.#error ?? error);
  }

  /** @param {unknown} data */
  #receive(data) {
    if (this.#error || this.#closing) return;
    try {
      if (!(data instanceof ArrayBuffer)) {
        throw new LipwireError('bad_message', 'the server sent text');
      }
      const message = /** @type {ServerMessage} */ (decode(data));
      this.#checkSeq(message.seq ?? 0);
      // The server closes after it; until then nothing counts any more.
      if (message.type === 'error' && message.fatal) this.#error = errorOf(message);
      else this.#owner.onMessage(message);
    } catch (error) {
      this.fail(LipwireError.of(error, 'bad_message'));
    }
  }

  /** @param {number} seq */
  #checkSeq(seq) {
    if (this.#seq >= 0 && seq !== this.#seq + 1) {
      throw new LipwireError('bad_state', `message ${seq} came after ${this.#seq}`);
    }
    this.#seq = seq;
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #ended(code, reason) {
    if (this.#closing) this.#owner.onClose(undefined);
    else if (this.#error) this.#owner.onClose(this.#error);
    else if (!this.#opened) {
      const message = `no Lipwire server answers at ${this.#socket.url}`;
      this.#owner.onClose(new LipwireError('connection_failed', message));
    } else this.#owner.onClose(LipwireError.fromClose(code, reason));
  }
}

/** @param {ErrorMessage} message */
export function errorOf({ code, message, retry_after_ms }) {
  return new LipwireError(code, message, { retryAfterMs: retry_after_ms ?? undefined });
}
