/**
 * Plays samples from a ring buffer and says where it is: on the audio thread, where nothing may be
 * allocated and nothing may wait.
 *
 * Positions count every sample that was ever put in. A position is never left out silently: what is
 * thrown away by a flush is jumped over, what does not fit is counted.
 */

const FADE_SECONDS = 0.005;
const REPORT_SECONDS = 0.1;
const START_SECONDS = 0.06;
const START_LIMIT_SECONDS = 0.6;
const CLEAN_SECONDS = 60;

/**
 * A power of two long, so that a position becomes an index with one `&`.
 * @param {number} capacity
 */
function ringOf(capacity) {
  return new Float32Array(2 ** Math.ceil(Math.log2(capacity)));
}

class LipwirePlayer extends AudioWorkletProcessor {
  #ring;
  #mask;
  #read = 0;
  #written = 0;
  /** Up to here nothing is missing: to run dry at this position is no underrun. */
  #complete = 0;
  /** What was there when a flush was asked for ends here; -1 without one. */
  #flush = -1;
  #playing = false;
  #fadeLength = Math.round(FADE_SECONDS * sampleRate);
  #fadeIn = 0;
  #fadeOut = 0;
  #startAt = Math.round(START_SECONDS * sampleRate);
  #lastUnderrun = 0;
  #nextReport = 0;
  /** One object for every report: postMessage copies it. */
  #report = {
    type: 'clock',
    frame: 0,
    position: 0,
    playing: false,
    buffered: 0,
    rendered: 0,
    underruns: 0,
    overflow: 0,
  };

  /** @param {{processorOptions: {capacity: number}}} options */
  constructor({ processorOptions }) {
    super();
    this.#ring = ringOf(processorOptions.capacity);
    this.#mask = this.#ring.length - 1;
    this.port.onmessage = ({ data }) => this.#receive(data);
  }

  /**
   * @param {{type: 'write', samples: Float32Array} | {type: 'complete'} | {type: 'flush'}
   *   | {type: 'grow', capacity: number}} message
   */
  #receive(message) {
    if (message.type === 'write') this.#write(message.samples);
    else if (message.type === 'complete') this.#complete = this.#written;
    else if (message.type === 'flush') this.#stop();
    else if (message.type === 'grow') this.#grow(message.capacity);
  }

  /** @param {number} capacity */
  #grow(capacity) {
    const ring = ringOf(Math.max(capacity, this.#ring.length));
    const mask = ring.length - 1;
    for (let position = this.#read; position < this.#written; position++) {
      ring[position & mask] = this.#ring[position & this.#mask];
    }
    this.#ring = ring;
    this.#mask = mask;
  }

  /** @param {Float32Array} samples */
  #write(samples) {
    const room = this.#ring.length - (this.#written - this.#read);
    const count = Math.min(room, samples.length);
    const index = this.#written & this.#mask;
    const first = Math.min(count, this.#ring.length - index);
    this.#ring.set(samples.subarray(0, first), index);
    this.#ring.set(samples.subarray(first, count), 0);
    this.#written += count;
    if (count < samples.length) {
      this.#report.overflow += samples.length - count;
      this.#post('overflow', currentFrame);
    }
  }

  /** Everything that is here now is to be dropped, after a fade. */
  #stop() {
    this.#flush = this.#written;
    if (!this.#playing) this.#drop(currentFrame);
  }

  /** @param {number} frame */
  #drop(frame) {
    this.#playing = false;
    this.#fadeOut = 0;
    this.#post('flushed', frame);
    this.#read = this.#flush;
    this.#complete = Math.max(this.#complete, this.#flush);
    this.#flush = -1;
    this.#post('clock', frame);
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const output = outputs[0][0];
    if (!this.#playing && this.#mayStart()) {
      this.#playing = true;
      this.#fadeIn = this.#fadeLength;
      this.#post('start', currentFrame);
    }
    if (this.#playing) this.#render(output);
    if (currentFrame >= this.#nextReport) {
      this.#post('clock', currentFrame + output.length);
      this.#nextReport = currentFrame + REPORT_SECONDS * sampleRate;
    }
    return true;
  }

  #mayStart() {
    const available = this.#written - this.#read;
    return available > 0 && (available >= this.#startAt || this.#complete === this.#written);
  }

  /** @param {Float32Array} output */
  #render(output) {
    const available = this.#written - this.#read;
    const ending = this.#complete === this.#written;
    if (this.#fadeOut === 0) {
      if (this.#flush >= 0) {
        this.#fadeOut = Math.min(this.#flush - this.#read, this.#fadeLength);
        if (this.#fadeOut === 0) return this.#drop(currentFrame);
      } else if (!ending && available < output.length + this.#fadeLength) {
        // The last few samples were kept back for a fade, so that running dry makes no click.
        this.#fadeOut = Math.min(available, this.#fadeLength);
      }
    }
    if (this.#fadeOut > 0) this.#renderFade(output);
    else if (ending && available <= output.length) {
      this.#copy(output, available);
      this.#rest('idle', currentFrame + available);
    } else {
      this.#copy(output, output.length);
      if (currentFrame - this.#lastUnderrun > CLEAN_SECONDS * sampleRate) {
        this.#startAt = Math.round(START_SECONDS * sampleRate);
      }
    }
  }

  /** @param {Float32Array} output */
  #renderFade(output) {
    const count = Math.min(this.#fadeOut, output.length);
    this.#copy(output, count);
    for (let i = 0; i < count; i++) {
      this.#fadeOut -= 1;
      output[i] *= this.#fadeOut / this.#fadeLength;
    }
    if (this.#fadeOut > 0) return;
    if (this.#flush >= 0) this.#drop(currentFrame + count);
    else this.#underrun(currentFrame + count);
  }

  /** @param {number} frame */
  #underrun(frame) {
    this.#report.underruns += 1;
    this.#startAt = Math.min(this.#startAt * 1.5, START_LIMIT_SECONDS * sampleRate);
    this.#lastUnderrun = currentFrame;
    this.#rest('underrun', frame);
  }

  /**
   * @param {'idle' | 'underrun'} type
   * @param {number} frame
   */
  #rest(type, frame) {
    this.#playing = false;
    this.#post(type, frame);
  }

  /**
   * @param {Float32Array} output
   * @param {number} count
   */
  #copy(output, count) {
    for (let i = 0; i < count; i++) {
      const sample = this.#ring[(this.#read + i) & this.#mask];
      if (this.#fadeIn > 0) {
        output[i] = sample * (1 - this.#fadeIn / this.#fadeLength);
        this.#fadeIn -= 1;
      } else {
        output[i] = sample;
      }
    }
    this.#read += count;
    this.#report.rendered += count;
  }

  /**
   * @param {string} type
   * @param {number} frame the context's frame at which `position` is
   */
  #post(type, frame) {
    const report = this.#report;
    report.type = type;
    report.frame = frame;
    report.position = this.#read;
    report.playing = this.#playing;
    report.buffered = this.#written - this.#read;
    this.port.postMessage(report);
  }
}

registerProcessor('lipwire-player', LipwirePlayer);
