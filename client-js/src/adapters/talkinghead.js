import { Actor } from './actor.js';

/** @import { Life } from './life.js' */
/** @import { Mouthing, Mouthpiece, OutputOptions } from './output.js' */

/**
 * What is used of TalkingHead, which is the page's own.
 * @typedef {object} Head
 * @property {Record<string, {value: number, newvalue: number | null, needsUpdate: boolean}>} mtAvatar
 * @property {(mood: string) => void} [setMood]
 * @property {Record<string, object>} [animMoods]
 */

/** The morph targets of TalkingHead's avatars in the order of the Oculus visemes. */
const NAMES = [
  'sil',
  'PP',
  'FF',
  'TH',
  'DD',
  'kk',
  'CH',
  'SS',
  'nn',
  'RR',
  'aa',
  'E',
  'I',
  'O',
  'U',
];

/**
 * Speaks with the mouth of a TalkingHead, in time with the sound of Lipwire: the head's own sound stays
 * out of it (`streamAudio` loses its lips after a gap). Blinks and gestures are the head's, and so are its
 * moods, of which `client.pose()` sets the one with the name of the emotion.
 */
export class TalkingHeadFace extends Actor {
  #head;
  /** @type {string | undefined} */
  #emotion;

  /**
   * @param {Head} head with an avatar that is shown, now or later
   * @param {Mouthpiece} client
   * @param {OutputOptions} [options]
   */
  constructor(head, client, options) {
    super(client, options);
    this.#head = head;
    this.begin();
  }

  /**
   * @protected
   * @param {Mouthing} mouthing
   * @param {Readonly<Life>} alive
   */
  draw({ weights }, { emotion }) {
    if (emotion && emotion !== this.#emotion) this.#feel((this.#emotion = emotion));
    for (const [viseme, name] of NAMES.entries()) {
      const morph = this.#head.mtAvatar[`viseme_${name}`];
      // At rest they are left to the head's own moods.
      if (!morph || (weights[viseme] === 0 && morph.value === 0)) continue;
      morph.newvalue = weights[viseme];
      morph.needsUpdate = true;
    }
  }

  /** @param {string} emotion of which it may know none by that name, unless the page has added it */
  #feel(emotion) {
    const { animMoods = {} } = this.#head;
    this.#head.setMood?.(emotion in animMoods ? emotion : 'neutral');
  }
}
