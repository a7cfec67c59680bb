import { LipwireError } from './errors.js';

/**
 * @typedef {object} OutputOptions
 * @property {number} sampleRate of what is to be played
 * @property {number} bufferMs how much of it there may be at once
 * @property {number} [leadMs] how far the server runs ahead
 * @property {boolean} [steady] whether it can be relied on to run ahead
 * @property {string} [workletUrl]
 * @property {AudioContext} [audioContext] the page's
 * @property {AudioNode | null} [destination]
 */
/**
 * What the browser says about its own playing, where it does.
 * @typedef {{underrunEvents: number, underrunDuration: number, averageLatency: number}} PlaybackStats
 */

/** Sound that is gathered before it starts, when the server sends ahead and when it does not. */
const STEADY_START_SECONDS = 0.06;
const START_SECONDS = 0.16;
/** A volume that jumps would be heard as a click. */
const RAMP_SECONDS = 0.01;

/** @type {WeakMap<BaseAudioContext, Promise<void>>} */
const prepared = new WeakMap();

/** Where sound leaves the page: a context, the worklet that plays, and a volume. */
export class Output {
  context;
  node;
  /** The last node: what comes out of it is heard. */
  gain;
  #own;
  /** @type {AnalyserNode | undefined} */
  #analyser;

  /** @param {OutputOptions} options */
  static async open(options) {
    const { sampleRate, audioContext, destination, workletUrl } = options;
    const given = audioContext ?? /** @type {AudioContext | undefined} */ (destination?.context);
    const context = given ?? newContext(sampleRate);
    try {
      await prepare(context, workletUrl);
      return new Output(context, options, given === undefined);
    } catch (error) {
      if (!given) await context.close();
      throw error;
    }
  }

  /**
   * @param {AudioContext} context
   * @param {OutputOptions} options
   * @param {boolean} own whether nobody else plays there
   */
  constructor(
    context,
    { sampleRate, bufferMs, leadMs = bufferMs, steady = true, destination },
    own,
  ) {
    this.context = context;
    this.#own = own;
    this.node = new AudioWorkletNode(context, 'lipwire-player', {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: {
        rate: sampleRate,
        capacity: Math.ceil((bufferMs / 1000) * sampleRate),
        start: steady ? STEADY_START_SECONDS : START_SECONDS,
        lead: leadMs / 1000,
      },
    });
    this.gain = context.createGain();
    this.node.connect(this.gain);
    if (destination !== null) this.gain.connect(destination ?? context.destination);
  }

  /** For pictures of the sound: it is there whatever the volume is. */
  get analyser() {
    if (!this.#analyser) {
      this.#analyser = this.context.createAnalyser();
      this.node.connect(this.#analyser);
    }
    return this.#analyser;
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.gain.gain.setTargetAtTime(volume, this.context.currentTime, RAMP_SECONDS);
  }

  /** @param {string} deviceId */
  async setSink(deviceId) {
    if (!this.#own) throw unavailable('the audioContext is the page’s: call its setSinkId');
    // Not every browser has it, and not every list of types.
    const context = /** @type {{setSinkId?: (deviceId: string) => Promise<void>}} */ (
      /** @type {unknown} */ (this.context)
    );
    if (!context.setSinkId) throw unavailable('this browser lets no page choose the device');
    try {
      await context.setSinkId(deviceId);
    } catch (cause) {
      throw unavailable(`there is no device to play on that is named ${deviceId}`, cause);
    }
  }

  /** @returns {PlaybackStats | undefined} */
  get playbackStats() {
    return /** @type {{playbackStats?: PlaybackStats}} */ (/** @type {unknown} */ (this.context))
      .playbackStats;
  }

  async close() {
    this.node.port.onmessage = null;
    this.node.disconnect();
    this.gain.disconnect();
    this.#analyser?.disconnect();
    if (this.#own) await this.context.close();
  }
}

/**
 * @param {string} message
 * @param {unknown} [cause]
 */
function unavailable(message, cause) {
  return new LipwireError('audio_unavailable', message, { cause });
}

/** @param {number} sampleRate */
function newContext(sampleRate) {
  try {
    // At the stream's own rate: the browser's resampler is better than ours.
    return new AudioContext({ sampleRate, latencyHint: 'interactive' });
  } catch (cause) {
    throw unavailable(`this browser plays no sound at ${sampleRate} Hz`, cause);
  }
}

/**
 * A context takes a worklet once, however many play there.
 * @param {AudioContext} context
 * @param {string} [workletUrl]
 */
async function prepare(context, workletUrl) {
  if (context.state === 'closed') throw unavailable('the audioContext is closed');
  if (!context.audioWorklet) {
    throw unavailable('this page has no AudioWorklet: open it over https or on localhost');
  }
  const adding = prepared.get(context) ?? addWorklet(context, workletUrl);
  prepared.set(context, adding);
  try {
    await adding;
  } catch (error) {
    prepared.delete(context);
    throw error;
  }
}

/**
 * @param {AudioContext} context
 * @param {string} [workletUrl]
 */
async function addWorklet(context, workletUrl) {
  // The file is next to this one, unless a bundler has left it behind.
  if (!workletUrl && (await mayAdd(context, besideThis()))) return;
  let url = workletUrl;
  try {
    url ??= await inlined();
    await context.audioWorklet.addModule(url);
  } catch (cause) {
    const hint = workletUrl
      ? `no audio worklet at workletUrl ${workletUrl}`
      : 'there is no player.worklet.js next to the client, and the page may not load the audio ' +
        'worklet from a blob (Content-Security-Policy): serve that file and pass its address as ' +
        'workletUrl';
    throw new LipwireError('worklet_unavailable', hint, { cause });
  } finally {
    if (url && !workletUrl) URL.revokeObjectURL(url);
  }
}

/** The address of a copy that bundlers do not leave behind. */
async function inlined() {
  const { default: source } = await import('./player.worklet.inline.js');
  return URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
}

/** Where the worklet's file is when nothing was bundled; undefined when that cannot be told. */
function besideThis() {
  try {
    return new URL('./player.worklet.js', import.meta.url).href;
  } catch {
    return undefined;
  }
}

/**
 * @param {AudioContext} context
 * @param {string | undefined} url
 */
async function mayAdd(context, url) {
  if (!url) return false;
  try {
    await context.audioWorklet.addModule(url);
    return true;
  } catch {
    return false;
  }
}
