/** @import { Played } from './messages.js' */
/** @import { Player, WorkletReport } from './player.js' */
/** @import { SpokenUtterance } from './spoken-utterance.js' */

/**
 * @typedef {object} Entry
 * @property {SpokenUtterance} utterance
 * @property {number} base the player's position of its sample 0, which need not be there
 * @property {number} from that of its first sample that is
 * @property {number} underruns
 * @property {number} reported
 * @property {{start: number, samples: Float32Array}[]} kept what is not heard yet
 */

/**
 * Lays utterances one after another on the player's row of samples: says which of them is heard, and
 * reports it to the server, which sends more as it is.
 */
export class Playout {
  #player;
  #report;
  /** @type {Entry[]} */
  #entries = [];
  /** @type {[SpokenUtterance, number, Float32Array<ArrayBuffer>][] | undefined} what comes in the middle of a stop */
  #held;

  /**
   * @param {Player} player
   * @param {(played: Played) => void} report
   */
  constructor(player, report) {
    this.#player = player;
    this.#report = report;
  }

  get sampleRate() {
    return this.#player.sampleRate;
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {Float32Array<ArrayBuffer>} samples
   */
  write(utterance, samples) {
    const start = utterance.arrived;
    utterance.arrive(samples);
    if (this.#held) this.#held.push([utterance, start, samples]);
    else this.#lay(utterance, start, samples);
  }

  /** Nothing is missing so far. */
  complete() {
    this.#player.complete();
  }

  /**
   * Utterances whose sound comes before that of `utterance`, and is not over.
   * @param {SpokenUtterance} utterance
   */
  before(utterance) {
    const index = this.#entries.findIndex((entry) => entry.utterance === utterance);
    const earlier = this.#entries.slice(0, Math.max(0, index)).map((entry) => entry.utterance);
    return earlier.filter(({ settled }) => !settled);
  }

  /** The utterance that is heard now, and its sample. */
  get current() {
    const { heard } = this.#player;
    const entry = this.#entries.findLast(({ from }) => from <= heard) ?? this.#entries[0];
    if (!entry || entry.utterance.halted || entry.utterance.settled) return undefined;
    return { utterance: entry.utterance, sample: this.#sampleIn(entry, heard) };
  }

  /** Tells the utterances how far they were heard. */
  advance() {
    const { heard } = this.#player;
    for (const entry of this.#entries) {
      if (entry.utterance.halted || heard <= entry.from) continue;
      const sample = this.#sampleIn(entry, heard);
      entry.utterance.hear(sample, this.#player.heardAt(entry.from));
      while (entry.kept.length > 0 && endOf(entry.kept[0]) <= sample) entry.kept.shift();
    }
  }

  /** @param {WorkletReport} worklet */
  report(worklet) {
    this.advance();
    for (const entry of this.#entries) {
      const { utterance } = entry;
      if (!utterance.known || utterance.halted || utterance.heard === entry.reported) continue;
      entry.reported = utterance.heard;
      this.#report({
        type: 'played',
        utterance: utterance.number,
        sample: utterance.heard,
        buffered_ms: Math.round((worklet.buffered * 1000) / this.#player.sampleRate),
        underruns: worklet.underruns - entry.underruns,
        first_ms: utterance.firstSoundMs,
      });
    }
    const { heard } = this.#player;
    this.#entries = this.#entries.filter(
      // One that failed may still have sound here, which is yet to be stopped.
      ({ utterance, base }) => !utterance.settled || heard < base + utterance.arrived,
    );
  }

  /**
   * Stops the sound at once; everything that waits is thrown away, or with `only` all of that one: the
   * others go on, each where it was.
   * @param {SpokenUtterance} [only]
   * @returns {Promise<Map<SpokenUtterance, number>>} where each utterance ended
   */
  async stop(only) {
    const stopped = this.#entries;
    if (only && !stopped.some(({ utterance }) => utterance === only)) return new Map();
    this.#entries = [];
    this.#held ??= only && [];
    const end = await this.#player.flush();
    const silentAt = this.#player.heardAt(end);
    const ends = new Map(stopped.map((entry) => [entry.utterance, this.#sampleIn(entry, end)]));
    for (const { utterance, kept } of stopped) {
      if (!only || utterance === only) utterance.silentAt = silentAt;
      else if (!utterance.halted) this.#again(utterance, ends.get(utterance) ?? 0, kept);
    }
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [utterance, start, samples] of held) {
      if (!utterance.halted) this.#lay(utterance, start, samples);
    }
    if (only) this.complete();
    return ends;
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {number} heard
   * @param {Entry['kept']} kept
   */
  #again(utterance, heard, kept) {
    for (const { start, samples } of kept) {
      const rest = samples.slice(Math.max(0, heard - start));
      if (rest.length > 0) this.#lay(utterance, start + samples.length - rest.length, rest);
    }
  }

  /**
   * Writing gives the samples away: afterwards there is nothing left to look at, nor to count.
   * @param {SpokenUtterance} utterance
   * @param {number} start
   * @param {Float32Array<ArrayBuffer>} samples
   */
  #lay(utterance, start, samples) {
    const copy = { start, samples: samples.slice() };
    const from = this.#player.write(samples);
    let entry = this.#entries.find((each) => each.utterance === utterance);
    if (!entry) {
      const { underruns } = this.#player.last;
      entry = { utterance, base: from - start, from, underruns, reported: start, kept: [] };
      this.#entries.push(entry);
    }
    entry.kept.push(copy);
  }

  /**
   * @param {Entry} entry
   * @param {number} position
   */
  #sampleIn({ utterance, base }, position) {
    return Math.min(Math.max(0, position - base), utterance.arrived);
  }
}

/** @param {{start: number, samples: Float32Array}} kept */
function endOf({ start, samples }) {
  return start + samples.length;
}
