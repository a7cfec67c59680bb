/** @import { LipwireClient } from '/client/lipwire.js' */
/** @import { Frame } from './app.js' */

const KEPT = 50;

/**
 * How far the face that was drawn is from the sound that is heard at the moment it is painted. Negative:
 * the face is late. Of a served face, each frame is a mouth for the middle of its time, and stands for all
 * of it; so the middle of many is what counts.
 */
export class Skew {
  #client;
  #frameMs;
  #channel = new MessageChannel();
  /** @type {{utterance: number, sample: number} | undefined} */
  #drawn;
  /** @type {number[]} */
  #measured = [];

  /**
   * @param {LipwireClient} client
   * @param {number} fps of served frames
   */
  constructor(client, fps) {
    this.#client = client;
    this.#frameMs = 1000 / fps;
    // It is told once the frame that is being drawn is on its way to the screen.
    this.#channel.port1.onmessage = () => this.#measure();
  }

  /**
   * To be called in each animation frame, after the face was drawn.
   * @param {Frame | undefined} frame that is on the canvas; undefined when the face is drawn by this page
   */
  drawn(frame) {
    const current = this.#client.position();
    if (!current || current.sample === 0) return;
    const { utterance, sample } = current;
    if (frame && frame.reel !== utterance.reel) return;
    const rate = this.#client.stats()?.sampleRate ?? 1;
    const shown = frame ? frame.start + (this.#frameMs / 2000) * rate : sample;
    this.#drawn = { utterance: utterance.number, sample: shown };
    this.#channel.port2.postMessage(undefined);
  }

  /** In milliseconds: the middle of what was measured, and how far nine tenths of it are from zero. */
  get figures() {
    if (this.#measured.length < 5) return undefined;
    const sorted = this.#measured.toSorted((a, b) => a - b);
    const distances = sorted.map(Math.abs).sort((a, b) => a - b);
    const middle = sorted[sorted.length >> 1];
    return { middle, within: distances[Math.floor(distances.length * 0.9)] };
  }

  reset() {
    this.#measured = [];
  }

  #measure() {
    const current = this.#client.position();
    if (!current || current.utterance.number !== this.#drawn?.utterance) return;
    const rate = this.#client.stats()?.sampleRate ?? 1;
    this.#measured.push(((this.#drawn.sample - current.sample) / rate) * 1000);
    if (this.#measured.length > KEPT) this.#measured.shift();
  }
}
