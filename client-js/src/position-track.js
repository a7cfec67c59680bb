/** @typedef {{frame: number, position: number, playing: boolean}} Span */

/**
 * Which sample sits at which frame of the audio context: the two run side by side while there is
 * something to play and part company at every pause.
 */

const KEPT = 256;

export class PositionTrack {
  #samplesPerFrame;
  /** @type {Span[]} */
  #spans = [{ frame: 0, position: 0, playing: false }];

  /** @param {number} [samplesPerFrame] of a context at another rate than the samples */
  constructor(samplesPerFrame = 1) {
    this.#samplesPerFrame = samplesPerFrame;
  }

  /**
   * From `frame` on.
   * @param {number} frame
   * @param {number} position
   * @param {boolean} playing
   */
  mark(frame, position, playing) {
    const last = this.#spans[this.#spans.length - 1];
    const expected = this.#positionIn(last, frame);
    if (last.playing === playing && Math.abs(expected - position) < 1) return;
    this.#spans.push({ frame, position, playing });
    if (this.#spans.length > KEPT) this.#spans.shift();
  }

  /** @param {number} frame */
  positionAt(frame) {
    return this.#positionIn(
      this.#spanAt((span) => span.frame <= frame),
      frame,
    );
  }

  /**
   * Inverse of `positionAt` for a position that was reached.
   * @param {number} position
   */
  frameAt(position) {
    const span = this.#spanAt((candidate) => candidate.playing && candidate.position <= position);
    return span.frame + (position - span.position) / this.#samplesPerFrame;
  }

  /**
   * @param {Span} span
   * @param {number} frame
   */
  #positionIn({ frame: begin, position, playing }, frame) {
    return playing ? position + Math.max(0, frame - begin) * this.#samplesPerFrame : position;
  }

  /** @param {(span: Span) => boolean} fits */
  #spanAt(fits) {
    return this.#spans.findLast(fits) ?? this.#spans[0];
  }
}
