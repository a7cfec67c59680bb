/** @import { Heard } from './spoken-utterance.js' */

export const NORMAL = 1000;
const GOING_AWAY = 1001;
const TOO_BIG = 1009;
const INTERNAL = 1011;
const RESTART = 1012;
export const PROTOCOL = 4400;
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;
const NOT_FOUND = 4404;
export const TIMEOUT = 4408;
const TAKEN_OVER = 4409;
const RATE_LIMITED = 4429;
const OVERLOADED = 4503;

/** Close codes of the WebSocket that Lipwire uses. */
export const CloseCode = /* @__PURE__ */ Object.freeze({
  NORMAL,
  GOING_AWAY,
  TOO_BIG,
  INTERNAL,
  RESTART,
  PROTOCOL,
  UNAUTHORIZED,
  FORBIDDEN,
  NOT_FOUND,
  TIMEOUT,
  TAKEN_OVER,
  RATE_LIMITED,
  OVERLOADED,
});

/**
 * Every code of the protocol, with the close code of a fatal error and the status of a REST answer.
 * @satisfies {Record<string, [closeCode: number, httpStatus: number]>}
 */
const DERIVED = /* @__PURE__ */ Object.freeze({
  bad_message: [PROTOCOL, 400],
  bad_state: [PROTOCOL, 409],
  unknown_type: [PROTOCOL, 400],
  unauthorized: [UNAUTHORIZED, 401],
  forbidden: [FORBIDDEN, 403],
  not_found: [NOT_FOUND, 404],
  method_not_allowed: [PROTOCOL, 405],
  conflict: [PROTOCOL, 409],
  precondition_failed: [PROTOCOL, 412],
  unsupported_media: [PROTOCOL, 415],
  unreadable: [PROTOCOL, 422],
  unsupported: [PROTOCOL, 422],
  empty_text: [PROTOCOL, 422],
  text_limit: [PROTOCOL, 413],
  message_limit: [TOO_BIG, 413],
  utterance_limit: [RATE_LIMITED, 429],
  utterance_closed: [PROTOCOL, 409],
  nothing_speaking: [PROTOCOL, 409],
  rate_limited: [RATE_LIMITED, 429],
  overloaded: [OVERLOADED, 503],
  synthesis_failed: [INTERNAL, 500],
  storage_unavailable: [INTERNAL, 503],
  idle: [TIMEOUT, 408],
  slow_consumer: [TIMEOUT, 408],
  taken_over: [TAKEN_OVER, 409],
  going_away: [RESTART, 503],
  internal: [INTERNAL, 500],
});

/** @typedef {keyof typeof DERIVED} ErrorCode What a server can report. */

/**
 * What only a browser can report: no server was reached, the connection broke, the page may not load
 * the audio worklet, there is no usable sound output.
 * @typedef {'connection_failed' | 'connection_lost' | 'worklet_unavailable' | 'audio_unavailable'} LocalCode
 */

export const ERROR_CODES = /* @__PURE__ */ Object.freeze(
  /** @type {ErrorCode[]} */ (/* @__PURE__ */ Object.keys(DERIVED)),
);

/** @param {ErrorCode} code */
export function closeCodeOf(code) {
  return DERIVED[code][0];
}

/** @param {ErrorCode} code */
export function httpStatusOf(code) {
  return DERIVED[code][1];
}

/**
 * Close codes that say by themselves what happened, for a close without an `error` before it.
 * @type {Record<number, ErrorCode>}
 */
const OF_CLOSE = {
  [GOING_AWAY]: 'going_away',
  [TOO_BIG]: 'message_limit',
  [INTERNAL]: 'internal',
  [RESTART]: 'going_away',
  [PROTOCOL]: 'bad_message',
  [UNAUTHORIZED]: 'unauthorized',
  [FORBIDDEN]: 'forbidden',
  [NOT_FOUND]: 'not_found',
  // Who is told that he is idle gets an error first.
  [TIMEOUT]: 'slow_consumer',
  [TAKEN_OVER]: 'taken_over',
  [RATE_LIMITED]: 'rate_limited',
  [OVERLOADED]: 'overloaded',
};

/** Something that went wrong, with the protocol's code for it. */
export class LipwireError extends Error {
  /**
   * @param {ErrorCode | LocalCode} code
   * @param {string} message what is wrong and, where it can be said, what to do
   * @param {{retryAfterMs?: number, heard?: Heard, cause?: unknown}} [details]
   */
  constructor(code, message, { retryAfterMs, heard, cause } = {}) {
    super(message, cause ? { cause } : undefined);
    this.name = 'LipwireError';
    /** @readonly */
    this.code = code;
    /** @readonly */
    this.retryAfterMs = retryAfterMs;
    /**
     * Of an utterance that failed: what was heard of it all the same.
     * @readonly
     */
    this.heard = heard;
  }

  /**
   * Whatever was thrown, as an error with a code.
   * @param {unknown} cause
   * @param {ErrorCode} code of what has none
   */
  static of(cause, code) {
    return cause instanceof LipwireError ? cause : new LipwireError(code, String(cause), { cause });
  }

  /**
   * The error that a closed socket stands for.
   * @param {number} closeCode
   * @param {string} reason
   */
  static fromClose(closeCode, reason) {
    const code = OF_CLOSE[closeCode] ?? 'connection_lost';
    return new LipwireError(code, reason || `the connection was closed (${closeCode})`);
  }
}

/**
 * @param {string} why
 * @param {{cause?: unknown}} [details]
 */
export function lost(why, details) {
  return new LipwireError('connection_lost', why, details);
}
