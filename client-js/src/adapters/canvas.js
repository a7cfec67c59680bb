import { Pictures } from './pictures.js';
import { between } from './placing.js';

/** @import { Face } from '../face.js' */
/** @import { Frame, Placed, Sprite } from '../reel.js' */

/** In this time the face moves to where it has to be, when its frames do not follow each other. */
const SETTLE_MS = 150;
/** In this time one face at rest becomes another: another mood, another person. */
const DISSOLVE_MS = 300;
/** Frames further apart than this do not. */
const GAP_MS = 100;
/** Whole pictures are decoded before they are seen: those of these moments, and so all until then. */
const AHEAD_MS = [16, 32, 48, 64, 80, 96];

/**
 * Draws the face of a client on a canvas, in time with what is heard, until it is disposed of. The
 * canvas needs a size of its own in the page; how many pixels it has is looked after here.
 */
export class CanvasFace {
  #canvas;
  #context;
  #face;
  #onChange = () => void (this.#stale = true);
  /** @type {Pictures<string>} */
  #sprites = new Pictures(this.#onChange);
  /** @type {Pictures<Frame>} */
  #pictures = new Pictures(this.#onChange);
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
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
    const context = canvas.getContext('2d');
    if (!context) throw new TypeError('the canvas is in use for something else than 2d');
    this.#canvas = canvas;
    this.#context = context;
    this.#face = face;
    this.#decode(face.sprites);
    this.#off = face.on('sprites', (sprites) => this.#decode(sprites));
    this.#resizing = new ResizeObserver(([entry]) => this.#resize(entry));
    this.#resizing.observe(canvas);
    this.#calm.addEventListener('change', this.#onChange);
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
    this.#calm.removeEventListener('change', this.#onChange);
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
    this.#pictures.keep([frame, ...soon, ...(this.#shown ? [this.#shown] : [])]);
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
      this.#settling = dissolves
        ? { from: this.#placed, old: copyOf(this.#canvas), since: now, ms: DISSOLVE_MS }
        : { from: this.#placed, since: now, ms: SETTLE_MS };
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
    this.#settling = undefined;
    return 1;
  }

  /**
   * @param {Frame} frame
   * @param {number} share
   */
  #place({ sprites }, share) {
    // Only the mouth and the lids move then, not the head.
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
    context.imageSmoothingQuality = 'high';
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
      // The page gives it no size: without one it would grow with its own pixels.
      canvas.style.width = `${clientWidth}px`;
      canvas.style.height = `${clientHeight}px`;
    }
    // It is empty now, and is seen before the next animation frame.
    if (this.#shown) this.#paint(this.#shown, 1);
  }
}

/**
 * @param {Frame} frame
 * @param {Frame} last
 */
function follows({ reel, startMs }, last) {
  const gap = startMs - last.startMs;
  return reel === last.reel && gap > 0 && gap <= GAP_MS;
}

/** @param {HTMLCanvasElement} canvas */
function copyOf(canvas) {
  if (canvas.width * canvas.height === 0) return undefined;
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  copy.getContext('2d')?.drawImage(canvas, 0, 0);
  return copy;
}

/** @param {number} x */
function smooth(x) {
  return x * x * (3 - 2 * x);
}
