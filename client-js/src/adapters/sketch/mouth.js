/** @import { SetPart } from './parts.js' */
/** @import { MouthShape } from './shapes.js' */

/**
 * The mouth around its middle: it is the same on both sides.
 * @param {SetPart} set
 * @param {MouthShape} shape
 */
export function drawMouth(set, { width, gap, round, press, teeth, tongue, tuck }) {
  const corner = gap * 0.16 - 3.2 * (1 - round);
  // How the gap is shared: the lower lip goes with the jaw.
  const top = gap * -0.3;
  const bottom = gap * 0.7 - tuck * 2;
  const inner = width - 3;
  const reach = width * (0.62 + 0.16 * round);
  // A curve reaches three quarters of the way to its control points.
  const arc = (/** @type {number} */ from, /** @type {number} */ y, /** @type {number} */ to) => {
    const bent = corner + (y - corner) * 1.33;
    return `C${from} ${bent} ${-from} ${bent} ${to} ${corner}`;
  };
  const above = arc(reach, top, -inner);

  // With the lower lip tucked under them, the teeth lie on the lip.
  const edge = top + Math.min(teeth * 9.5, gap * 0.55) + tuck * 3.5;
  const floor = tuck ? Math.max(bottom, edge) + tuck * 4 : bottom;
  set('cavity', `M${inner} ${corner}${above}${arc(-reach, floor, inner)}`);
  const half = teeth && reach * (1.18 - 0.14 * tuck);
  set('teeth', `M${-half}-30H${half}V${edge - 3}Q0 ${edge + 2} ${-half} ${edge - 3}`);
  const back = bottom - gap * (0.3 + 0.42 * tongue);
  const flat = width * (0.66 - 0.16 * tongue);
  set('tongue', `M${-flat} 40C${-flat} ${back} ${flat} ${back} ${flat} 40`);

  const bow = width * 0.26;
  const side = width * 0.62;
  const crest = top - 9.5 - 2.5 * round + 4.5 * press;
  set(
    'lip',
    `M${-width} ${corner}C${-side} ${crest + 4} ${-bow * 1.9} ${crest} ${-bow} ${crest}L0 ${crest + 2} ${bow} ${crest}C${bow * 1.9} ${crest} ${side} ${crest + 4} ${width} ${corner}L${inner} ${corner}${above}`,
  );
  const deep = bottom + 12.5 + 3 * round - 6.5 * press - 3.5 * tuck;
  const outer = width * (0.66 + 0.12 * round);
  const below = `L${inner} ${corner}${arc(reach, bottom, -inner)}`;
  set('low-lip', `M${-width} ${corner}${arc(-outer, deep, width)}${below}`);
  // Sealed lips show as one line; open ones have none.
  set('seam', `M${inner} ${corner}${below}`);
  set('seam', `${Math.max(0, 1 - gap / 5)}`, 'opacity');
}
