import { LipwireError } from './errors.js';

/** @typedef {'queued' | 'started' | 'speaking' | 'interrupted' | 'ended'} UtteranceState */

/**
 * The life of an utterance, as both sides see it. A message that is not listed for a state breaks an
 * ordering guarantee, except `error` and `warning`: they may come at any time and change nothing.
 * @type {Readonly<Record<UtteranceState, Readonly<Record<string, UtteranceState>>>>}
 */
export const TRANSITIONS = {
  queued: {
    utterance_started: 'started',
    interrupted: 'interrupted',
    flushed: 'queued',
  },
  started: {
    segment: 'speaking',
    flushed: 'started',
    interrupted: 'interrupted',
    utterance_ended: 'ended',
  },
  speaking: {
    chunk: 'speaking',
    segment_ended: 'started',
    flushed: 'speaking',
    interrupted: 'interrupted',
  },
  interrupted: {
    utterance_ended: 'ended',
  },
  ended: {
    // It was sent to its end, but the listener threw the last of it away unheard.
    interrupted: 'ended',
  },
};

/**
 * The state after a message of this type; throws `bad_state` for one that may not come now.
 * @param {UtteranceState} state
 * @param {string} type
 */
export function advance(state, type) {
  const next = Object.hasOwn(TRANSITIONS[state], type) ? TRANSITIONS[state][type] : undefined;
  if (next === undefined) {
    throw new LipwireError('bad_state', `${type} while the utterance is ${state}`);
  }
  return next;
}

/**
 * The server has said its last about it.
 * @param {UtteranceState} state
 */
export function isOver(state) {
  return state === 'ended' || state === 'interrupted';
}
