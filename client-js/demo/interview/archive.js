/** @import { FaceTurn } from './interview.js' */
import { ask as fetchWithKey } from '../key.js';

/**
 * What the database has of interviews, read over REST.
 *
 * @typedef {object} Session
 * @property {string} id
 * @property {string} opened_at
 * @property {Record<string, unknown> | null} meta
 */
/**
 * @typedef {object} Utterance
 * @property {string} id
 * @property {number} number
 * @property {number} count
 * @property {string} text
 * @property {string | null} text_spoken
 * @property {string} reason
 */
/**
 * @template Item
 * @typedef {{items: Item[], next: string | null}} Page
 */
/** @typedef {{id: string, openedAt: Date, sessions: Session[]}} Stored an interview: mostly of one session */

/** What was answered to the utterance with the number that follows. */
const ANSWER = 'answer ';
/** What is written a moment later, and a database that is busy. */
const PASSING = ['not_found', 'storage_unavailable'];
/** So long is waited before each try. */
const TRIES_MS = [0, 1000, 10_000];

/** An answer that is an error: `code` is one of the protocol's. */
export class RestError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Interviews of one page of the list of sessions, the newest first.
 * @param {string | null | undefined} after where the page before ended
 * @returns {Promise<{interviews: Stored[], next: string | null}>}
 */
export async function interviews(after) {
  const query = after ? `&after=${encodeURIComponent(after)}` : '';
  /** @type {Page<Session>} */
  const { items, next } = await ask(`/v1/sessions?limit=200${query}`);
  /** @type {Map<string, Stored>} */
  const found = new Map();
  for (const session of items) {
    const id = session.meta?.interview;
    if (typeof id !== 'string') continue;
    const openedAt = new Date(session.opened_at);
    const stored = found.get(id) ?? { id, openedAt, sessions: [] };
    stored.openedAt = openedAt;
    stored.sessions.unshift(session);
    found.set(id, stored);
  }
  return { interviews: [...found.values()], next };
}

/**
 * What the face said in a session, and what was heard of it.
 * @param {string} session
 * @returns {Promise<(FaceTurn & {utterance: string})[]>}
 */
export async function spokenIn(session) {
  /** @type {Utterance[]} */
  const utterances = [];
  /** @type {string | null} */
  let next = '';
  while (next !== null) {
    const after = next && `?after=${encodeURIComponent(next)}`;
    /** @type {Page<Utterance>} */
    const page = await ask(`/v1/sessions/${session}/utterances${after}`);
    utterances.push(...page.items);
    next = page.next;
  }
  return utterances.map(({ id, number, text, text_spoken, reason }) => ({
    who: 'face',
    text,
    heard: reason === 'done' ? text : (text_spoken ?? ''),
    cut: reason !== 'done',
    session,
    number,
    utterance: id,
  }));
}

/**
 * What was answered to an utterance, if anything was.
 * @param {Session} session
 * @param {number} number
 */
export function answerTo({ meta }, number) {
  const answer = meta?.[`${ANSWER}${number}`];
  return typeof answer === 'string' ? answer : undefined;
}

/**
 * Keeps an answer with the session, which takes it along when it is forgotten.
 * @param {string} session
 * @param {number} number of the utterance that was answered
 * @param {string} text
 */
export async function keepAnswer(session, number, text) {
  const body = JSON.stringify({ meta: { [`${ANSWER}${number}`]: text } });
  const headers = { 'Content-Type': 'application/json' };
  await patiently(() => ask(`/v1/sessions/${session}`, { method: 'PATCH', headers, body }));
}

/**
 * Where the sound of an utterance is, if it is kept.
 * @param {string} utterance
 */
export async function soundOf(utterance) {
  /** @type {Page<{url: string}> | undefined} */
  const kept = await patiently(() => ask(`/v1/utterances/${utterance}/audios`));
  return kept?.items[0]?.url;
}

/** @param {string[]} sessions to be forgotten, with all that was said in them */
export async function forget(sessions) {
  for (const session of sessions) await ask(`/v1/sessions/${session}`, { method: 'DELETE' });
}

/**
 * @param {() => Promise<any>} asked
 * @returns {Promise<any>} nothing where that was not enough
 */
async function patiently(asked) {
  for (const wait of TRIES_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      return await asked();
    } catch (error) {
      if (!(error instanceof RestError && PASSING.includes(error.code))) throw error;
    }
  }
}

/**
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<any>}
 */
async function ask(url, init) {
  const answer = await fetchWithKey(url, init).catch((cause) => {
    throw new RestError('connection_failed', String(cause));
  });
  const body = answer.status === 204 ? undefined : await answer.json();
  if (!answer.ok) throw new RestError(body?.code ?? 'internal', body?.detail ?? answer.statusText);
  return body;
}
