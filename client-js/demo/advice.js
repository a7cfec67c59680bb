import { forgetKey, keyOf } from './key.js';

/** @import { LipwireError } from './app.js' */

/** @type {Record<string, string>} */
const WRONG = {
  connection_failed: 'No server answers. Is it running?',
  connection_lost: 'The connection broke.',
  going_away: 'The server is restarting.',
  idle: 'The server closed the idle connection.',
  taken_over: 'Another page took this session over.',
};

/** @type {Record<string, string>} */
const ADVICE = {
  overloaded: 'The server is busy.',
  rate_limited: 'That was too fast.',
  text_limit: 'That is too much text at once: make it shorter.',
  empty_text: 'There is nothing in this text that can be said.',
  synthesis_failed: 'A sentence could not be spoken and was left out.',
  forbidden: 'This server does not serve this page.',
};

/**
 * What went wrong and what to do about it, for people.
 * @param {LipwireError} error
 * @param {string} [again] what takes the connection up again
 */
export function adviceOn({ code, message, retryAfterMs }, again = 'Press Talk') {
  if (code === 'unauthorized') return keyAdvice();
  const wrong = WRONG[code];
  const advice = wrong ? `${wrong} ${again} to try again.` : (ADVICE[code] ?? message);
  return retryAfterMs ? `${advice} Try again in ${Math.ceil(retryAfterMs / 1000)} s.` : advice;
}

function keyAdvice() {
  // A second screen is opened from the first.
  const page = location.pathname.startsWith('/demo/') ? '/' : location.pathname;
  const had = keyOf() !== undefined;
  forgetKey();
  return had
    ? `This server does not know the key behind the address. Open ${page}#key=... with another one.`
    : `This server wants a key. Ask whoever runs it for one, and open ${page}#key=... with it.`;
}
