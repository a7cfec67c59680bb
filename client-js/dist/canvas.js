/*!
 * Lipwire 0.1.0, browser client. Made by `npm run build` in client-js/: edit src/, not this file.
 *
 * MIT License
 *
 * Copyright (c) 2026 The Lipwire authors
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 */

// src/adapters/pictures.js
var Pictures = class {
  /** @type {Map<Key, ImageBitmap | 'pending' | 'broken'>} */
  #decoded = /* @__PURE__ */ new Map();
  #onDecoded;
  /** @param {() => void} onDecoded one more of them can be drawn, or never will be */
  constructor(onDecoded) {
    this.#onDecoded = onDecoded;
  }
  get size() {
    return this.#decoded.size;
  }
  /**
   * @param {Key} key
   * @param {Encoded} encoded
   */
  async decode(key, { mime, data }) {
    if (this.#decoded.has(key)) return;
    this.#decoded.set(key, "pending");
    const bitmap = await createImageBitmap(new Blob([data], { type: mime })).catch(() => void 0);
    if (this.#decoded.has(key)) this.#decoded.set(key, bitmap ?? "broken");
    else bitmap?.close();
    this.#onDecoded();
  }
  /** @param {Key} key */
  isPending(key) {
    return this.#decoded.get(key) === "pending";
  }
  /**
   * Undefined for what is not decoded, and for what cannot be.
   * @param {Key} key
   */
  get(key) {
    const bitmap = this.#decoded.get(key);
    return typeof bitmap === "object" ? bitmap : void 0;
  }
  /** @param {Key[]} keys of all that is still needed */
  keep(keys) {
    for (const key of this.#decoded.keys()) {
      if (keys.includes(key)) continue;
      this.get(key)?.close();
      this.#decoded.delete(key);
    }
  }
};

// src/adapters/placing.js
var NOWHERE = { x: 0, y: 0, turn: 0 };
function between(others, sprites, share) {
  const left = 1 - share;
  let away = NOWHERE;
  return pairs(others, sprites).map(({ other, sprite: { sprite, x, y, turn } }) => {
    if (other) away = { x: other.x - x, y: other.y - y, turn: other.turn - turn };
    return {
      sprite,
      x: x + left * away.x,
      y: y + left * away.y,
      turn: turn + left * away.turn
    };
  });
}
function pairs(others, sprites) {
  const paired = sprites.map((sprite) => ({ other: void 0, sprite }));
  let from = 0;
  let begin = 0;
  const fill = (to, end) => {
    if (to - from !== end - begin) return;
    for (let i = begin; i < end; i++) paired[i].other = others[from + i - begin];
  };
  for (const [index, { sprite }] of sprites.entries()) {
    const same = others.findIndex((other, at) => at >= from && other.sprite.key === sprite.key);
    if (same < 0) continue;
    fill(same, index);
    paired[index].other = others[same];
    from = same + 1;
    begin = index + 1;
  }
  fill(others.length, sprites.length);
  return paired;
}

// src/adapters/canvas.js
var SETTLE_MS = 150;
var DISSOLVE_MS = 300;
var GAP_MS = 100;
var AHEAD_MS = [16, 32, 48, 64, 80, 96];
var CanvasFace = class {
  #canvas;
  #context;
  #face;
  #onChange = () => void (this.#stale = true);
  /** @type {Pictures<string>} */
  #sprites = new Pictures(this.#onChange);
  /** @type {Pictures<Frame>} */
  #pictures = new Pictures(this.#onChange);
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #resizing;
  #off;
  #request = 0;
  #stale = true;
  #drawn = 0;
  /** @type {Frame | undefined} */
  #shown;
  /** @type {Placed[]} */
  #placed = [];
  /** @type {{from: Placed[], old?: OffscreenCanvas, since: number, ms: number} | undefined} */
  #settling;
  #resting = false;
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{face: Face}} client
   */
  constructor(canvas, { face }) {
    const context = canvas.getContext("2d");
    if (!context) throw new TypeError("the canvas is in use for something else than 2d");
    this.#canvas = canvas;
    this.#context = context;
    this.#face = face;
    this.#decode(face.sprites);
    this.#off = face.on("sprites", (sprites) => this.#decode(sprites));
    this.#resizing = new ResizeObserver(([entry]) => this.#resize(entry));
    this.#resizing.observe(canvas);
    this.#calm.addEventListener("change", this.#onChange);
    this.#tick();
  }
  /** The frame that is on the canvas, how many were drawn, and of how many sprites there are bitmaps. */
  stats() {
    return { shown: this.#shown, drawn: this.#drawn, sprites: this.#sprites.size };
  }
  /** Draws no more, and lets go of what it has decoded. */
  dispose() {
    cancelAnimationFrame(this.#request);
    this.#off();
    this.#resizing.disconnect();
    this.#calm.removeEventListener("change", this.#onChange);
    this.#sprites.keep([]);
    this.#pictures.keep([]);
  }
  /** @param {Sprite[]} sprites */
  #decode(sprites) {
    for (const sprite of sprites) this.#sprites.decode(sprite.key, sprite);
  }
  // A page that is hidden is given no animation frames: it does nothing until it is seen again.
  #tick() {
    this.#request = requestAnimationFrame((now) => {
      this.#tick();
      const frame = this.#next();
      if (frame) this.#show(frame, now);
    });
  }
  /** The frame of this moment; while it cannot be drawn yet, the one that is there. */
  #next() {
    const frame = this.#calmed(this.#face.frame());
    if (!frame) return this.#shown;
    if (!frame.picture) {
      const pending = frame.sprites.some(({ sprite }) => this.#sprites.isPending(sprite.key));
      return pending ? this.#shown : frame;
    }
    this.#decodeAhead(frame);
    return this.#pictures.get(frame) ? frame : this.#shown;
  }
  /** @param {Frame} frame that is a picture of its own */
  #decodeAhead(frame) {
    const soon = AHEAD_MS.map((ms) => this.#calmed(this.#face.frame(ms)) ?? frame);
    for (const each of [frame, ...soon]) {
      if (each.picture) this.#pictures.decode(each, each.picture);
    }
    this.#pictures.keep([frame, ...soon, ...this.#shown ? [this.#shown] : []]);
  }
  /**
   * Who wants little motion sees no face that moves while it says nothing.
   * @param {Frame | undefined} frame
   */
  #calmed(frame) {
    const { rest } = this.#face;
    return this.#calm.matches && rest && frame?.reel === rest.reel ? rest : frame;
  }
  /**
   * @param {Frame} frame
   * @param {number} now
   */
  #show(frame, now) {
    if (frame === this.#shown && !this.#settling && !this.#stale) return;
    if (frame !== this.#shown) this.#turnTo(frame, now);
    this.#stale = false;
    const share = this.#share(now);
    this.#placed = this.#place(frame, share);
    this.#paint(frame, share);
  }
  /**
   * @param {Frame} frame
   * @param {number} now
   */
  #turnTo(frame, now) {
    const resting = frame.reel === this.#face.rest?.reel;
    if (this.#shown && !follows(frame, this.#shown)) {
      const dissolves = resting && this.#resting && frame.reel !== this.#shown.reel;
      this.#settling = dissolves ? { from: this.#placed, old: copyOf(this.#canvas), since: now, ms: DISSOLVE_MS } : { from: this.#placed, since: now, ms: SETTLE_MS };
    }
    this.#resting = resting;
    this.#shown = frame;
    this.#drawn++;
  }
  /**
   * How far the face has settled; 1 is all the way.
   * @param {number} now
   */
  #share(now) {
    if (!this.#settling) return 1;
    const share = (now - this.#settling.since) / this.#settling.ms;
    if (share < 1) return smooth(Math.max(0, share));
    this.#settling = void 0;
    return 1;
  }
  /**
   * @param {Frame} frame
   * @param {number} share
   */
  #place({ sprites }, share) {
    const { rest } = this.#face;
    const placed = this.#calm.matches && rest ? between(rest.sprites, sprites, 0) : sprites;
    return this.#settling ? between(this.#settling.from, placed, share) : placed;
  }
  /**
   * @param {Frame} frame
   * @param {number} share
   */
  #paint(frame, share) {
    const { width, height } = this.#canvas;
    const side = Math.min(width, height);
    const scale = side / frame.size;
    const left = (width - side) / 2;
    const top = (height - side) / 2;
    const context = this.#context;
    context.resetTransform();
    context.clearRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    const picture = this.#pictures.get(frame);
    if (picture) context.drawImage(picture, left, top, side, side);
    for (const { sprite, x, y, turn } of this.#placed) {
      const bitmap = this.#sprites.get(sprite.key);
      if (!bitmap) continue;
      const cos = Math.cos(turn) * scale;
      const sin = Math.sin(turn) * scale;
      const right = left + (sprite.x + x) * scale;
      const down = top + (sprite.y + y) * scale;
      context.setTransform(cos, sin, -sin, cos, right, down);
      const { width: wide, height: high } = sprite;
      context.drawImage(bitmap, -wide / 2, -high / 2, wide, high);
    }
    if (!this.#settling?.old) return;
    context.resetTransform();
    context.globalAlpha = 1 - share;
    context.drawImage(this.#settling.old, 0, 0, width, height);
    context.globalAlpha = 1;
  }
  /** @param {ResizeObserverEntry} entry */
  #resize({ contentRect }) {
    const canvas = this.#canvas;
    const { clientWidth, clientHeight } = canvas;
    canvas.width = Math.round(contentRect.width * devicePixelRatio);
    canvas.height = Math.round(contentRect.height * devicePixelRatio);
    if (canvas.clientWidth !== clientWidth || canvas.clientHeight !== clientHeight) {
      canvas.style.width = `${clientWidth}px`;
      canvas.style.height = `${clientHeight}px`;
    }
    if (this.#shown) this.#paint(this.#shown, 1);
  }
};
function follows({ reel, startMs }, last) {
  const gap = startMs - last.startMs;
  return reel === last.reel && gap > 0 && gap <= GAP_MS;
}
function copyOf(canvas) {
  if (canvas.width * canvas.height === 0) return void 0;
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  copy.getContext("2d")?.drawImage(canvas, 0, 0);
  return copy;
}
function smooth(x) {
  return x * x * (3 - 2 * x);
}
export {
  CanvasFace
};
