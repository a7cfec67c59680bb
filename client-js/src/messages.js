/**
 * Every message of the protocol, as types. Positions and durations are whole samples at the session's
 * audio rate unless their name ends in `_ms`; text offsets are code points of the utterance's text.
 * What is not sent has its default.
 */

/** @import { ErrorCode } from './errors.js' */

/**
 * @typedef {object} AudioFormat
 * @property {'pcm_s16le' | 'pcm_f32le' | 'mulaw' | 'alaw' | 'opus'} [codec]
 * @property {number | null} [sample_rate] the voice's own rate when it is left out
 * @property {number | null} [chunk_ms]
 */
/**
 * @typedef {object} Timing
 * @property {boolean} [words]
 * @property {boolean} [phonemes]
 * @property {string[]} [visemes] names of sets
 */
/**
 * @typedef {object} Weights
 * @property {'oculus' | 'arkit' | 'vrm' | 'live2d'} set
 * @property {number} fps
 */
/**
 * @typedef {object} Frames
 * @property {'none' | 'sprites' | 'full'} [mode]
 * @property {number} [size]
 * @property {number} [fps]
 * @property {string | null} [mime]
 */
/**
 * @typedef {object} Flow
 * @property {'played' | 'paced' | 'off'} mode
 * @property {number} lead_ms
 */
/**
 * @typedef {object} TextOptions
 * @property {'sentence' | 'clause' | 'none'} [split]
 * @property {number} [idle_flush_ms]
 * @property {'strip' | 'keep'} [markdown]
 * @property {'strip' | 'keep'} [emoji]
 * @property {'strip' | 'keep'} [code] blocks of code; needs `markdown` to be `strip`
 * @property {'keep' | 'host' | 'strip'} [urls]
 * @property {boolean} [ssml] the text is SSML instead
 */
/**
 * @typedef {object} Limits
 * @property {number} message_bytes
 * @property {number} message_text
 * @property {number} waiting_text
 * @property {number} utterance_text
 * @property {number} segment_text
 * @property {number} waiting_utterances
 * @property {number} hello_ms
 * @property {number} idle_ms
 * @property {number} stall_ms
 * @property {number} resume_ms
 * @property {number} lead_ms
 */

/**
 * @typedef {object} Position
 * @property {number} utterance
 * @property {number} segment
 * @property {[number, number]} span
 * @property {number} start first sample of that segment
 * @property {number} sample first sample that is wanted
 */
/**
 * @typedef {object} Hello
 * @property {'hello'} type
 * @property {string} [token]
 * @property {{id: string, secret: string, position?: Position}} [session]
 * @property {string} [voice]
 * @property {string} [speaker]
 * @property {string} [language]
 * @property {number} [rate_percent]
 * @property {number} [volume_percent]
 * @property {number} [noise_percent]
 * @property {Record<string, string>} [lexicon] `[[phonemes]]` or other words, by the word they are for
 * @property {number} [seed]
 * @property {AudioFormat} [audio]
 * @property {Timing} [timing]
 * @property {Weights} [weights]
 * @property {Frames} [frames]
 * @property {string} [avatar]
 * @property {Flow} [flow]
 * @property {TextOptions} [text]
 * @property {boolean} [persist]
 * @property {Record<string, string | number | boolean | null>} [meta]
 */
/** @typedef {{type: 'speak', utterance: number, text?: string, end?: boolean, number?: number}} Speak */
/** @typedef {{type: 'flush', utterance: number}} Flush */
/** @typedef {{type: 'interrupt', utterance?: number, heard?: number}} Interrupt */
/**
 * @typedef {object} Played
 * @property {'played'} type
 * @property {number} utterance
 * @property {number} sample
 * @property {number} [buffered_ms]
 * @property {number} [underruns]
 * @property {number} [first_ms] from `speak` to the first sound, as the client saw it
 * @property {number} [frame_credit]
 */
/**
 * @typedef {object} Configure
 * @property {'configure'} type
 * @property {string} [voice]
 * @property {string} [speaker]
 * @property {number} [rate_percent]
 * @property {number} [volume_percent]
 * @property {number} [noise_percent]
 * @property {Record<string, string>} [lexicon]
 * @property {string} [avatar]
 * @property {Frames} [frames]
 * @property {Timing} [timing]
 * @property {Weights} [weights]
 */
/** @typedef {{type: 'pause', utterance?: number}} Pause */
/** @typedef {{type: 'continue', utterance?: number}} Continue */
/**
 * @typedef {object} Pose
 * @property {'pose'} type
 * @property {string} [emotion]
 * @property {[number, number]} [gaze]
 * @property {[number, number, number]} [head]
 */
/** @typedef {{type: 'replay', utterance: number, of: number, from?: number}} Replay `of` under a new number */
/**
 * @typedef {object} Watch
 * @property {'watch'} type
 * @property {string} session
 * @property {string} watch_secret
 * @property {'live' | 'start'} [from]
 * @property {string} [token]
 * @property {AudioFormat} [audio]
 * @property {Timing} [timing]
 * @property {Weights} [weights]
 * @property {Frames} [frames]
 * @property {Flow} [flow]
 */
/** @typedef {{type: 'ping', stamp?: number}} Ping */
/** @typedef {{type: 'bye'}} Bye */
/**
 * @typedef {Hello | Speak | Flush | Interrupt | Played | Configure | Pause | Continue | Pose | Replay
 *   | Watch | Ping | Bye} ClientMessage
 */

/**
 * @typedef {object} SessionGrant
 * @property {string} id
 * @property {string} secret
 * @property {string | null} [watch_secret]
 * @property {boolean} resumed
 * @property {number[]} received
 */
/**
 * @typedef {object} VoiceGrant
 * @property {string} name
 * @property {string} language
 * @property {number} sample_rate
 * @property {number} speakers
 * @property {string | null} [speaker] which of them speaks
 */
/**
 * @typedef {object} AudioGrant
 * @property {'pcm_s16le' | 'pcm_f32le' | 'mulaw' | 'alaw' | 'opus'} codec
 * @property {number} sample_rate
 * @property {number | null} [chunk_ms]
 * @property {number} [delay] samples to throw away at the start of each segment
 */
/**
 * @typedef {object} Ready
 * @property {'ready'} type
 * @property {number} [seq]
 * @property {SessionGrant} session
 * @property {VoiceGrant} voice
 * @property {AudioGrant} audio
 * @property {Timing} timing
 * @property {Record<string, string[]>} sets
 * @property {Weights | null} [weights]
 * @property {Frames} frames
 * @property {string} avatar whose face it is
 * @property {Flow} flow
 * @property {TextOptions} text
 * @property {number} rate_percent
 * @property {number} volume_percent
 * @property {number} noise_percent
 * @property {number} seed
 * @property {Limits} limits
 * @property {string[]} features
 * @property {boolean} [watching] it answers `watch`; then the session has no secret
 */
/**
 * @typedef {object} Configured
 * @property {'configured'} type
 * @property {number} [seq]
 * @property {[utterance: number, segment: number]} from the first that these hold for
 * @property {VoiceGrant} voice
 * @property {number} rate_percent
 * @property {number} volume_percent
 * @property {number} noise_percent
 * @property {Timing} timing
 * @property {Record<string, string[]>} sets
 * @property {Weights | null} [weights]
 * @property {Frames} frames
 * @property {string} avatar
 */
/**
 * `from` is the sample that lies `at` on the session's clock: another one than 0 only of a replay.
 * @typedef {{type: 'utterance_started', seq?: number, utterance: number, at: number,
 *   from?: number}} UtteranceStarted
 */
/**
 * `spoken` is how many words are heard of it: several of "1984", none of "the" in "of the" as one word.
 * @typedef {[text: string, begin: number, end: number, start: number, count: number, spoken: number]} WordTiming
 */
/** @typedef {[symbol: string, start: number, count: number, word: number]} PhonemeTiming */
/** @typedef {[viseme: number, start: number, count: number, weight: number]} VisemeTiming */
/**
 * @typedef {object} Ledger
 * @property {number} received
 * @property {number} queued
 * @property {number} phonemized
 * @property {number} encoded
 * @property {number | null} [first_chunk]
 * @property {number | null} [last_chunk]
 */
/**
 * @typedef {object} Segment
 * @property {'segment'} type
 * @property {number} [seq]
 * @property {number} utterance
 * @property {number} segment
 * @property {number} start
 * @property {number} count
 * @property {string} text
 * @property {[number, number]} span
 * @property {WordTiming[]} [words]
 * @property {PhonemeTiming[]} [phonemes]
 * @property {Record<string, VisemeTiming[]>} visemes
 * @property {[name: string, at: number][]} [marks]
 * @property {Ledger} ledger
 */
/**
 * A picture that frames are composed of. Its number is never used for another one.
 * @typedef {object} Sprite
 * @property {number} id
 * @property {string} key of its content
 * @property {string} mime
 * @property {number} width
 * @property {number} height
 * @property {number} x where its centre is while the face is at rest, in 1/16 px
 * @property {number} y
 * @property {Uint8Array} data
 */
/** @typedef {{type: 'sprites', seq?: number, sprites: Sprite[]}} Sprites */
/**
 * `draws` are four numbers for each sprite, from back to front: its id, how far its centre is to the
 * right and down of where it rests (1/16 px), how far it is turned clockwise about it (1/1000 rad).
 * @typedef {[start: number, draws: number[]]} Frame
 */
/** @typedef {[start: number, key: boolean, data: Uint8Array]} Picture a frame of its own */
/**
 * @typedef {object} Chunk
 * @property {'chunk'} type
 * @property {number} [seq]
 * @property {number} utterance
 * @property {number} segment
 * @property {number} start
 * @property {number} count
 * @property {Uint8Array | Uint8Array[] | Float32Array<ArrayBuffer>} audio once it was decoded, samples
 * @property {Frame[]} [frames]
 * @property {Picture[]} [pictures]
 * @property {Uint8Array} [weights]
 */
/**
 * A loop of frames for when nobody speaks, until there is another one.
 * @typedef {object} Idle
 * @property {'idle'} type
 * @property {number} [seq]
 * @property {number} count samples until it begins again
 * @property {Frame[]} [frames]
 * @property {Picture[]} [pictures]
 */
/**
 * @typedef {object} SegmentEnded
 * @property {'segment_ended'} type
 * @property {number} [seq]
 * @property {number} utterance
 * @property {number} segment
 * @property {number} count
 * @property {Ledger} ledger
 * @property {{sent: number, dropped: number}} frames
 * @property {boolean} cached
 */
/** @typedef {{type: 'accepted', seq?: number, number: number}} Accepted */
/** @typedef {{type: 'flushed', seq?: number, utterance: number, sample: number}} Flushed */
/**
 * @typedef {object} Interrupted
 * @property {'interrupted'} type
 * @property {number} [seq]
 * @property {number} utterance
 * @property {number} heard
 * @property {number} sent
 * @property {string} text_spoken
 * @property {string} text_remaining
 * @property {number} character
 * @property {boolean} [estimated]
 */
/** @typedef {'done' | 'interrupted' | 'error' | 'limit' | 'idle'} EndReason */
/**
 * @typedef {object} UtteranceEnded
 * @property {'utterance_ended'} type
 * @property {number} [seq]
 * @property {number} utterance
 * @property {number} count
 * @property {EndReason} reason
 */
/**
 * @typedef {object} Posed
 * @property {'posed'} type
 * @property {number} [seq]
 * @property {string} emotion
 * @property {[number, number]} gaze to the right and up, 1/1000 rad
 * @property {[number, number, number]} head yaw, pitch, roll, 1/1000 rad
 */
/** @typedef {{type: 'pong', seq?: number, stamp: number, now_ms: number}} Pong */
/**
 * @typedef {object} Warning
 * @property {'warning'} type
 * @property {number} [seq]
 * @property {ErrorCode} code
 * @property {string} message
 * @property {number | null} [utterance]
 */
/**
 * @typedef {object} ErrorMessage
 * @property {'error'} type
 * @property {number} [seq]
 * @property {ErrorCode} code
 * @property {string} message
 * @property {number | null} [utterance]
 * @property {boolean} [fatal]
 * @property {number | null} [retry_after_ms]
 */
/** @typedef {{type: 'goaway', seq?: number, in_ms: number}} GoAway */
/**
 * @typedef {Ready | Configured | UtteranceStarted | Segment | Sprites | Chunk | Idle | SegmentEnded | Accepted
 *   | Flushed | Interrupted | UtteranceEnded | Posed | Pong | Warning | ErrorMessage | GoAway} ServerMessage
 */

export {};
