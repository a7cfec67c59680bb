/**
 * The samples of little-endian 16-bit PCM, unless they are there already. The bytes are copied first:
 * they come as a view at any offset, and an Int16Array wants an even one.
 * @param {Uint8Array | Float32Array<ArrayBuffer>} audio
 */
export function samplesOf(audio) {
  if (audio instanceof Float32Array) return audio;
  const numbers = new Int16Array(audio.slice().buffer);
  const samples = new Float32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) samples[i] = numbers[i] / 32_768;
  return samples;
}
