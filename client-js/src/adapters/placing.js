/** @import { Placed } from '../reel.js' */

const NOWHERE = { x: 0, y: 0, turn: 0 };

/**
 * Lays sprites where those of another frame lie, but for `share` of the way to their own places. What
 * is drawn instead of something (another mouth, another lid) starts from its place, and what was not
 * there before goes along with what is behind it.
 * @param {Placed[]} others
 * @param {Placed[]} sprites
 * @param {number} share 0..1
 * @returns {Placed[]}
 */
export function between(others, sprites, share) {
  const left = 1 - share;
  let away = NOWHERE;
  return pairs(others, sprites).map(({ other, sprite: { sprite, x, y, turn } }) => {
    if (other) away = { x: other.x - x, y: other.y - y, turn: other.turn - turn };
    return {
      sprite,
      x: x + left * away.x,
      y: y + left * away.y,
      turn: turn + left * away.turn,
    };
  });
}

/**
 * Which of the others each sprite is in the place of. The same picture is the same part of the face;
 * between two of those, as many others as there are here are these in their order.
 * @param {Placed[]} others
 * @param {Placed[]} sprites
 */
function pairs(others, sprites) {
  /** @type {{other: Placed | undefined, sprite: Placed}[]} */
  const paired = sprites.map((sprite) => ({ other: undefined, sprite }));
  let from = 0;
  let begin = 0;
  const fill = (/** @type {number} */ to, /** @type {number} */ end) => {
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
