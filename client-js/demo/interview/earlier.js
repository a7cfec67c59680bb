import { answerTo, forget, interviews, RestError, soundOf, spokenIn } from './archive.js';
import { ask } from '../key.js';
import { turnElement } from './transcript.js';

/** @import { Stored } from './archive.js' */

const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const AWAY =
  'The server has no database at the moment, so there is nothing to look up. ' +
  'The interview works without it.';

/** So many are looked up at once. */
const AT_ONCE = 8;
/** A database that is away, or busy, is asked again after this, and then after twice as long. */
const AGAIN_MS = 1000;
const LONGEST_MS = 30_000;

/** The interviews that the database has, to read and to listen to. */
export class Earlier {
  #list;
  #status;
  #further;
  #current;
  /** @type {Set<string>} */
  #shown = new Set();
  /** @type {Stored[]} listed, and not looked up yet */
  #waiting = [];
  /** @type {string | null | undefined} where to go on with the list; null at its end */
  #next;
  #againMs = AGAIN_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** @type {AudioContext | undefined} */
  #context;
  /** @type {AudioBufferSourceNode | undefined} what is listened to, or will be once it is loaded */
  #sound;

  /**
   * @param {{list: HTMLElement, status: HTMLElement, further: HTMLElement}} elements
   * @param {string} current the interview of this page, which is not an earlier one
   */
  constructor({ list, status, further }, current) {
    this.#list = list;
    this.#status = status;
    this.#further = further;
    this.#current = current;
    further.addEventListener('click', () => this.look());
  }

  /** Looks a little further back. */
  async look() {
    clearTimeout(this.#again);
    try {
      const until = this.#list.childElementCount + AT_ONCE;
      while (this.#list.childElementCount < until && (await this.#hasMore())) {
        const stored = this.#waiting.shift();
        const entry = stored && (await this.#entry(stored));
        if (entry) this.#list.append(entry);
      }
      this.#againMs = AGAIN_MS;
      this.#status.textContent = this.#list.childElementCount ? '' : 'None yet.';
    } catch (error) {
      // That a key is wanted is said beneath the face.
      const locked = error instanceof RestError && error.code === 'unauthorized';
      this.#status.textContent = locked ? '' : adviceOn(error);
      if (isAway(error)) this.#lookAgain();
    }
    this.#status.hidden = !this.#status.textContent;
    this.#further.hidden = this.#waiting.length === 0 && !this.#next;
  }

  async #hasMore() {
    while (this.#waiting.length === 0 && this.#next !== null) {
      const page = await interviews(this.#next);
      this.#next = page.next;
      this.#waiting = page.interviews;
    }
    return this.#waiting.length > 0;
  }

  /** Silence: the face has something to say. */
  hush() {
    this.#sound?.disconnect();
    this.#sound = undefined;
  }

  /** @param {Stored} stored */
  async #entry(stored) {
    if (stored.id === this.#current || this.#shown.has(stored.id)) return undefined;
    this.#shown.add(stored.id);
    const looking = Promise.all(stored.sessions.map(({ id }) => spokenIn(id)));
    const spoken = (await looking.catch((error) => this.#putBack(stored, error))).flat();
    if (spoken.length === 0) return undefined;
    const entry = document.createElement('li');
    const details = document.createElement('details');
    const summary = document.createElement('summary');
    const cuts = spoken.filter(({ cut }) => cut).length;
    const counted = [plural(spoken.length, 'turn'), cuts ? plural(cuts, 'interruption') : ''];
    summary.append(
      element('span', 'when', DATE.format(stored.openedAt)),
      element('span', 'what', counted.filter(Boolean).join(', ')),
    );
    details.append(summary);
    details.addEventListener('toggle', () => this.#open(details, stored, spoken), { once: true });
    entry.append(details);
    return entry;
  }

  #lookAgain() {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.look(), this.#againMs);
    this.#againMs = Math.min(2 * this.#againMs, LONGEST_MS);
  }

  /**
   * It is looked up another time.
   * @param {Stored} stored
   * @param {unknown} error
   * @returns {never}
   */
  #putBack(stored, error) {
    this.#shown.delete(stored.id);
    this.#waiting.unshift(stored);
    throw error;
  }

  /**
   * @param {HTMLElement} details
   * @param {Stored} stored
   * @param {Awaited<ReturnType<typeof spokenIn>>} spoken
   */
  async #open(details, stored, spoken) {
    const turns = element('div', 'turns');
    const shown = spoken.map((turn) => {
      const own = stored.sessions.find(({ id }) => id === turn.session);
      const answer = own && answerTo(own, turn.number);
      const element = turnElement(turn);
      turns.append(element);
      if (answer) turns.append(turnElement({ who: 'person', text: answer }));
      return element;
    });
    details.append(turns, this.#forgetter(details, stored));
    for (const [index, { utterance }] of spoken.entries()) {
      const url = await soundOf(utterance).catch(() => undefined);
      if (url) shown[index].append(this.#listener(url));
    }
  }

  /** @param {string} url */
  #listener(url) {
    const button = element('button', 'quiet', 'Listen');
    button.addEventListener('click', () => {
      this.#play(url).catch((error) => {
        this.#status.textContent = adviceOn(error);
        this.#status.hidden = false;
      });
    });
    return button;
  }

  /**
   * Not by an element of the page: that could not show the key of a locked server.
   * @param {string} url
   */
  async #play(url) {
    this.hush();
    this.#context ??= new AudioContext();
    const sound = this.#context.createBufferSource();
    this.#sound = sound;
    const answer = await ask(url);
    if (!answer.ok) throw new Error(`The server answers ${answer.status}.`);
    sound.buffer = await this.#context.decodeAudioData(await answer.arrayBuffer());
    if (this.#sound !== sound) return;
    sound.connect(this.#context.destination);
    sound.start();
  }

  /**
   * @param {HTMLElement} details
   * @param {Stored} stored
   */
  #forgetter(details, stored) {
    const button = element('button', 'quiet', 'Forget this interview');
    button.addEventListener('click', async () => {
      if (button.dataset.asked === undefined) {
        button.dataset.asked = '';
        button.textContent = 'Press again to forget it for good';
        return;
      }
      try {
        await forget(stored.sessions.map(({ id }) => id));
        const entry = /** @type {HTMLElement} */ (details.parentElement);
        const neighbour = entry.nextElementSibling ?? entry.previousElementSibling;
        entry.remove();
        neighbour?.querySelector('summary')?.focus();
      } catch (error) {
        button.textContent = adviceOn(error);
      }
    });
    return button;
  }
}

/** @param {unknown} error */
function isAway(error) {
  return error instanceof RestError && error.code === 'storage_unavailable';
}

/** @param {unknown} error */
function adviceOn(error) {
  if (isAway(error)) return AWAY;
  return `That did not work: ${error instanceof Error ? error.message : error}`;
}

/**
 * @param {number} count
 * @param {string} noun
 */
function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 */
function element(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
