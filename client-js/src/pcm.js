/**
 * The samples of little-endian 16-bit PCM. The bytes are copied first: they come as a view at any
 * offset, and an Int16Array wants an even one.
 * @param {Uint8Array} bytes
 */
export function fromS16(bytes) {
  const numbers = new Int16Array(bytes.slice().buffer);
  const samples = new Float32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) samples[i] = numbers[i] / 32_768;
  return samples;
}
