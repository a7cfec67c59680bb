/** @import { Moments, Stage } from './moments.js' */
import { $, duration, make } from './dom.js';

/** Where the time until the first sound went: a bar, and what its parts are. */
export class Strip {
  #bar = $('bar');
  #stages = $('stages');

  /** @param {Moments} moments */
  show(moments) {
    if (moments.sound === undefined) {
      this.#bar.replaceChildren();
      this.#stages.replaceChildren();
      return;
    }
    if (this.#bar.childElementCount === 0) for (const stage of moments.stages) this.#add(stage);
    const { last } = moments;
    const ended = this.#stages.childElementCount > this.#bar.childElementCount;
    if (last !== undefined && !ended) this.#tell('last sound', `at ${duration(last)}`);
  }

  /** @param {Stage} stage */
  #add({ name, ms }) {
    const part = make('span', '');
    part.style.setProperty('flex-grow', String(ms));
    this.#bar.append(part);
    this.#tell(name, `${Math.round(ms)} ms`);
  }

  /**
   * @param {string} name
   * @param {string} figure
   */
  #tell(name, figure) {
    const stage = make('li', '');
    stage.append(make('span', 'name', name), make('span', 'figure', figure));
    this.#stages.append(stage);
  }
}

/**
 * What people want to know of it, in a sentence.
 * @param {Moments} moments
 */
export function headline({ reaction, unwritten, tokens }) {
  if (!unwritten) return `Spoke after ${reaction} ms.`;
  return `Spoke ${reaction} ms after its first words, with ${unwritten} of ${tokens} tokens unwritten.`;
}
