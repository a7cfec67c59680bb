/**
 * Stops something when a signal says so, as long as it is not over.
 * @param {AbortSignal | undefined} signal
 * @param {() => void} stop
 * @param {Promise<unknown>} over
 */
export function heed(signal, stop, over) {
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  const forget = () => signal?.removeEventListener('abort', stop);
  over.then(forget, forget);
}
