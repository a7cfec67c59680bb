/** @import { LipwireError } from './app.js' */

/** @type {Record<string, string>} */
const ADVICE = {
  connection_failed: 'No server answers. Is it running? Press Talk to try again.',
  connection_lost: 'The connection broke. Press Talk to reconnect.',
  going_away: 'The server is restarting. Press Talk in a moment.',
  idle: 'The server closed the idle connection. Press Talk to reconnect.',
  taken_over: 'Another page took this session over. Press Talk for a new one.',
  overloaded: 'The server is busy.',
  rate_limited: 'That was too fast.',
  text_limit: 'That is too much text at once: make it shorter.',
  empty_text: 'There is nothing in this text that can be said.',
  synthesis_failed: 'A sentence could not be spoken and was left out.',
  unauthorized: 'This server wants a key. Open this page again with #key=... behind its address.',
  forbidden: 'This server does not serve this page.',
};

/**
 * What went wrong and what to do about it, for people.
 * @param {LipwireError} error
 */
export function adviceOn({ code, message, retryAfterMs }) {
  const advice = ADVICE[code] ?? message;
  return retryAfterMs ? `${advice} Try again in ${Math.ceil(retryAfterMs / 1000)} s.` : advice;
}
