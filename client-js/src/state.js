/** @import { Connection } from './connection.js' */
/** @import { Conversation } from './conversation.js' */

/**
 * `blocked`: there is something to play, and the browser waits for a click before it plays it.
 * `reconnecting`: the connection is lost, what had arrived is over, and the rest will come.
 * @typedef {'idle' | 'connecting' | 'ready' | 'speaking' | 'blocked' | 'reconnecting' | 'closed'} ClientState
 */

/**
 * What a client does, to whom it concerns: the page.
 * @param {Connection} connection
 * @param {Conversation} conversation
 * @param {boolean | undefined} blocked what is said cannot be heard
 * @param {boolean} dry and what is here is too little to be played
 * @returns {ClientState}
 */
export function stateOf({ state }, { speaking, audible }, blocked, dry) {
  const heard = audible && (blocked || !dry);
  if (state === 'connecting' && !heard) return 'connecting';
  // Whoever listens need not know of a connection that is back in time.
  if (state === 'retrying' && !heard) return 'reconnecting';
  if (speaking) return blocked ? 'blocked' : 'speaking';
  return state === 'open' ? 'ready' : 'idle';
}
