/** @import { Moments } from './moments.js' */
import { $, duration, make, write } from './dom.js';

/** Where the time until the first sound went, and the sentence that says it. */
export class Strip {
  #headline = $('headline');
  #stages = $('stages');

  /** @param {Moments} moments */
  show(moments) {
    write(this.#headline, headline(moments));
    if (moments.sound === undefined) {
      this.#stages.replaceChildren();
      return;
    }
    if (this.#stages.childElementCount === 0) this.#draw(moments);
    if (moments.last !== undefined) this.#end(moments.last);
  }

  /** @param {Moments} moments */
  #draw({ stages }) {
    for (const { name, ms } of stages) {
      const stage = make('li', 'stage-of-time');
      stage.style.setProperty('flex-grow', String(Math.max(ms, 1)));
      stage.append(make('span', 'name', name), make('span', 'ms', `${Math.round(ms)} ms`));
      this.#stages.append(stage);
    }
  }

  /** @param {number} last */
  #end(last) {
    if (this.#stages.lastElementChild?.className === 'last') return;
    const end = make('li', 'last');
    end.append(make('span', 'name', 'last sound'), make('span', 'ms', `at ${duration(last)}`));
    this.#stages.append(end);
  }
}

/** @param {Moments} moments */
function headline({ sound, reaction, unwritten, tokens }) {
  if (sound === undefined || reaction === undefined) return 'Thinking…';
  if (!unwritten) return `Spoke after ${reaction} ms.`;
  const spoke = `Spoke ${reaction} ms after its first words were written`;
  return `${spoke}, with ${unwritten} of ${tokens} tokens still to come.`;
}
