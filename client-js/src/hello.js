/** @import { Bookmark } from './bookmark.js' */
/** @import { AudioFormat, Configure, Frames, Hello, TextOptions, Watch } from './messages.js' */
/** @import { Player } from './player.js' */

/**
 * @typedef {object} ClientOptions
 * @property {string} [token]
 * @property {string} [voice]
 * @property {string} [speaker]
 * @property {string} [language]
 * @property {number} [ratePercent] speed of speech, 50 to 200
 * @property {number} [volumePercent] loudness, 0 to 200
 * @property {number} [noisePercent] how much chance is in the voice, 0 to 200
 * @property {Record<string, string>} [lexicon] `[[phonemes]]` or other words, by the word they are for
 * @property {Frames} [frames] pictures of the face, drawn by the server: `{mode: 'sprites', size: 512}`
 * @property {string} [avatar] whose face it is
 * @property {number} [seed]
 * @property {number} [sampleRate] the voice's own rate when left out
 * @property {'pcm' | 'opus'} [codec] how the sound comes: `opus` is a tenth of the bytes, at 48,000 Hz,
 *   and comes as PCM where the browser has no `AudioDecoder`
 * @property {AudioContext} [audioContext] the page's own, at any rate: it plays there, and never closes it
 * @property {AudioNode | null} [destination] where the sound goes instead of the loudspeaker; `null`
 *   leaves `client.audioNode` for the page to connect
 * @property {boolean} [autoUnlock] lets sound out at the first click, tap or key press on the page, unless
 *   it is `false`; in an `audioContext` of the page only `client.unlock()` does
 * @property {boolean} [silentWhenBlocked] while there can be no sound the face and the words go on
 *   without it, unless it is `false`: then all waits for the click
 * @property {number} [avOffsetMs] how much later than the browser says the sound is heard: 0
 * @property {number} [leadMs] how much sound may wait here; less means less is thrown away at an interrupt
 * @property {TextOptions} [text] how text becomes segments
 * @property {boolean} [persist]
 * @property {Record<string, string | number | boolean | null>} [meta]
 * @property {{session: string, secret: string, from?: 'live' | 'start'}} [watch] looks on while somebody
 *   else speaks in that session: `secret` is his `session.session.watch_secret`
 * @property {Bookmark | null} [resume] takes the session of an earlier page up: what `bookmark()` answered
 *   there, or null. Without it there are no bookmarks
 * @property {string} [workletUrl] address of `player.worklet.js`, for pages whose
 *   Content-Security-Policy allows no blobs
 */
/**
 * What `configure` can change.
 * @typedef {Pick<ClientOptions, 'voice' | 'speaker' | 'ratePercent' | 'volumePercent'
 *   | 'noisePercent' | 'lexicon' | 'frames' | 'avatar'>} Changes
 */
/**
 * How the face is held; angles are in 1/1000 rad, as the listener sees it.
 * @typedef {object} FaceState
 * @property {string} emotion `neutral`, `happy`, `sad`, `surprised`, `thoughtful` or `angry`
 * @property {[right: number, up: number]} gaze
 * @property {[yaw: number, pitch: number, roll: number]} head to the right, up, to the right
 */

/**
 * Stand-ins for what a test has not got.
 * @typedef {object} Surroundings
 * @property {typeof WebSocket} [Socket]
 * @property {typeof Player.create} [createPlayer]
 * @property {() => number} [now] milliseconds
 * @property {() => number} [random] 0 to 1
 */

const LEAD_MS = 3000;
/** What decoders of browsers give, whatever was encoded. */
const OPUS_RATE = 48_000;

/**
 * What a connection begins with.
 * @param {ClientOptions} options
 * @param {AudioFormat['codec']} codec
 * @param {Hello['session']} [session] to be taken up again: all but who it is is settled then
 * @returns {Hello | Watch}
 */
export function greetingOf(options, codec, session) {
  const { token, watch } = options;
  const sampleRate = codec === 'opus' ? OPUS_RATE : options.sampleRate;
  const listening = {
    token,
    audio: { codec, sample_rate: sampleRate },
    timing: { words: true, phonemes: true, visemes: ['oculus'] },
    flow: {
      // Any number may watch what goes at its own pace.
      mode: watch ? /** @type {const} */ ('paced') : /** @type {const} */ ('played'),
      lead_ms: options.leadMs ?? LEAD_MS,
    },
  };
  if (watch) {
    const { session: id, secret, from } = watch;
    const { frames } = options;
    // Who was there goes on with what is said now.
    const begin = session ? 'live' : from;
    return { type: 'watch', session: id, watch_secret: secret, from: begin, ...listening, frames };
  }
  if (session) return { type: 'hello', token, session };
  return {
    type: 'hello',
    ...listening,
    ...manner(options),
    language: options.language,
    seed: options.seed,
    text: options.text,
    persist: options.persist,
    meta: options.meta,
  };
}

/**
 * @param {Changes} changes
 * @returns {Configure}
 */
export function configureOf(changes) {
  return { type: 'configure', ...manner(changes) };
}

/** @param {Changes} options */
function manner(options) {
  return {
    voice: options.voice,
    speaker: options.speaker,
    rate_percent: options.ratePercent,
    volume_percent: options.volumePercent,
    noise_percent: options.noisePercent,
    lexicon: options.lexicon,
    frames: options.frames,
    avatar: options.avatar,
  };
}

/**
 * The address of a server's stream as a WebSocket wants it.
 * @param {string | URL} [url]
 */
export function streamUrl(url = '/v1/stream') {
  const stream = new URL(url, globalThis.location?.href);
  stream.protocol = stream.protocol.replace(/^http/, 'ws');
  return stream;
}
