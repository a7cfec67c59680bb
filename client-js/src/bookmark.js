/** Where the listener is, for a page that comes after this one; loaded for pages that `resume`. */

import { LipwireError } from './errors.js';

/** @import { LipwireClient } from './client.js' */
/** @import { Conversation } from './conversation.js' */
/** @import { FaceState } from './hello.js' */
/** @import { Position, Ready, Segment } from './messages.js' */
/** @import { SpokenUtterance } from './spoken-utterance.js' */
/** @import { Unaccepted } from './unaccepted.js' */

/** @typedef {Pick<SpokenUtterance, 'number' | 'text' | 'isRetold' | 'complete' | 'firstSoundMs'>} Begun */
/**
 * Plain data, which `JSON` takes as it is. Whoever has it has the session.
 * @typedef {object} Bookmark
 * @property {{id: string, secret: string, position: Position}} session
 * @property {FaceState} [pose]
 * @property {number} next number of what is said next
 * @property {Unaccepted['state']} unaccepted
 * @property {Begun[]} utterances what is not over
 * @property {Segment} [segment] of the first of them, in which the position is
 * @property {number} [character] up to which it was heard
 */

/** @type {Omit<Position, 'utterance'>} */
const START = { segment: 0, span: [0, 0], start: 0, sample: 0 };

/** Says where the listener is, and goes on where another page has left off. */
export class Bookmarks {
  #conversation;
  #client;
  /** @type {WeakMap<SpokenUtterance, number[]>} where the chunks begin that were not heard to their end */
  #chunks = new WeakMap();

  /**
   * Throws `bad_message` for what is no bookmark.
   * @param {Conversation} conversation
   * @param {LipwireClient} client
   * @param {Bookmark | null} [resume]
   */
  constructor(conversation, client, resume) {
    if (resume) check(resume);
    this.#conversation = conversation;
    this.#client = client;
    for (const utterance of conversation.utterances.values()) this.#follow(utterance);
    client.on('utterance', (utterance) => this.#follow(utterance));
  }

  /**
   * @param {Ready} ready
   * @returns {Bookmark}
   */
  of({ session: { id, secret }, audio }) {
    const { playout, utterances: all, nextNumber: next, unaccepted } = this.#conversation;
    playout?.advance();
    const begun = [...all.values()].filter((u) => u.known && !u.settled && !u.lost && !u.halted);
    const [first] = begun;
    const place = first?.heard > 0 ? this.#placeIn(first, audio.codec === 'opus') : undefined;
    const { position = { utterance: first?.number ?? next, ...START } } = place ?? {};
    return {
      session: { id, secret, position },
      pose: this.#client.face.pose,
      next,
      unaccepted: unaccepted.state,
      utterances: begun.map(({ number, text, isRetold, complete, firstSoundMs }) => {
        return { number, text, isRetold, complete, firstSoundMs };
      }),
      segment: place?.segment,
      character: place && first.heardAt(place.position.sample).character,
    };
  }

  /**
   * Goes on with what another page has begun. What that had not sent is lost with it: it ends there.
   * @param {Bookmark | null | undefined} bookmark
   */
  takeUp(bookmark) {
    if (!bookmark) return;
    const conversation = this.#conversation;
    const { session, unaccepted, utterances, segment, character } = bookmark;
    const { utterance: open, sample } = session.position;
    const news = [...conversation.utterances];
    conversation.utterances.clear();
    conversation.unaccepted.state = unaccepted;
    this.#client.face.pose = bookmark.pose;
    for (const { complete, ...begun } of utterances) {
      const { number } = begun;
      const utterance = Object.assign(conversation.begin(number), begun);
      if (!complete) conversation.unaccepted.keep({ type: 'speak', utterance: number, end: true });
      const begins = number === open ? segment : undefined;
      if (begins) {
        utterance.beginAt(sample);
        passOver(utterance, begins, character);
      }
      conversation.introduce(utterance);
      if (!begins) continue;
      conversation.receive({ type: 'utterance_started', utterance: number, at: 0 });
      conversation.receive(begins);
    }
    // They are in the order of their numbers.
    for (const [number, utterance] of news) conversation.utterances.set(number, utterance);
  }

  /** @param {SpokenUtterance} utterance */
  #follow(utterance) {
    utterance.on('audio', ({ start }) => {
      const { heard } = utterance;
      const chunks = [...(this.#chunks.get(utterance) ?? []), start];
      this.#chunks.set(utterance, chunks.slice(Math.max(0, begunBy(chunks, heard))));
    });
  }

  /**
   * @param {SpokenUtterance} utterance of which something was heard
   * @param {boolean} isPacked it can only be gone on with at the end of a chunk
   */
  #placeIn(utterance, isPacked) {
    const { number, heard, segments } = utterance;
    const chunks = this.#chunks.get(utterance) ?? [];
    // Of one that was taken up and had no sound since, that is the place where it was.
    const sample = isPacked ? (chunks[begunBy(chunks, heard)] ?? heard) : heard;
    const segment = segments.findLast(({ start }) => start <= sample);
    if (!segment) return undefined;
    const { span, start } = segment;
    return {
      segment,
      position: { utterance: number, segment: segment.segment, span, start, sample },
    };
  }
}

/** @param {Bookmark} bookmark that may have been anywhere */
function check({ session, next, unaccepted, utterances }) {
  const lists = [utterances, unaccepted?.[1]];
  if (session?.id && session.position && next > 0 && lists.every(Array.isArray)) return;
  throw new LipwireError('bad_message', '`resume` takes what `bookmark()` has answered, or null');
}

/**
 * The last that begins at or before `sample`.
 * @param {number[]} starts
 * @param {number} sample
 */
function begunBy(starts, sample) {
  return starts.findLastIndex((start) => start <= sample);
}

/**
 * What was heard counts as one word before the others, of which there is nothing to tell.
 * @param {SpokenUtterance} utterance
 * @param {Segment} segment
 */
function passOver(utterance, segment, character = 0) {
  if (character === 0) return;
  utterance.addSegment({ ...segment, words: [['', 0, character, 0, 0, 0]] });
  utterance.segments = [];
}
