/** Refused connections are refused as quickly as a network that is away says so. */
const REFUSED_MS = 30;
/** None of those after which a session may not be taken up again. */
const CUT_CODE = 4000;

/** Messages begin with their type: {type: "..."}. */
const TYPE_AT = 6;

/**
 * The network, and what may be wrong with it. `Socket` stands in for WebSocket: real messages to and
 * from the real server, late or cut off as it is told here.
 */
export class Network {
  /** Each message that comes is late by chance, by up to this. */
  jitterMs = 0;
  /** Until then nobody is reached. */
  #awayUntil = 0;
  /** @type {Set<RoughSocket>} */
  #open = new Set();
  /** @type {(type: string, at: number) => void} told of each message that is sent */
  onSent = () => {};

  get Socket() {
    const network = this;
    const rough = class extends RoughSocket {
      /**
       * @param {string | URL} url
       * @param {string | string[]} [protocols]
       */
      constructor(url, protocols) {
        super(network, url, protocols);
      }
    };
    return /** @type {typeof WebSocket} */ (/** @type {unknown} */ (rough));
  }

  get away() {
    return performance.now() < this.#awayUntil;
  }

  /**
   * Cuts every connection, and lets no other one come about for so long.
   * @param {number} ms
   */
  cut(ms) {
    this.#awayUntil = performance.now() + ms;
    for (const socket of [...this.#open]) socket.cut();
  }

  /** @param {RoughSocket} socket */
  opened(socket) {
    this.#open.add(socket);
  }

  /** @param {RoughSocket} socket */
  closed(socket) {
    this.#open.delete(socket);
  }
}

/** As much of a WebSocket as the client needs. */
class RoughSocket {
  /** @type {((event: object) => void) | null} */
  onopen = null;
  /** @type {((event: object) => void) | null} */
  onmessage = null;
  /** @type {((event: {code: number, reason: string}) => void) | null} */
  onclose = null;
  #network;
  /** @type {WebSocket | undefined} */
  #socket;
  #closed = false;
  /** What came, and when it is handed on: none overtakes another. @type {{at: number, hand: () => void}[]} */
  #queue = [];

  /**
   * @param {Network} network
   * @param {string | URL} url
   * @param {string | string[]} [protocols]
   */
  constructor(network, url, protocols) {
    this.#network = network;
    this.url = String(url);
    if (network.away) {
      setTimeout(() => this.#end(1006, ''), REFUSED_MS);
      return;
    }
    const socket = new WebSocket(url, protocols);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    network.opened(this);
    socket.onopen = (event) => this.onopen?.(event);
    socket.onmessage = ({ data }) => this.#late(() => this.onmessage?.({ data }));
    socket.onclose = ({ code, reason }) => this.#late(() => this.#end(code, reason));
  }

  binaryType = 'arraybuffer';

  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get readyState() {
    return this.#closed ? WebSocket.CLOSED : (this.#socket?.readyState ?? WebSocket.CONNECTING);
  }

  /** @param {Uint8Array<ArrayBuffer>} data */
  send(data) {
    if (this.readyState !== WebSocket.OPEN) return;
    this.#network.onSent(typeOf(data), performance.now());
    this.#socket?.send(data);
  }

  /**
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code, reason) {
    if (this.#socket) this.#socket.close(code, reason);
    else this.#end(code ?? 1005, reason ?? '');
  }

  /** As if a cable was pulled. */
  cut() {
    const socket = this.#socket;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(CUT_CODE);
    }
    this.#end(1006, '');
  }

  /** @param {() => void} hand what came to the client */
  #late(hand) {
    const { jitterMs } = this.#network;
    if (jitterMs === 0 && this.#queue.length === 0) return hand();
    const at = performance.now() + Math.random() * jitterMs;
    this.#queue.push({ at, hand });
    if (this.#queue.length === 1) this.#wait(at);
  }

  /** @param {number} at */
  #wait(at) {
    setTimeout(() => this.#deliver(), Math.max(0, at - performance.now()));
  }

  #deliver() {
    while (this.#queue.length > 0 && !this.#closed) {
      const { at, hand } = this.#queue[0];
      if (at > performance.now()) return this.#wait(at);
      this.#queue.shift();
      hand();
    }
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #end(code, reason) {
    if (this.#closed) return;
    this.#closed = true;
    this.#network.closed(this);
    this.onclose?.({ code, reason });
  }
}

/** @param {Uint8Array} message in MessagePack: a short map, whose first value is a short string */
function typeOf(message) {
  const length = (message[TYPE_AT] ?? 0) & 0x1f;
  return String.fromCharCode(...message.subarray(TYPE_AT + 1, TYPE_AT + 1 + length));
}
