/**
 * A promise that is settled from outside. Nobody need wait for it: who does not is told elsewhere.
 * @template Value
 */
export class Deferred {
  constructor() {
    /** @type {(value: Value) => void} */
    this.resolve = () => {};
    /** @type {(error: unknown) => void} */
    this.reject = () => {};
    /** @type {Promise<Value>} */
    this.promise = new Promise((...both) => ([this.resolve, this.reject] = both));
    this.promise.catch(() => {});
  }
}
