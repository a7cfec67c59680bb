/** @import { LipwireClient } from '/client/lipwire.js' */
/** @import { Message } from './pretend-llm.js' */

/**
 * What the face said, or has yet to say.
 * @typedef {object} FaceTurn
 * @property {'face'} who
 * @property {string} text that the language model wrote
 * @property {string} heard the beginning of it that was heard
 * @property {boolean} cut it was stopped before its end
 * @property {string} session in which it is stored
 * @property {number} number of its utterance there
 */
/** @typedef {{who: 'person', text: string}} PersonTurn */
/** @typedef {FaceTurn | PersonTurn} Turn */
/** @typedef {'prepared' | 'running' | 'finished'} Stage */

const KEY = 'lipwire.interview';
const QUESTIONS = [
  'What did you build last?',
  'What is the strangest bug that you ever found?',
  'How do you know that something is finished?',
];
/** What a model is told before anything was said. */
const INSTRUCTION = `You hold a friendly interview, in short spoken sentences. Ask at most one follow-up
question about an answer. What you said is given as far as it was heard. Your questions are:`;

/** One interview. It outlives a reload of the page, but not its tab. */
export class Interview {
  id = crypto.randomUUID();
  /** @type {Stage} */
  stage = 'prepared';
  questions = QUESTIONS;
  /** @type {Turn[]} */
  turns = [];
  /** @type {FaceTurn | undefined} what the face was saying when the page was left */
  open;
  /** @type {ReturnType<LipwireClient['bookmark']>} where the next load of the page goes on */
  bookmark = null;

  /** The one of this tab, or a new one. */
  static ofThisTab() {
    const interview = new Interview();
    try {
      Object.assign(interview, JSON.parse(sessionStorage.getItem(KEY) ?? '{}'));
    } catch {
      // Where a browser keeps nothing, each load of the page begins anew.
    }
    return interview;
  }

  /** The next load of the page begins a new one, with the same questions. */
  leave() {
    const { questions } = this;
    keep({ questions });
  }

  save() {
    keep(this);
  }

  /** What the language model is given: of what the face said, only what was heard. */
  messages() {
    const list = this.questions.map((question) => `\n- ${question}`).join('');
    /** @type {Message[]} */
    const messages = [{ role: 'system', content: INSTRUCTION.replaceAll('\n', ' ') + list }];
    for (const turn of this.turns) {
      if (turn.who === 'person') messages.push({ role: 'user', content: turn.text });
      else if (turn.heard) messages.push({ role: 'assistant', content: turn.heard });
    }
    return messages;
  }
}

/** @param {object} what */
function keep(what) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(what));
  } catch {
    // It is forgotten with a reload, then.
  }
}
