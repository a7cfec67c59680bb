import { Emitter } from './emitter.js';

/** @import { Loudspeaker } from './loudspeaker.js' */

/**
 * What a page can do about the sound of a client.
 * @template {object} Events
 * @extends {Emitter<Events>}
 */
export class Sound extends Emitter {
  #loudspeaker;

  /** @param {Loudspeaker} loudspeaker */
  constructor(loudspeaker) {
    super();
    this.#loudspeaker = loudspeaker;
  }

  /** The last node that the sound goes through, for recorders and graphs of the page's own. */
  get audioNode() {
    return this.#loudspeaker.player?.output?.gain;
  }

  /** Sees the sound, whatever the volume is; undefined before there is a connection. */
  get analyser() {
    return this.#loudspeaker.player?.output?.analyser;
  }

  /** 0 to 1; also of what is spoken on later connections. */
  get volume() {
    return this.#loudspeaker.volume;
  }

  set volume(volume) {
    this.#loudspeaker.volume = volume;
  }

  /** Whether it speaks without being heard. */
  get muted() {
    return this.#loudspeaker.muted;
  }

  set muted(muted) {
    this.#loudspeaker.muted = muted;
  }

  /** How much later than the browser says the sound is heard: some loudspeakers do not tell. */
  get avOffsetMs() {
    return this.#loudspeaker.avOffsetMs;
  }

  set avOffsetMs(ms) {
    this.#loudspeaker.avOffsetMs = ms;
  }

  /** Between `pause` and `resume`; what has something to say then is still `speaking`. */
  get paused() {
    return this.#loudspeaker.held;
  }

  /**
   * Holds the sound at once, and what is said from now on, until `resume`; `interrupt` still stops it
   * for good.
   */
  async pause() {
    this.#loudspeaker.held = true;
  }

  /** Goes on where `pause` stopped it. */
  async resume() {
    this.#loudspeaker.held = false;
  }

  /**
   * Plays on another device, one of `navigator.mediaDevices.enumerateDevices()`.
   * @param {string} deviceId
   */
  async setSink(deviceId) {
    await this.#loudspeaker.setSink(deviceId);
  }

  /** How the sound does; undefined before there is a connection. */
  stats() {
    return this.#loudspeaker.player?.stats();
  }
}
