/** @import { Network } from './rough-socket.js' */
import { $ } from './dom.js';

const JITTER_MS = 150;
const AWAY_MS = 2000;
const BLOCKED_MS = 250;

/** What is done to the connection and to the page, to see whether lips and sound stay together. */
export class Rough {
  #network;
  #jank = 0;

  /** @param {Network} network */
  constructor(network) {
    this.#network = network;
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
    this.#network.cut(AWAY_MS);
    const until = performance.now() + AWAY_MS;
    const news = $('roughNews');
    news.textContent = 'Nobody can be reached. What has arrived is spoken meanwhile.';
    setTimeout(() => (news.textContent = 'The network is back.'), until - performance.now());
  }
}

function block() {
  const until = performance.now() + BLOCKED_MS;
  while (performance.now() < until);
}
