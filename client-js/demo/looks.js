/** @import { LipwireClient } from '/client/lipwire.js' */
/** @import { LipwireError } from './app.js' */

export const FRAMES = /** @type {const} */ ({ mode: 'sprites', size: 512, fps: 25 });
/** The face that this page draws by itself. */
const SKETCH = 'sketch';

/** Whose face it is, and in which mood: what is picked is asked of the server. */
export class Looks {
  #client;
  #form;
  #onError;
  #onSketched;
  #sketched = false;
  #avatar = '';

  /**
   * @param {LipwireClient} client
   * @param {HTMLFormElement} form
   * @param {(error: LipwireError) => void} onError
   * @param {(sketched: boolean) => void} onSketched whether the page draws the face by itself
   */
  constructor(client, form, onError, onSketched) {
    this.#client = client;
    this.#form = form;
    this.#onError = onError;
    this.#onSketched = onSketched;
    // A browser remembers what was picked before the page was loaded again, the server does not.
    form.reset();
    form.addEventListener('change', ({ target }) => {
      const { name, value } = /** @type {HTMLInputElement} */ (target);
      if (name === 'face') this.#show(value);
      else client.pose({ emotion: value }).catch(onError);
    });
    client.on('ready', ({ frames, avatar }) => this.#granted(frames.mode, avatar));
  }

  /** Whether the page draws the face by itself. */
  get sketched() {
    return this.#sketched;
  }

  /**
   * Each face that the server has gets a button.
   * @param {{name: string, title: string}[]} faces
   */
  offer(faces) {
    for (const { name, title } of faces) this.#offer(name, title);
  }

  /** @param {string} name */
  async #show(name) {
    const wish =
      name === SKETCH
        ? { frames: /** @type {const} */ ({ mode: 'none' }) }
        : { frames: FRAMES, avatar: name };
    try {
      const { frames, avatar } = await this.#client.configure(wish);
      this.#granted(frames.mode, avatar);
    } catch (error) {
      this.#granted(this.#sketched ? 'none' : 'sprites', this.#avatar);
      this.#onError(/** @type {LipwireError} */ (error));
    }
  }

  /**
   * Shows what there is: a server may draw no faces, or this one not.
   * @param {string} [mode]
   * @param {string | null} [avatar]
   */
  #granted(mode = 'none', avatar = '') {
    this.#sketched = mode === 'none';
    this.#avatar = avatar ?? '';
    this.#onSketched(this.#sketched);
    document.documentElement.dataset.face = this.#sketched ? SKETCH : 'served';
    const shown = this.#sketched ? SKETCH : this.#avatar;
    this.#offer(shown);
    for (const input of this.#form.querySelectorAll('input')) {
      if (input.name === 'face') input.checked = input.value === shown;
      else input.disabled = this.#sketched;
    }
  }

  /**
   * @param {string} name
   * @param {string} [title] known when the server was asked what it has
   */
  #offer(name, title) {
    if (!name) return;
    const inputs = [...this.#form.querySelectorAll('input')];
    const offered = inputs.find((input) => input.name === 'face' && input.value === name);
    if (offered) {
      if (title) offered.parentElement?.lastChild?.replaceWith(title);
      return;
    }
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name: 'face', value: name });
    const label = document.createElement('label');
    label.append(input, title ?? name);
    inputs.find(({ value }) => value === SKETCH)?.parentElement?.before(label);
  }
}
