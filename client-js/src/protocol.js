/** The wire protocol by itself: no socket, no sound, no clock. */
export { decode, encode, SUBPROTOCOL } from './codec.js';
export { CloseCode, closeCodeOf, ERROR_CODES, httpStatusOf, LipwireError } from './errors.js';
export { HOP, hopsToSamples, msToSamples, rescale, samplesToMs } from './timeline.js';
export { advance, TRANSITIONS } from './utterance.js';
export { Oculus, SETS, WEIGHT_SETS } from './visemes.js';
