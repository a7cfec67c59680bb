/** @import { Played } from './messages.js' */
/** @import { Player, WorkletReport } from './player.js' */
/** @import { SpokenUtterance } from './spoken-utterance.js' */

/** @typedef {{utterance: SpokenUtterance, base: number, underruns: number, reported: number}} Entry */

/**
 * Lays utterances one after another on the player's row of samples: says which of them is heard, and
 * reports it to the server, which sends more as it is.
 */
export class Playout {
  #player;
  #report;
  /** @type {Entry[]} */
  #entries = [];

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
    // Writing gives the samples away: afterwards there is nothing left to look at, nor to count.
    utterance.emit('audio', { start: utterance.arrived, samples });
    utterance.arrived += samples.length;
    const base = this.#player.write(samples);
    if (this.#entryOf(utterance)) return;
    const { underruns } = this.#player.last;
    this.#entries.push({ utterance, base, underruns, reported: 0 });
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

  /**
   * Whether something of it may still be heard, and nothing of another after it.
   * @param {SpokenUtterance} utterance
   */
  endsWith(utterance) {
    return this.#entries.at(-1)?.utterance === utterance;
  }

  /** The utterance that is heard now, and its sample. */
  get current() {
    const { heard } = this.#player;
    const entry = this.#entries.findLast(({ base }) => base <= heard) ?? this.#entries[0];
    if (!entry || entry.utterance.halted || entry.utterance.settled) return undefined;
    return { utterance: entry.utterance, sample: this.#sampleIn(entry, heard) };
  }

  /** Tells the utterances how far they were heard. */
  advance() {
    const { heard } = this.#player;
    for (const entry of this.#entries) {
      if (entry.utterance.halted || heard <= entry.base) continue;
      const sample = this.#sampleIn(entry, heard);
      entry.utterance.hear(sample, this.#player.heardAt(entry.base));
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
   * Stops the sound at once; everything that waits is thrown away.
   * @returns {Promise<Map<SpokenUtterance, number>>} where each utterance ended
   */
  async stop() {
    const stopped = this.#entries;
    this.#entries = [];
    const end = await this.#player.flush();
    const silentAt = this.#player.heardAt(end);
    for (const { utterance } of stopped) utterance.silentAt = silentAt;
    return new Map(stopped.map((entry) => [entry.utterance, this.#sampleIn(entry, end)]));
  }

  /**
   * @param {Entry} entry
   * @param {number} position
   */
  #sampleIn({ utterance, base }, position) {
    return Math.min(Math.max(0, position - base), utterance.arrived);
  }

  /** @param {SpokenUtterance} utterance */
  #entryOf(utterance) {
    return this.#entries.find((entry) => entry.utterance === utterance);
  }
}
