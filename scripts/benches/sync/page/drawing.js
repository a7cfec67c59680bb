/** What the systems have in common: a mouth is drawn in every animation frame, and written down. */

const { look, packed } = globalThis.listening;

/**
 * Draws until told to stop.
 * @param {(weights: Float32Array, elapsedMs: number) => void} draw one picture, and what it shows
 */
export function drawing(draw) {
  const times = [];
  const poses = [];
  let last = performance.now();
  let request = requestAnimationFrame(frame);

  function frame() {
    const now = performance.now();
    const weights = new Float32Array(15);
    draw(weights, now - last);
    last = now;
    times.push(performance.now());
    poses.push(...weights);
    look();
    request = requestAnimationFrame(frame);
  }

  return () => {
    cancelAnimationFrame(request);
    return { times, poses: packed(poses) };
  };
}

/** Keeps the page from doing anything for so long, once a second. */
export function blocking(ms) {
  if (!ms) return () => {};
  const timer = setInterval(() => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  }, 1000);
  return () => clearInterval(timer);
}

/** A little longer than the last sound needs to be heard, and to get from the probe to the page. */
export function afterglow() {
  return new Promise((resolve) => setTimeout(resolve, 700));
}
