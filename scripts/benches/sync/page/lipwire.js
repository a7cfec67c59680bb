/** Lipwire's own client: its mouth, asked for in every animation frame as its faces do. */
import { LipwireClient } from '/client/lipwire.js';
import { afterglow, blocking, drawing } from './drawing.js';

globalThis.take = async ({ url, text, leadMs, blockMs, options }) => {
  const client = new LipwireClient(url, { leadMs, persist: false, ...options });
  await client.connect();
  await client.unlock();
  const release = blocking(blockMs);
  const stop = drawing((weights) => client.face.mouth(weights));
  const utterance = client.speak(text);
  await utterance.finished;
  await afterglow();
  release();
  const taken = { ...stop(), ...globalThis.listening.heard() };
  const { underruns, sampleRate } = client.stats();
  const curve = rehearsed(utterance, sampleRate);
  await client.close();
  return { ...taken, curve, underruns };
};

/** The mouth at every millisecond of the speech, as it is drawn with a clock that is never wrong. */
function rehearsed(utterance, rate) {
  const weights = [];
  const pose = new Float32Array(15);
  for (let ms = 0; (ms * rate) / 1000 < utterance.arrived; ms++) {
    weights.push(...utterance.pose((ms * rate) / 1000, pose));
  }
  return globalThis.listening.packed(weights);
}
