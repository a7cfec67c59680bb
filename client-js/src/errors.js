/** Close codes of the WebSocket that Lipwire uses. */
export const CloseCode = Object.freeze({
  NORMAL: 1000,
  GOING_AWAY: 1001,
  TOO_BIG: 1009,
  INTERNAL: 1011,
  RESTART: 1012,
  PROTOCOL: 4400,
  UNAUTHORIZED: 4401,
  FORBIDDEN: 4403,
  NOT_FOUND: 4404,
  TIMEOUT: 4408,
  TAKEN_OVER: 4409,
  RATE_LIMITED: 4429,
  OVERLOADED: 4503,
});

/**
 * Every code of the protocol, with the close code of a fatal error and the status of a REST answer.
 * @satisfies {Record<string, [closeCode: number, httpStatus: number]>}
 */
const DERIVED = Object.freeze({
  bad_message: [CloseCode.PROTOCOL, 400],
  bad_state: [CloseCode.PROTOCOL, 409],
  unknown_type: [CloseCode.PROTOCOL, 400],
  unauthorized: [CloseCode.UNAUTHORIZED, 401],
  forbidden: [CloseCode.FORBIDDEN, 403],
  not_found: [CloseCode.NOT_FOUND, 404],
  method_not_allowed: [CloseCode.PROTOCOL, 405],
  conflict: [CloseCode.PROTOCOL, 409],
  precondition_failed: [CloseCode.PROTOCOL, 412],
  unsupported_media: [CloseCode.PROTOCOL, 415],
  unreadable: [CloseCode.PROTOCOL, 422],
  unsupported: [CloseCode.PROTOCOL, 422],
  empty_text: [CloseCode.PROTOCOL, 422],
  text_limit: [CloseCode.PROTOCOL, 413],
  message_limit: [CloseCode.TOO_BIG, 413],
  utterance_limit: [CloseCode.RATE_LIMITED, 429],
  utterance_closed: [CloseCode.PROTOCOL, 409],
  nothing_speaking: [CloseCode.PROTOCOL, 409],
  rate_limited: [CloseCode.RATE_LIMITED, 429],
  overloaded: [CloseCode.OVERLOADED, 503],
  synthesis_failed: [CloseCode.INTERNAL, 500],
  storage_unavailable: [CloseCode.INTERNAL, 503],
  idle: [CloseCode.TIMEOUT, 408],
  slow_consumer: [CloseCode.TIMEOUT, 408],
  taken_over: [CloseCode.TAKEN_OVER, 409],
  going_away: [CloseCode.RESTART, 503],
  internal: [CloseCode.INTERNAL, 500],
});

/** @typedef {keyof typeof DERIVED} ErrorCode What a server can report. */

/**
 * What only a browser can report: no server was reached, the connection broke, the page may not load
 * the audio worklet, there is no usable sound output.
 * @typedef {'connection_failed' | 'connection_lost' | 'worklet_unavailable' | 'audio_unavailable'} LocalCode
 */

export const ERROR_CODES = Object.freeze(/** @type {ErrorCode[]} */ (Object.keys(DERIVED)));

/** @param {ErrorCode} code */
export function closeCodeOf(code) {
  return DERIVED[code][0];
}

/** @param {ErrorCode} code */
export function httpStatusOf(code) {
  return DERIVED[code][1];
}

/** Close codes that say by themselves what happened, for a close without an `error` before it. */
const OF_CLOSE = new Map(
  /** @type {[number, ErrorCode][]} */ ([
    [CloseCode.GOING_AWAY, 'going_away'],
    [CloseCode.TOO_BIG, 'message_limit'],
    [CloseCode.INTERNAL, 'internal'],
    [CloseCode.RESTART, 'going_away'],
    [CloseCode.PROTOCOL, 'bad_message'],
    [CloseCode.UNAUTHORIZED, 'unauthorized'],
    [CloseCode.FORBIDDEN, 'forbidden'],
    [CloseCode.NOT_FOUND, 'not_found'],
    [CloseCode.TIMEOUT, 'idle'],
    [CloseCode.TAKEN_OVER, 'taken_over'],
    [CloseCode.RATE_LIMITED, 'rate_limited'],
    [CloseCode.OVERLOADED, 'overloaded'],
  ]),
);

/** Something that went wrong, with the protocol's code for it. */
export class LipwireError extends Error {
  /**
   * @param {ErrorCode | LocalCode} code
   * @param {string} message what is wrong and, where it can be said, what to do
   * @param {{retryAfterMs?: number, cause?: unknown}} [details]
   */
  constructor(code, message, { retryAfterMs, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LipwireError';
    /** @readonly */
    this.code = code;
    /** @readonly */
    this.retryAfterMs = retryAfterMs;
  }

  /**
   * The error that a closed socket stands for.
   * @param {number} closeCode
   * @param {string} reason
   */
  static fromClose(closeCode, reason) {
    const code = OF_CLOSE.get(closeCode) ?? 'connection_lost';
    return new LipwireError(code, reason || `the connection was closed (${closeCode})`);
  }
}
