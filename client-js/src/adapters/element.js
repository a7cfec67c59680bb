/** @import { LipwireClient } from '../client.js' */
/** @import { TextSource } from '../pieces.js' */
/** @import { SpokenUtterance } from '../spoken-utterance.js' */

/** @typedef {{dispose(): void}} Disposable */

/** A page may be made on a server, where there are no elements. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

const TEXTS = ['src', 'voice', 'avatar', 'text', 'mode'];
const SWITCHES = ['captions', 'autoplay'];
const OF_CLIENT = /** @type {const} */ (['state', 'ready', 'warning', 'error']);
const OF_UTTERANCE = /** @type {const} */ (['sound', 'word', 'interrupted', 'finished']);

const STYLE = `:host{display:inline-grid;grid-template-columns:100%;width:16rem}
:host([hidden]){display:none}
canvas,svg{display:block;width:100%;aspect-ratio:1}
[part=face],button{grid-row:1;grid-column:1}
button{place-self:end center;margin-bottom:8%;padding:.6em 1.2em;font:inherit;border:0;border-radius:2em;color:#fff;background:#000b;cursor:pointer}
button:hover{background:#000}
button:focus-visible{outline:3px solid #fff;outline-offset:-6px}
[hidden]{display:none}
p{margin:.3em 0}
[part=captions]{max-height:6em;overflow:auto}`;

/**
 * `<talking-face src="wss://host/v1/stream" text="Hello" captions>`: a face for pages without a script.
 *
 * - `src`: the server; that of this page without it. `voice`, `avatar`: as in `LipwireClient`.
 * - `text`: what it says when its button is pressed; with `autoplay` at once, and whenever it changes.
 * - `mode`: `sprites`, drawn by the server, or `svg`, drawn here.
 * - `captions`: what is said can be read, too.
 *
 * Its parts are `face`, `captions` and `play`, and the slot `play` is what stands on the button. Events
 * of the client and of its utterances are events of the element, with what they tell as `detail`. It
 * closes its client when it is taken out of the page.
 */
export class TalkingFace extends Base {
  static observedAttributes = [...TEXTS, ...SWITCHES];
  /** @type {LipwireClient | undefined} */
  #client;
  /** @type {Promise<LipwireClient> | undefined} */
  #opened;
  /** @type {Disposable | undefined} */
  #face;
  /** @type {Disposable | undefined} */
  #captions;
  #shown = '';
  #begun = false;
  /** How often it was closed. */
  #times = 0;
  #shadow;
  #log = document.createElement('div');
  #play = document.createElement('button');

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    this.#shadow = shadow;
    this.#log.setAttribute('part', 'captions');
    this.#play.setAttribute('part', 'play');
    const label = document.createElement('slot');
    label.name = 'play';
    label.textContent = 'Play';
    this.#play.append(label);
    this.#play.hidden = true;
    this.#play.addEventListener('click', () => this.#pressed());
    shadow.append(this.#play, this.#log);
  }

  /** Everything else that there is; undefined until it is loaded, and out of a page. */
  get client() {
    return this.#client;
  }

  connectedCallback() {
    for (const name of [...TEXTS, ...SWITCHES]) {
      // What was set before the element was known would hide the property.
      if (!Object.hasOwn(this, name)) continue;
      const value = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
    this.#open();
  }

  disconnectedCallback() {
    // Who is moved within the page goes on.
    queueMicrotask(() => {
      if (!this.isConnected) this.#close();
    });
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} value
   */
  attributeChangedCallback(name, before, value) {
    if (!this.#opened || value === before) return;
    if (name === 'src') {
      this.#close();
      this.#open();
    } else if (name === 'voice' || name === 'avatar') {
      if (value) this.#configure({ [name]: value });
    } else if (name === 'mode') {
      this.#configure({ frames: this.#frames() });
      this.#dress();
    } else if (name === 'captions') {
      this.#dress();
    } else {
      this.#begun = false;
      this.#settle();
    }
  }

  /**
   * Says a text, or a stream of it. Where browsers want a click first, call it in one.
   * @param {TextSource} source
   * @returns {Promise<SpokenUtterance>}
   */
  async speak(source) {
    this.#unlock();
    const client = await this.#open();
    this.#begun = true;
    return client.speak(source);
  }

  /** Silence now; answers what was heard. */
  async interrupt() {
    return this.#client?.interrupt();
  }

  /** @returns {Promise<LipwireClient>} */
  #open() {
    if (!this.isConnected) return Promise.reject(new TypeError('it is in no page'));
    this.#opened ??= this.#load();
    return this.#opened;
  }

  /** @returns {Promise<LipwireClient>} */
  async #load() {
    const times = this.#times;
    const { LipwireClient } = await import('./lipwire.js');
    const { voice, avatar } = /** @type {any} */ (this);
    const client = new LipwireClient(this.getAttribute('src') ?? undefined, {
      voice: voice || undefined,
      avatar: avatar || undefined,
      frames: this.#frames(),
    });
    // Meanwhile it was taken out, or given another server.
    if (times !== this.#times) return this.#open();
    this.#client = client;
    for (const name of OF_CLIENT) client.on(name, (detail) => this.#tell(name, detail));
    client.on('utterance', (utterance) => {
      this.#tell('utterance', utterance);
      for (const name of OF_UTTERANCE) utterance.on(name, (detail) => this.#tell(name, detail));
    });
    client.on('state', () => this.#settle());
    client.on('ready', () => this.#dress());
    await this.#dress();
    // What goes wrong is told by the `error` event.
    client.connect().catch(() => {});
    this.#settle();
    return client;
  }

  #close() {
    this.#times++;
    this.#opened = undefined;
    this.#face?.dispose();
    this.#captions?.dispose();
    this.#client?.close();
    this.#face = this.#captions = this.#client = undefined;
    this.#shown = '';
    this.#begun = false;
  }

  /** Shows the face and the captions that are wanted, as far as the server draws any. */
  async #dress() {
    const client = this.#client;
    if (!client) return;
    const granted = client.session?.frames.mode ?? 'sprites';
    const drawn = this.#frames().mode === 'none' || granted === 'none';
    const wanted = drawn ? 'svg' : 'canvas';
    if (wanted !== this.#shown) {
      this.#shown = wanted;
      const host = document.createElement('div');
      host.setAttribute('part', 'face');
      const make = drawn ? await svg(host, client) : await canvas(host, client);
      if (this.#client !== client || this.#shown !== wanted) return;
      this.#face?.dispose();
      this.#shadow.querySelector('[part=face]')?.remove();
      this.#shadow.prepend(host);
      this.#face = make();
    }
    const captions = this.hasAttribute('captions');
    this.#log.hidden = !captions;
    if (!captions || this.#captions) return;
    const { Captions } = await import('./captions.js');
    if (this.#client === client) this.#captions ??= new Captions(this.#log, client);
  }

  /** Begins by itself where it may, and shows the button where it may not. */
  #settle() {
    const client = this.#client;
    if (!client) return;
    const text = this.getAttribute('text');
    if (text && this.hasAttribute('autoplay') && !this.#begun) {
      this.#begun = true;
      client.interrupt();
      client.speak(text);
    }
    this.#play.hidden = client.state !== 'blocked' && (this.#begun || !text);
  }

  #pressed() {
    const text = this.getAttribute('text');
    this.#unlock();
    if (this.#client && text && !this.#begun) {
      this.#begun = true;
      this.#client.speak(text);
    }
    this.#settle();
  }

  #unlock() {
    this.#client?.unlock().catch(() => {});
  }

  #frames() {
    return {
      mode: /** @type {'none' | 'sprites'} */ (
        this.getAttribute('mode') === 'svg' ? 'none' : 'sprites'
      ),
    };
  }

  /** @param {Parameters<LipwireClient['configure']>[0]} changes */
  #configure(changes) {
    this.#client?.configure(changes).catch((error) => this.#tell('error', error));
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/**
 * @param {HTMLElement} host
 * @param {LipwireClient} client
 */
async function svg(host, client) {
  const { SvgFace } = await import('./svg.js');
  return () => new SvgFace(host, client);
}

/**
 * @param {HTMLElement} host
 * @param {LipwireClient} client
 */
async function canvas(host, client) {
  const { CanvasFace } = await import('./canvas.js');
  const canvas = document.createElement('canvas');
  canvas.role = 'img';
  canvas.ariaLabel = 'A face whose lips move with the speech';
  host.append(canvas);
  return () => new CanvasFace(canvas, client);
}

for (const name of TEXTS) {
  Object.defineProperty(TalkingFace.prototype, name, {
    configurable: true,
    enumerable: true,
    get() {
      return this.getAttribute(name) ?? '';
    },
    set(value) {
      if (value == null) this.removeAttribute(name);
      else this.setAttribute(name, value);
    },
  });
}
for (const name of SWITCHES) {
  Object.defineProperty(TalkingFace.prototype, name, {
    configurable: true,
    enumerable: true,
    get() {
      return this.hasAttribute(name);
    },
    set(value) {
      this.toggleAttribute(name, Boolean(value));
    },
  });
}

if (globalThis.customElements && !customElements.get('talking-face')) {
  customElements.define('talking-face', TalkingFace);
}
