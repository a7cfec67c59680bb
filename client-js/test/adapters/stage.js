/** What a browser has and Node has not: animation frames that a test draws, and a wish for little motion. */
export class Stage {
  calm = false;
  /** @type {Map<number, (now: number) => void>} */
  #frames = new Map();
  #next = 1;
  /** @type {{observe: () => void, see: (seen: boolean) => void}[]} */
  watching = [];

  constructor() {
    const stage = this;
    Object.assign(globalThis, {
      matchMedia: () => ({
        get matches() {
          return stage.calm;
        },
      }),
      requestAnimationFrame: (/** @type {(now: number) => void} */ frame) => {
        this.#frames.set(this.#next, frame);
        return this.#next++;
      },
      cancelAnimationFrame: (/** @type {number} */ frame) => this.#frames.delete(frame),
      IntersectionObserver: class {
        /** @param {(entries: {isIntersecting: boolean}[]) => void} callback */
        constructor(callback) {
          stage.watching.push(this);
          this.see = (/** @type {boolean} */ isIntersecting) => callback([{ isIntersecting }]);
        }
        observe() {}
        disconnect() {}
      },
    });
  }

  /** Whether anybody wants to draw. */
  get waiting() {
    return this.#frames.size > 0;
  }

  /** @param {number} now */
  draw(now) {
    const frames = [...this.#frames.values()];
    this.#frames.clear();
    for (const frame of frames) frame(now);
  }
}

/** A client whose mouth is set by the test: shares of visemes by their numbers, else at rest. */
export class Mouthing {
  /** @type {Record<number, number>} */
  shares = {};
  face = {
    /** @type {import('../../src/hello.js').FaceState | undefined} */
    pose: undefined,
    mouth: (/** @type {Float32Array} */ into) => {
      into.fill(0);
      const said = Object.entries(this.shares);
      for (const [viseme, share] of said) into[Number(viseme)] = share;
      into[0] += 1 - said.reduce((sum, [, share]) => sum + share, 0);
      return { weights: into, utterance: undefined, sample: 0 };
    },
  };

  /**
   * What the server answers to `pose`.
   * @param {string} emotion
   * @param {Partial<import('../../src/hello.js').FaceState>} [turned]
   */
  feel(emotion, turned) {
    this.face.pose = { emotion, gaze: [0, 0], head: [0, 0, 0], ...turned };
  }
}
