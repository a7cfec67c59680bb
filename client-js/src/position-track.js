/**
 * Which sample sits at which frame of the audio context: the two run side by side while there is
 * something to play and part company at every pause.
 */

const KEPT = 256;

export class PositionTrack {
  /** @type {{frame: number, position: number, playing: boolean}[]} */
  #spans = [{ frame: 0, position: 0, playing: false }];

  /**
   * From `frame` on.
   * @param {number} frame
   * @param {number} position
   * @param {boolean} playing
   */
  mark(frame, position, playing) {
    const last = this.#spans[this.#spans.length - 1];
    if (last.playing === playing && positionIn(last, frame) === position) return;
    this.#spans.push({ frame, position, playing });
    if (this.#spans.length > KEPT) this.#spans.shift();
  }

  /** @param {number} frame */
  positionAt(frame) {
    return positionIn(
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
    return span.frame + position - span.position;
  }

  /** @param {(span: {frame: number, position: number, playing: boolean}) => boolean} fits */
  #spanAt(fits) {
    for (let i = this.#spans.length - 1; i > 0; i--) {
      if (fits(this.#spans[i])) return this.#spans[i];
    }
    return this.#spans[0];
  }
}

/**
 * @param {{frame: number, position: number, playing: boolean}} span
 * @param {number} frame
 */
function positionIn(span, frame) {
  return span.playing ? span.position + Math.max(0, frame - span.frame) : span.position;
}
