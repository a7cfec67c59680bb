/** @import { LipwireClient } from '/client/lipwire.js' */
/** @import { Network } from './rough-socket.js' */
import { $, duration } from './dom.js';

const JITTER_MS = 150;
const AWAY_MS = 2000;
const BLOCKED_MS = 250;

/** What is done to the connection and to the page, to see whether lips and sound stay together. */
export class Rough {
  #network;
  #client;
  #jank = 0;
  /** @type {{at: number, gaps: number} | undefined} when the connection was cut */
  #cutOff;

  /**
   * @param {Network} network
   * @param {LipwireClient} client
   */
  constructor(network, client) {
    this.#network = network;
    this.#client = client;
    client.on('ready', () => this.#back());
    /** @type {HTMLFormElement} */
    const form = $('rough');
    form.reset();
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('change', ({ target }) => {
      const { id, checked } = /** @type {HTMLInputElement} */ (target);
      if (id === 'jitter') network.jitterMs = checked ? JITTER_MS : 0;
      else this.#block(checked);
    });
    $('cut').addEventListener('click', () => this.#cut());
  }

  /** @param {boolean} on */
  #block(on) {
    clearInterval(this.#jank);
    if (on) this.#jank = window.setInterval(block, 1000);
  }

  #cut() {
    this.#cutOff = { at: performance.now(), gaps: this.#gaps };
    this.#network.cut(AWAY_MS);
    $('roughNews').textContent = 'Nobody can be reached. What has arrived is spoken meanwhile.';
  }

  #back() {
    if (!this.#cutOff) return;
    const { at, gaps } = this.#cutOff;
    this.#cutOff = undefined;
    const away = duration(performance.now() - at);
    const heard = this.#gaps - gaps;
    const gap = heard === 0 ? 'without a gap' : `with ${heard} ${heard === 1 ? 'gap' : 'gaps'}`;
    $('roughNews').textContent = `Back after ${away}, and taken up at the same sample, ${gap}.`;
  }

  get #gaps() {
    return this.#client.stats()?.underruns ?? 0;
  }
}

function block() {
  const until = performance.now() + BLOCKED_MS;
  while (performance.now() < until);
}
