/** @import { LipwireClient } from '/client/lipwire.js' */
/** @import { Keepsake } from './keepsakes.js' */
import { $ } from './dom.js';
import { keepsakeOf, save } from './keepsakes.js';

/** The buttons that give what was said last as a file. */
export class Downloads {
  #client;
  #news = $('takeNews');
  /** @type {NodeListOf<HTMLButtonElement>} */
  #buttons = $('downloads').querySelectorAll('button');
  /** @type {{session: string, number: number} | undefined} */
  #said;

  /** @param {LipwireClient} client */
  constructor(client) {
    this.#client = client;
    for (const button of this.#buttons) {
      const kind = /** @type {Keepsake} */ (button.dataset.take);
      button.addEventListener('click', () => this.#take(kind));
    }
  }

  /** @param {number} number of the utterance that was said last */
  offer(number) {
    const { id } = this.#client.session?.session ?? {};
    this.#said = id ? { session: id, number } : undefined;
    for (const button of this.#buttons) button.setAttribute('aria-disabled', String(!id));
  }

  /** @param {Keepsake} kind */
  async #take(kind) {
    if (!this.#said) {
      this.#news.textContent = 'Let it say something first.';
      return;
    }
    this.#news.textContent = 'Asking the server…';
    try {
      const { session, number } = this.#said;
      const file = await keepsakeOf(session, number, kind);
      save(file);
      this.#news.textContent = `${file.name}, ${Math.ceil(file.content.size / 1000)} kB.`;
    } catch (error) {
      this.#news.textContent = /** @type {Error} */ (error).message;
    }
  }
}
