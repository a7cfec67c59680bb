/** @import { Parts } from './face.js' */
/** @import { MouthShape } from './mouth-shapes.js' */

const X = 200;
const Y = 258;
/** How the gap is shared: the lower lip goes with the jaw. */
const UP = 0.3;
const DOWN = 0.7;

/**
 * @param {Parts} parts
 * @param {MouthShape} shape
 */
export function drawMouth(parts, shape) {
  const { width, gap, round, press, teeth, lower, tongue, tuck } = shape;
  const left = X - width;
  const right = X + width;
  const corner = Y + gap * 0.16 - 3.2 * (1 - round);
  const top = Y - gap * UP;
  const bottom = Y + gap * DOWN - tuck * 2;
  // A curve reaches half of the way to its control point.
  const pull = 0.62 + 0.16 * round;
  const above = corner + (top - corner) * 1.33;
  const below = corner + (bottom - corner) * 1.33;
  const inLeft = left + 3;
  const inRight = right - 3;
  const reach = width * pull;
  const upperInner = `C${X + reach} ${above} ${X - reach} ${above} ${inLeft} ${corner}`;
  const lowerInner = `C${X - reach} ${below} ${X + reach} ${below} ${inRight} ${corner}`;

  const cavity = `M${inRight} ${corner} ${upperInner} ${lowerInner} Z`;
  parts.set('cavity', 'd', cavity);

  const upperLip = 9.5 + 2.5 * round - 4.5 * press;
  const lowerLip = 12.5 + 3 * round - 6.5 * press - 3.5 * tuck;
  const bow = width * 0.26;
  const crest = top - upperLip;
  parts.set(
    'lip-upper',
    'd',
    `M${left} ${corner} C${X - width * 0.62} ${crest + 4} ${X - bow * 1.9} ${crest} ${X - bow} ${crest} ` +
      `Q${X} ${crest + 0.5} ${X} ${crest + 3.2 - 1.5 * press} Q${X} ${crest + 0.5} ${X + bow} ${crest} ` +
      `C${X + bow * 1.9} ${crest} ${X + width * 0.62} ${crest + 4} ${right} ${corner} ` +
      `L${inRight} ${corner} ${upperInner} Z`,
  );
  const deep = corner + (bottom + lowerLip - corner) * 1.33;
  const outer = width * (0.66 + 0.12 * round);
  parts.set(
    'lip-lower',
    'd',
    `M${left} ${corner} C${X - outer} ${deep} ${X + outer} ${deep} ${right} ${corner} ` +
      `L${inRight} ${corner} C${X + reach} ${below} ${X - reach} ${below} ${inLeft} ${corner} Z`,
  );
  const shine = bottom + lowerLip * 0.45;
  parts.set(
    'lip-shine',
    'd',
    `M${X - width * 0.3} ${shine} Q${X} ${shine + 2.5} ${X + width * 0.3} ${shine}`,
  );
  parts.set('lip-shine', 'opacity', String(Math.max(0, 0.5 - 0.5 * press - 0.5 * tuck)));
  // Sealed lips show as one line; open ones have none.
  parts.set(
    'seam',
    'd',
    `M${left + 1} ${corner} L${inLeft} ${corner} ${lowerInner} L${right - 1} ${corner}`,
  );
  parts.set('seam', 'opacity', String(Math.max(0, 1 - gap / 5)));

  drawTeeth(parts, { top, bottom, inLeft, inRight, corner, gap, teeth, lower, tuck, reach, above });
  drawTongue(parts, { bottom, gap, tongue, width });
}

/**
 * @param {Parts} parts
 * @param {Record<string, number>} at
 */
function drawTeeth(parts, at) {
  const { top, bottom, inLeft, inRight, corner, gap, teeth, lower, tuck, reach, above } = at;
  // With the lower lip tucked under them, the teeth lie on the lip.
  const edge = top + Math.min(teeth * 9.5, gap * 0.55) + tuck * 3.5;
  const half = reach * (1.18 - 0.14 * tuck);
  parts.set(
    'teeth',
    'd',
    `M${X - half} ${top - 12} L${X + half} ${top - 12} L${X + half} ${edge - 3} ` +
      `Q${X + half * 0.55} ${edge} ${X} ${edge} Q${X - half * 0.55} ${edge} ${X - half} ${edge - 3} Z`,
  );
  parts.set('teeth', 'opacity', String(Math.min(1, teeth * 3)));
  const floor = corner + (Math.max(bottom, edge) + tuck * 4 - corner) * 1.33;
  parts.set(
    'teeth-room',
    'd',
    `M${inRight} ${corner} C${X + reach} ${above} ${X - reach} ${above} ${inLeft} ${corner} ` +
      `C${X - reach} ${tuck > 0 ? floor : corner + (bottom - corner) * 1.33} ` +
      `${X + reach} ${tuck > 0 ? floor : corner + (bottom - corner) * 1.33} ${inRight} ${corner} Z`,
  );
  const rise = Math.min(lower * 4.5, gap * 0.4);
  parts.set(
    'teeth-lower',
    'd',
    `M${X - half * 0.8} ${bottom + 6} L${X - half * 0.8} ${bottom - rise + 2} ` +
      `Q${X} ${bottom - rise - 1} ${X + half * 0.8} ${bottom - rise + 2} L${X + half * 0.8} ${bottom + 6} Z`,
  );
  parts.set('teeth-lower', 'opacity', String(Math.min(1, lower * 3)));
}

/**
 * @param {Parts} parts
 * @param {{bottom: number, gap: number, tongue: number, width: number}} at
 */
function drawTongue(parts, { bottom, gap, tongue, width }) {
  const back = bottom - gap * (0.3 + 0.42 * tongue);
  const half = width * (0.66 - 0.16 * tongue);
  parts.set(
    'tongue',
    'd',
    `M${X - half} ${bottom + 8} C${X - half} ${back} ${X - half * 0.5} ${back} ${X} ${back + 1} ` +
      `C${X + half * 0.5} ${back} ${X + half} ${back} ${X + half} ${bottom + 8} Z`,
  );
}
