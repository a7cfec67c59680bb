/** A server that speaks two utterances, from wherever it is asked to. */
import assert from 'node:assert/strict';
import { connected, settle } from './stand-ins.js';

const ledger = { received: 0, queued: 0, phonemized: 0, encoded: 0 };
/** Two utterances: the samples of each segment. */
const SPEECH = [
  [200, 150],
  [100, 60],
];
export const TEXTS = ['Hi you', 'So it'];

/** @param {number} utterance @param {number} start @param {number} count */
function audio(utterance, start, count) {
  const samples = Int16Array.from({ length: count }, (_, i) => utterance * 1000 + start + i);
  return new Uint8Array(samples.buffer);
}

/**
 * What a server says from a position on: what it is in the middle of goes on there.
 * @param {any} position
 * @param {number} chunk samples of a chunk
 */
export function* speechFrom(position, chunk) {
  for (const [index, counts] of SPEECH.entries()) {
    const utterance = index + 1;
    if (utterance < position.utterance) continue;
    const resumed = utterance === position.utterance && position.span[1] > 0;
    if (!resumed) yield { type: 'utterance_started', utterance, at: 0 };
    let start = 0;
    for (const [segment, count] of counts.entries()) {
      const of = { utterance, segment };
      const span = [segment * 3, segment * 3 + 3];
      const text = TEXTS[index].slice(...span);
      if (!resumed || segment > position.segment) {
        const words = [[text.trim(), span[0], span[0] + 2, start, count, 1]];
        yield { type: 'segment', ...of, start, count, text, span, words, visemes: {}, ledger };
      }
      if (resumed && segment === position.segment) {
        assert.deepEqual([position.start, position.span], [start, span]);
      }
      if (!resumed || segment >= position.segment) {
        const begin = resumed && segment === position.segment ? position.sample : start;
        for (let at = begin; at < start + count; at += chunk) {
          const size = Math.min(chunk, start + count - at);
          yield { type: 'chunk', ...of, start: at, count: size, audio: audio(utterance, at, size) };
        }
        yield { type: 'segment_ended', ...of, count };
      }
      start += count;
    }
    yield { type: 'utterance_ended', utterance, count: start, reason: 'done' };
  }
}

export const WHOLE = [...speechFrom({ utterance: 0, span: [0, 0] }, 70)];

/**
 * The samples that a player is given from now on.
 * @param {import('./stand-ins.js').FakePlayer} player
 */
export function recorded(player) {
  /** @type {number[]} */
  const heard = [];
  const write = player.write.bind(player);
  player.write = (samples) => {
    heard.push(...Array.from(samples, (sample) => sample * 32_768));
    return write(samples);
  };
  return heard;
}

/**
 * A client that says both utterances, and everything that is to be known of it.
 * @param {import('../src/hello.js').ClientOptions} [options]
 */
export async function listening(options) {
  const made = await connected(options);
  const { client } = made;
  const heard = recorded(made.player);
  /** @type {string[]} */
  const words = [];
  /** @type {string[]} */
  const states = [];
  client.on('state', (state) => states.push(state));
  const utterances = TEXTS.map((text) => client.speak(text));
  for (const utterance of utterances) utterance.on('word', ({ text }) => words.push(text));
  await settle();
  return { ...made, heard, words, states, utterances };
}

/** All that is heard of it. */
export const undisturbed = await (async () => {
  const { socket, player, heard } = await listening();
  for (const message of WHOLE) socket.receive(message);
  player.play(player.written);
  return heard;
})();
