/** @import { LipwireClient } from '/client/lipwire.js' */
import { $ } from './dom.js';
import { keyOf } from './key.js';
import { Wall } from './wall.js';

/** More faces for the same voice: many on this page, or one on another screen. */
export class Crowd {
  #client;
  #wall;

  /**
   * @param {LipwireClient} client
   * @param {() => void} speak lets them have something to say
   */
  constructor(client, speak) {
    this.#client = client;
    this.#wall = new Wall($('wall'), client);
    $('gather').addEventListener('click', () => {
      this.#gather(!this.#wall.shown);
      if (this.#wall.shown) speak();
    });
    $('screen').addEventListener('click', () => this.#open());
  }

  /** @param {boolean} shown */
  #gather(shown) {
    this.#wall.show(shown);
    $('gather').textContent = shown ? 'Hide them' : 'Let 24 faces talk';
    $('gather').setAttribute('aria-expanded', String(shown));
  }

  /** Whoever has the address may watch; what is behind its `#` is sent to no server. */
  #open() {
    const { id, watch_secret: secret } = this.#client.session?.session ?? {};
    const news = $('crowdNews');
    news.textContent = id && secret ? '' : 'There is no session to watch yet: press Talk.';
    if (!id || !secret) return;
    const said = new URLSearchParams({ session: id, secret });
    const key = keyOf();
    if (key) said.set('key', key);
    open(`/demo/watch.html#${said}`, '_blank', 'noopener');
  }
}
