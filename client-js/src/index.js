export { LipwireClient } from './client.js';
export { Emitter } from './emitter.js';
export { LipwireError } from './errors.js';
export { Face } from './face.js';
export { Mouth, relax } from './mouth.js';
export { SpokenUtterance } from './spoken-utterance.js';
export { Oculus } from './visemes.js';
