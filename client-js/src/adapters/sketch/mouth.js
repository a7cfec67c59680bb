/** @import { Parts } from './parts.js' */
/** @import { MouthShape } from './shapes.js' */

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
  const reach = width * (0.62 + 0.16 * round);
  const above = corner + (top - corner) * 1.33;
  const below = corner + (bottom - corner) * 1.33;
  const inLeft = left + 3;
  const inRight = right - 3;
  const upperInner = path`C${X + reach} ${above} ${X - reach} ${above} ${inLeft} ${corner}`;
  const lowerInner = path`C${X - reach} ${below} ${X + reach} ${below} ${inRight} ${corner}`;
  parts.set('cavity', 'd', path`M${inRight} ${corner}${upperInner}${lowerInner}Z`);

  const upperLip = 9.5 + 2.5 * round - 4.5 * press;
  const lowerLip = 12.5 + 3 * round - 6.5 * press - 3.5 * tuck;
  const bow = width * 0.26;
  const crest = top - upperLip;
  const dip = crest + 3.2 - 1.5 * press;
  parts.set(
    'lip-upper',
    'd',
    path`M${left} ${corner}C${X - width * 0.62} ${crest + 4} ${X - bow * 1.9} ${crest} ${X - bow} ${crest}Q${X} ${crest + 0.5} ${X} ${dip}Q${X} ${crest + 0.5} ${X + bow} ${crest}C${X + bow * 1.9} ${crest} ${X + width * 0.62} ${crest + 4} ${right} ${corner}L${inRight} ${corner}${upperInner}Z`,
  );
  const deep = corner + (bottom + lowerLip - corner) * 1.33;
  const outer = width * (0.66 + 0.12 * round);
  parts.set(
    'lip-lower',
    'd',
    path`M${left} ${corner}C${X - outer} ${deep} ${X + outer} ${deep} ${right} ${corner}L${inRight} ${corner}C${X + reach} ${below} ${X - reach} ${below} ${inLeft} ${corner}Z`,
  );
  const shine = bottom + lowerLip * 0.45;
  const glow = width * 0.3;
  parts.set('lip-shine', 'd', path`M${X - glow} ${shine}Q${X} ${shine + 2.5} ${X + glow} ${shine}`);
  parts.set('lip-shine', 'opacity', path`${Math.max(0, 0.5 - 0.5 * press - 0.5 * tuck)}`);
  // Sealed lips show as one line; open ones have none.
  parts.set(
    'seam',
    'd',
    path`M${left + 1} ${corner}L${inLeft} ${corner}${lowerInner}L${right - 1} ${corner}`,
  );
  parts.set('seam', 'opacity', path`${Math.max(0, 1 - gap / 5)}`);

  // With the lower lip tucked under them, the teeth lie on the lip.
  const edge = top + Math.min(teeth * 9.5, gap * 0.55) + tuck * 3.5;
  const half = reach * (1.18 - 0.14 * tuck);
  parts.set(
    'teeth',
    'd',
    path`M${X - half} ${top - 12}L${X + half} ${top - 12}L${X + half} ${edge - 3}Q${X + half * 0.55} ${edge} ${X} ${edge}Q${X - half * 0.55} ${edge} ${X - half} ${edge - 3}Z`,
  );
  parts.set('teeth', 'opacity', path`${Math.min(1, teeth * 3)}`);
  const floor = tuck > 0 ? corner + (Math.max(bottom, edge) + tuck * 4 - corner) * 1.33 : below;
  parts.set(
    'teeth-room',
    'd',
    path`M${inRight} ${corner}${upperInner}C${X - reach} ${floor} ${X + reach} ${floor} ${inRight} ${corner}Z`,
  );
  const rise = bottom - Math.min(lower * 4.5, gap * 0.4);
  const low = half * 0.8;
  parts.set(
    'teeth-lower',
    'd',
    path`M${X - low} ${bottom + 6}L${X - low} ${rise + 2}Q${X} ${rise - 1} ${X + low} ${rise + 2}L${X + low} ${bottom + 6}Z`,
  );
  parts.set('teeth-lower', 'opacity', path`${Math.min(1, lower * 3)}`);

  const back = bottom - gap * (0.3 + 0.42 * tongue);
  const flat = width * (0.66 - 0.16 * tongue);
  parts.set(
    'tongue',
    'd',
    path`M${X - flat} ${bottom + 8}C${X - flat} ${back} ${X - flat * 0.5} ${back} ${X} ${back + 1}C${X + flat * 0.5} ${back} ${X + flat} ${back} ${X + flat} ${bottom + 8}Z`,
  );
}

/**
 * A hundredth is finer than any screen.
 * @param {TemplateStringsArray} strings
 * @param {...(number | string)} values
 */
export function path(strings, ...values) {
  const short = values.map((value) => (typeof value === 'number' ? +value.toFixed(2) : value));
  return String.raw(strings, ...short);
}
