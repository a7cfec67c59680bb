/** Another device to play on, for pages that let people choose one; loaded when one does. */
import { LipwireError } from './errors.js';

/**
 * @param {AudioContext} context
 * @param {boolean} own whether nobody else plays there
 * @param {string} deviceId
 */
export async function choose(context, own, deviceId) {
  if (!own) throw unavailable('the audioContext is the page’s: call its setSinkId');
  // Not every browser has it, and not every list of types.
  const sink = /** @type {{setSinkId?: (deviceId: string) => Promise<void>}} */ (
    /** @type {unknown} */ (context)
  );
  if (!sink.setSinkId) throw unavailable('this browser lets no page choose the device');
  try {
    await sink.setSinkId(deviceId);
  } catch (cause) {
    throw unavailable(`there is no device to play on that is named ${deviceId}`, cause);
  }
}

/**
 * @param {string} message
 * @param {unknown} [cause]
 */
function unavailable(message, cause) {
  return new LipwireError('audio_unavailable', message, { cause });
}
