export { LipwireClient } from './client.js';
export { HeardClock } from './clock.js';
export { Face } from './face.js';
export { Mouth, relax } from './mouth.js';
export * from './protocol.js';
export { SpokenUtterance } from './spoken-utterance.js';
