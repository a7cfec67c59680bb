/** @import { LipwireClient } from '/client/lipwire.js' */
/** @import { LipwireError } from './app.js' */
import { $ } from './dom.js';

/** Moving a slider asks only for where it comes to rest. */
const SETTLED_MS = 250;

/** How it speaks: the voice and the speed, and how fast the text is written. */
export class Manner {
  #client;
  #onError;
  /** @type {HTMLInputElement} */
  #typed = $('typed');
  /** @type {HTMLInputElement} */
  #pace = $('pace');
  /** @type {HTMLInputElement} */
  #rate = $('rate');
  /** @type {HTMLSelectElement} */
  #voice = $('voice');
  #timer = 0;

  /**
   * @param {LipwireClient} client
   * @param {(error: LipwireError) => void} onError
   */
  constructor(client, onError) {
    this.#client = client;
    this.#onError = onError;
    $('manner').addEventListener('submit', (event) => event.preventDefault());
    /** @type {HTMLFormElement} */ ($('manner')).reset();
    for (const slider of [this.#pace, this.#rate, this.#typed]) {
      slider.addEventListener('input', () => this.#show());
    }
    this.#rate.addEventListener('input', () => {
      clearTimeout(this.#timer);
      const ask = () => this.#ask({ ratePercent: this.#rate.valueAsNumber });
      this.#timer = window.setTimeout(ask, SETTLED_MS);
    });
    this.#voice.addEventListener('change', () => this.#ask({ voice: this.#voice.value }));
    client.on('ready', ({ voice }) => this.#granted(voice.name));
    this.#show();
  }

  /** Tokens each second; undefined when all of the text is there at once. */
  get pace() {
    return this.#typed.checked ? this.#pace.valueAsNumber : undefined;
  }

  /**
   * @param {string[]} names of all voices
   */
  offer(names) {
    const shown = this.#voice.value;
    this.#voice.replaceChildren(...names.map((name) => new Option(name, name)));
    if (shown) this.#granted(shown);
  }

  /** @param {{ratePercent?: number, voice?: string}} wish */
  async #ask(wish) {
    try {
      const { voice, rate_percent } = await this.#client.configure(wish);
      this.#granted(voice.name);
      this.#rate.value = String(rate_percent);
    } catch (error) {
      this.#granted(this.#client.session?.voice.name ?? '');
      this.#onError(/** @type {LipwireError} */ (error));
    }
    this.#show();
  }

  /** @param {string} name */
  #granted(name) {
    const known = [...this.#voice.options].some(({ value }) => value === name);
    if (name && !known) this.#voice.add(new Option(name, name));
    if (name) this.#voice.value = name;
  }

  #show() {
    this.#pace.disabled = !this.#typed.checked;
    $('paceShown').textContent = `${this.#pace.value} tokens/s`;
    $('rateShown').textContent = `${this.#rate.value} %`;
  }
}
