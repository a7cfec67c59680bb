import { ask } from './key.js';

/** What is spoken is stored behind the speech's back, a moment later. */
const PATIENCE = 60;
const AGAIN_MS = 500;
/** It is too busy. */
const UNAVAILABLE = 503;

/** @typedef {'wav' | 'webvtt' | 'json'} Keepsake */

/**
 * A file of what was said, as the server has kept it.
 * @param {string} session
 * @param {number} number of the utterance in its session
 * @param {Keepsake} kind
 * @returns {Promise<{name: string, content: Blob}>}
 */
export async function keepsakeOf(session, number, kind) {
  const id = await storedId(session, number);
  if (kind !== 'wav') {
    const answer = await asked(`/v1/utterances/${id}/timing?format=${kind}`);
    const suffix = kind === 'json' ? 'json' : 'vtt';
    return { name: `lipwire-${number}.${suffix}`, content: await answer.blob() };
  }
  const audios = await (await asked(`/v1/utterances/${id}/audios`)).json();
  const [audio] = audios.items;
  if (!audio) throw new Error('This server keeps no sound.');
  const answer = await asked(audio.url);
  return { name: `lipwire-${number}.wav`, content: await answer.blob() };
}

/**
 * @param {string} session
 * @param {number} number
 * @returns {Promise<string>}
 */
async function storedId(session, number) {
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    const answer = await ask(`/v1/sessions/${session}/utterances?limit=200`);
    if (answer.ok) {
      const { items } = await answer.json();
      const stored = items.find((/** @type {any} */ item) => item.number === number);
      if (stored?.ended_at) return stored.id;
    }
    await soon();
  }
  throw new Error('The server has not stored it.');
}

function soon() {
  return new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
}

/** @param {string} url */
async function asked(url) {
  let answer = await ask(url);
  for (let again = 0; again < PATIENCE && answer.status === UNAVAILABLE; again++) {
    await soon();
    answer = await ask(url);
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail ?? `The server answers ${answer.status}.`);
}

/** @param {{name: string, content: Blob}} file */
export function save({ name, content }) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
