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
    const { choose } = await import('./sink.js');
    await choose(this.context, this.#own, deviceId);
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
  const adding = prepared.get(context) ?? addWorklet(context.audioWorklet, workletUrl);
  prepared.set(context, adding);
  try {
    await adding;
  } catch (error) {
    prepared.delete(context);
    throw error;
  }
}

/**
 * @param {AudioWorklet} worklet
 * @param {string} [workletUrl]
 */
async function addWorklet(worklet, workletUrl) {
  try {
    await worklet.addModule(workletUrl ?? new URL('./player.worklet.js', import.meta.url).href);
  } catch (cause) {
    // The file is next to this one, unless a bundler has left it behind.
    if (workletUrl) throw unplayable(`no audio worklet at ${workletUrl}`, cause);
    await addCopy(worklet);
  }
}

/** @param {AudioWorklet} worklet */
async function addCopy(worklet) {
  try {
    const { addInlined } = await import('./inlined.js');
    await addInlined(worklet);
  } catch (cause) {
    throw unplayable(
      'no player.worklet.js next to the client, and no blob may be one: serve it as workletUrl',
      cause,
    );
  }
}

/**
 * @param {string} message
 * @param {unknown} cause
 */
function unplayable(message, cause) {
  return new LipwireError('worklet_unavailable', message, { cause });
}
