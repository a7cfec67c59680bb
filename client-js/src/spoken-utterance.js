import { Deferred } from './deferred.js';
import { Emitter } from './emitter.js';
import { LipwireError } from './errors.js';
import { splitHeard } from './heard.js';
import { Mouth } from './mouth.js';
import { samplesToMs } from './timeline.js';
import { advance } from './utterance.js';

/** @import { EndReason, Interrupted, Segment, WordTiming } from './messages.js' */
/** @import { Reel } from './reel.js' */
/** @import { UtteranceState } from './utterance.js' */

/**
 * A word at the moment it is heard.
 * @typedef {object} Word
 * @property {string} text
 * @property {number} begin offset of its first code point in the utterance's text
 * @property {number} end
 * @property {number} start its first sample
 * @property {number} count
 * @property {number} startMs
 */
/**
 * What the listener has heard of an utterance, and of the text of it that was sent.
 * @typedef {object} Heard
 * @property {number} utterance
 * @property {number} sample
 * @property {number} ms
 * @property {string} textSpoken
 * @property {string} textRemaining
 * @property {number} character offset of the first character that was not heard
 */
/**
 * @typedef {Heard & {reason: EndReason, count: number, firstSoundMs: number | undefined}} Finished
 */
/**
 * @typedef {object} UtteranceEvents
 * @property {undefined} started
 * @property {Segment} segment its timing is known; its sound comes later
 * @property {{start: number, samples: Float32Array}} audio sound that came and is not heard yet; the
 *   samples are only lent: copy what is to be kept
 * @property {{ms: number}} sound the first sample is heard, so long after `speak`
 * @property {Word} word
 * @property {Heard} interrupted the server's account; also of one that failed here
 * @property {LipwireError} error one segment failed; the rest is spoken
 * @property {Finished} finished
 */

/**
 * One thing that is said: from its text to the last sample that is heard.
 * @extends {Emitter<UtteranceEvents>}
 */
export class SpokenUtterance extends Emitter {
  /**
   * Settles when the last of it was heard, or when it was cut off (`reason`: `interrupted`). Rejected
   * with a `LipwireError` when it failed; its `heard` says what was heard of one whose connection was
   * lost for good.
   */
  finished;
  text = '';
  /** @type {Segment[]} */
  segments = [];
  /** @type {UtteranceState} */
  state = 'queued';
  /** The server was sent text of it, or its end. */
  known = false;
  /** And all that it will be sent. */
  complete = true;
  /** Samples that have arrived to be heard, and up to where they came at all. */
  arrived = 0;
  received = 0;
  /** It was told to stop: what still arrives of it is thrown away. */
  halted = false;
  /** @type {Heard | undefined} what was heard of one that was cut off */
  cut;
  /** Somebody else has said it, or it was said before: its text comes with its segments. */
  isRetold = false;
  /** @type {number | undefined} */
  firstSoundMs;
  /**
   * When the last of it left the loudspeaker after an interrupt, on the clock of `performance.now()`.
   * @type {number | undefined}
   */
  silentAt;
  /** @type {Reel | undefined} its frames that are yet to be seen */
  reel;
  #rate = 1;
  #spokenAt;
  /** @type {Mouth | undefined} */
  #mouth;
  #heard = 0;
  #nextWord = 0;
  #begin = 0;
  /** @type {WordTiming[]} */
  #words = [];
  /** @type {EndReason | undefined} */
  #reason;
  /** @type {LipwireError | undefined} */
  #error;
  /** @type {LipwireError | undefined} */
  #lost;
  #settled = false;
  /** @type {Deferred<Finished>} */
  #finishing = new Deferred();

  /**
   * @param {number} number
   * @param {number} spokenAt when `speak` was called, on the clock of `performance.now()`
   */
  constructor(number, spokenAt) {
    super();
    /** @readonly */
    this.number = number;
    this.#spokenAt = spokenAt;
    this.finished = this.#finishing.promise;
  }

  /** Samples that were heard. */
  get heard() {
    return this.#heard;
  }

  /** Nothing more of it will be heard. */
  get settled() {
    return this.#settled;
  }

  halt() {
    this.halted = true;
    this.reel?.clear();
  }

  /** @param {Float32Array} samples of it that came; who plays them is given them afterwards */
  arrive(samples) {
    this.emit('audio', { start: this.arrived, samples });
    this.arrived += samples.length;
  }

  /** @param {string} type of a message that came for it */
  advance(type) {
    this.state = advance(this.state, type);
  }

  /** @param {number} sampleRate */
  start(sampleRate) {
    // Begun on a connection that was lost, it begins again.
    if (this.#mouth) return;
    this.#rate = sampleRate;
    this.#mouth = new Mouth(sampleRate);
    this.emit('started', undefined);
  }

  /** @param {Segment} segment */
  addSegment(segment) {
    this.segments.push(segment);
    if (this.isRetold) this.text = patched(this.text, segment);
    this.#words.push(...(segment.words ?? []));
    this.#mouth?.add(segment);
    this.emit('segment', segment);
  }

  /**
   * What comes of it begins in the middle.
   * @param {number} sample
   */
  beginAt(sample) {
    this.arrived = this.received = this.#heard = this.#begin = sample;
  }

  /**
   * The last segment is over, after so many samples: of one that failed, fewer than were announced.
   * @param {number} count
   */
  endSegment(count) {
    const segment = this.segments[this.segments.length - 1];
    if (count >= segment.count) return;
    const end = segment.start + count;
    const begun = (/** @type {{1: number}} */ { 1: start }) => start < end;
    const { words, phonemes, visemes } = segment;
    this.segments[this.segments.length - 1] = {
      ...segment,
      count,
      words: words?.filter(([, , , start]) => start < end),
      phonemes: phonemes?.filter(begun),
      visemes: Object.fromEntries(
        Object.entries(visemes).map(([set, shapes]) => [set, shapes.filter(begun)]),
      ),
    };
    this.#words = this.#words.filter(([, , , start]) => start < end);
    this.#mouth?.cut(end);
  }

  /**
   * Weights of the 15 Oculus visemes at `sample`.
   * @param {number} sample
   * @param {Float32Array} [into]
   */
  pose(sample, into = new Float32Array(15)) {
    return this.#mouth?.pose(sample, into) ?? into;
  }

  /**
   * The word that is being said at `sample`, and between words the last one.
   * @param {number} sample
   * @returns {Word | undefined}
   */
  wordAt(sample) {
    const timing = this.#words.findLast(([, , , start]) => start <= sample);
    return timing && this.#word(timing);
  }

  /**
   * @param {number} sample
   * @returns {Heard}
   */
  heardAt(sample) {
    const { spoken, remaining, character } = splitHeard(this.text, this.#words, sample);
    return this.#account(sample, spoken, remaining, character);
  }

  /**
   * The listener is at `sample`.
   * @param {number} sample
   * @param {number} soundAt when the first sample was heard
   */
  hear(sample, soundAt) {
    if (this.firstSoundMs === undefined && sample > this.#begin) {
      this.firstSoundMs = Math.max(0, Math.round(soundAt - this.#spokenAt));
      this.emit('sound', { ms: this.firstSoundMs });
    }
    this.#heard = Math.max(this.#heard, sample);
    this.reel?.forget(this.#heard);
    while (this.#nextWord < this.#words.length && this.#words[this.#nextWord][3] < this.#heard) {
      const word = this.#word(this.#words[this.#nextWord++]);
      if (word.start + word.count > this.#begin) this.emit('word', word);
    }
    this.#settle();
  }

  /** @param {number} sample where its sound stopped */
  stop(sample) {
    this.halt();
    this.#heard = Math.min(sample, this.arrived);
    this.cut = this.heardAt(this.#heard);
    this.#settle();
  }

  /** @param {Interrupted} message the server's account, which is the one that is stored */
  interrupted(message) {
    this.halt();
    this.#heard = message.heard;
    const { text_spoken, text_remaining, character } = message;
    this.cut = this.#account(message.heard, text_spoken, text_remaining, character);
    this.emit('interrupted', this.cut);
  }

  /** @param {EndReason} reason */
  end(reason) {
    this.#reason = reason;
    this.#settle();
  }

  /** @param {LipwireError} error */
  report(error) {
    this.#error = error;
    this.emit('error', error);
  }

  /** The server is gone, and what has arrived is all that will be heard. */
  get lost() {
    return this.#lost !== undefined;
  }

  /**
   * What has arrived is still heard, or is stopped; after that it has failed.
   * @param {LipwireError} error why nothing more will come
   */
  lose(error) {
    this.#lost = error;
    this.#settle();
  }

  /** @param {LipwireError} error nothing more will be heard */
  fail(error) {
    this.halt();
    this.#settled = true;
    this.#finishing.reject(error);
  }

  #settle() {
    if (this.#settled || (this.halted ? !this.cut : this.#heard < this.arrived)) return;
    if (this.#reason === undefined) {
      if (this.#lost && !this.halted) this.fail(this.#broken(this.#lost));
      return;
    }
    if (this.#reason === 'error') {
      this.fail(this.#error ?? new LipwireError('synthesis_failed', 'nothing could be spoken'));
      return;
    }
    this.#settled = true;
    this.reel?.clear();
    /** @type {Finished} */
    const finished = {
      ...(this.cut ?? this.#heardWhole()),
      reason: this.cut ? 'interrupted' : this.#reason,
      count: this.arrived,
      firstSoundMs: this.firstSoundMs,
    };
    this.emit('finished', finished);
    this.#finishing.resolve(finished);
  }

  /** @param {LipwireError} cause */
  #broken(cause) {
    const heard = this.heardAt(this.#heard);
    const { code, message, retryAfterMs } = cause;
    return new LipwireError(code, message, { retryAfterMs, heard, cause });
  }

  /**
   * Text beyond the last word has no sound of its own: it counts when the end was heard.
   * @returns {Heard}
   */
  #heardWhole() {
    const heard = this.heardAt(this.#heard);
    if (this.#reason !== 'done' || this.#error) return heard;
    return { ...heard, textSpoken: this.text, textRemaining: '', character: [...this.text].length };
  }

  /**
   * @param {number} sample
   * @param {string} textSpoken
   * @param {string} textRemaining
   * @param {number} character
   * @returns {Heard}
   */
  #account(sample, textSpoken, textRemaining, character) {
    const ms = samplesToMs(sample, this.#rate);
    return { utterance: this.number, sample, ms, textSpoken, textRemaining, character };
  }

  /**
   * @param {WordTiming} timing
   * @returns {Word}
   */
  #word([text, begin, end, start, count]) {
    return { text, begin, end, start, count, startMs: samplesToMs(start, this.#rate) };
  }
}

/**
 * `text` as far as it is known, with that of a segment where it belongs.
 * @param {string} text
 * @param {Segment} segment
 */
function patched(text, { text: spoken, span: [begin, end] }) {
  if (Array.from(text).length >= end) return text;
  const before = Array.from(text.padEnd(begin)).slice(0, begin);
  const said = Array.from(spoken).slice(0, end - begin);
  return [...before, ...said].join('').padEnd(end);
}
