import { Emitter } from './emitter.js';
import { later } from './later.js';

/** @import { ClientOptions } from './hello.js' */
/** @import { Ready, ServerMessage, Warning } from './messages.js' */
/** @import { LipwireError } from './errors.js' */
/** @import { OpusReader } from './opus.js' */
/** @import { Player } from './player.js' */

/**
 * @typedef {object} LoudspeakerEvents
 * @property {Warning} warning
 * @property {LipwireError} error
 * @property {boolean} held
 */

/** The ring holds this much more than the lead: a chunk may overshoot it, and the ends need air. */
const SPARE_MS = 2000;
/** A server that runs ahead less far than this cannot make up for the network. */
const STEADY_LEAD_MS = 500;

/**
 * The player of this session and what holds for those of later ones, too: how loud it is, where it
 * plays, whether it is held, and how its sound comes.
 * @extends {Emitter<LoudspeakerEvents>}
 */
export class Loudspeaker extends Emitter {
  /** @type {Player | undefined} */
  player;
  #options;
  #create;
  #volume = 1;
  #muted = false;
  #held = false;
  #avOffsetMs;
  /** @type {string | undefined} */
  #sink;
  /** @type {OpusReader | undefined} */
  #opus;

  /**
   * @param {ClientOptions} options
   * @param {typeof Player.create} [create]
   */
  constructor(options, create) {
    super();
    this.#options = options;
    this.#create = create;
    this.#avOffsetMs = options.avOffsetMs ?? 0;
  }

  /** 0 to 1. */
  get volume() {
    return this.#volume;
  }

  set volume(volume) {
    this.#volume = Math.min(Math.max(0, Number(volume) || 0), 1);
    this.#adjust();
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    this.#adjust();
  }

  get avOffsetMs() {
    return this.#avOffsetMs;
  }

  set avOffsetMs(ms) {
    this.#avOffsetMs = Number(ms) || 0;
    if (this.player) this.player.avOffsetMs = this.#avOffsetMs;
  }

  /** Whether it stands still until it is told to go on. */
  get held() {
    return this.#held;
  }

  set held(held) {
    if (held === this.#held) return;
    this.#held = held;
    this.player?.hold(held);
    this.emit('held', held);
  }

  /** @param {string} deviceId */
  async setSink(deviceId) {
    await this.player?.output?.setSink(deviceId);
    this.#sink = deviceId;
  }

  /** What plays. */
  load() {
    return later(import('./player.js'));
  }

  /** How the sound is to come: what cannot be decoded here has to come as it is. */
  choose() {
    if (this.#options.codec !== 'opus') return 'pcm_s16le';
    if (globalThis.AudioDecoder) return 'opus';
    const message = 'there is no AudioDecoder: the sound comes as PCM';
    this.emit('warning', { type: 'warning', code: 'unsupported', message });
    return 'pcm_s16le';
  }

  /**
   * Passes a message on with its sound decoded: at once, or after those before it.
   * @param {ServerMessage} message
   * @param {(message: ServerMessage) => void} deliver
   */
  read(message, deliver) {
    if (this.#opus) this.#opus.read(message, deliver);
    else deliver(message);
  }

  /** What is on its way through a decoder comes again, or nobody waits for it. */
  forget() {
    this.#opus?.forget();
  }

  /**
   * Plays what the server grants: on the player that there is, if it can.
   * @param {Ready} ready
   * @returns {Promise<Player>}
   */
  async open({ audio, voice, flow }) {
    const sampleRate = audio.sample_rate ?? voice.sample_rate;
    this.#opus = audio.codec === 'opus' ? (this.#opus ?? (await this.#reader())) : undefined;
    const leadMs = flow.lead_ms;
    const before = this.player;
    if (before?.sampleRate === sampleRate) {
      // The server takes what has arrived for heard, and sends its lead once more.
      const waitingMs = ((before.written - before.heard) * 1000) / sampleRate;
      before.grow(waitingMs + leadMs + SPARE_MS);
      return before;
    }
    await this.close();
    const player = await (this.#create ?? (await this.load()).Player.create)({
      ...this.#options,
      sampleRate,
      leadMs,
      bufferMs: leadMs + SPARE_MS,
      steady: flow.mode === 'played' && leadMs >= STEADY_LEAD_MS,
    });
    this.player = player;
    this.#adjust();
    player.avOffsetMs = this.#avOffsetMs;
    if (this.#held) player.hold(true);
    if (player.failure) this.emit('error', player.failure);
    if (this.#sink !== undefined) {
      // Better on another device than not at all.
      await player.output?.setSink(this.#sink).catch((error) => this.emit('error', error));
    }
    return player;
  }

  async close() {
    const { player } = this;
    this.player = undefined;
    await player?.close();
  }

  async #reader() {
    const { OpusReader } = await later(import('./opus.js'));
    return OpusReader.create((error) => this.emit('error', error));
  }

  #adjust() {
    this.player?.output?.setVolume(this.#muted ? 0 : this.#volume);
  }
}
