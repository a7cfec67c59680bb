/**
 * Listens in on a page, whoever plays its sound: what goes to the loudspeaker is recorded with the
 * frame of the audio context at which it was rendered, and the device's own clock is written down
 * beside it. Runs before any script of the page.
 */
(() => {
  const PROBE = `
    const LENGTH = 4096;
    class Probe extends AudioWorkletProcessor {
      #block = new Float32Array(LENGTH);
      #filled = 0;
      #frame = 0;
      process([input], [[output]]) {
        // A context that rests, or is busy, may leave quanta out.
        if (currentFrame !== this.#frame + this.#filled) this.#send();
        if (input[0]) this.#block.set(input[0], this.#filled);
        this.#filled += output.length;
        if (this.#filled === LENGTH) this.#send();
        return true;
      }
      #send() {
        const block = this.#block.slice(0, this.#filled);
        if (block.length > 0) this.port.postMessage({ frame: this.#frame, block }, [block.buffer]);
        this.#block.fill(0);
        this.#frame = currentFrame + (this.#filled === LENGTH ? 128 : 0);
        this.#filled = 0;
      }
    }
    registerProcessor('probe', Probe);`;

  /** What was written down of the context that was opened last. */
  const log = { rate: 0, stamps: [], blocks: [] };
  const taps = new WeakMap();
  let context;

  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...which) {
    if (to instanceof AudioDestinationNode) connect.call(this, tapOf(to), ...which.slice(0, 1));
    return connect.call(this, to, ...which);
  };

  function tapOf(destination) {
    let tap = taps.get(destination);
    if (!tap) {
      context = destination.context;
      tap = context.createGain();
      taps.set(destination, tap);
      Object.assign(log, { rate: context.sampleRate, stamps: [], blocks: [] });
      void listen(context, tap, destination);
    }
    return tap;
  }

  async function listen(to, tap, destination) {
    await to.audioWorklet.addModule(
      URL.createObjectURL(new Blob([PROBE], { type: 'text/javascript' })),
    );
    const probe = new AudioWorkletNode(to, 'probe', {
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    probe.port.onmessage = ({ data }) => {
      if (to === context) log.blocks.push(data);
    };
    connect.call(tap, probe);
    // Its output is silence: it is only pulled.
    connect.call(probe, destination);
  }

  /** The device's clock, often: what lies between two looks is interpolated later. */
  function look() {
    if (context?.state !== 'running') return;
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    if (contextTime > 0 && performanceTime > 0) log.stamps.push([performanceTime, contextTime]);
  }
  setInterval(look, 10);

  /** Of floats, for the way out of the page. */
  function packed(floats) {
    const bytes = new Uint8Array(Float32Array.from(floats).buffer);
    const parts = [];
    for (let at = 0; at < bytes.length; at += 32_768) {
      parts.push(String.fromCharCode(...bytes.subarray(at, at + 32_768)));
    }
    return btoa(parts.join(''));
  }

  globalThis.listening = {
    look,
    packed,
    /** All of it so far. */
    heard: () => ({
      heardRate: log.rate,
      stamps: log.stamps,
      blocks: log.blocks.map(({ frame, block }) => ({ frame, sound: packed(block) })),
    }),
  };
})();
