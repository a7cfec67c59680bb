/** As high as the bar that the face goes along in. */
const BAR = '-92px 0px 0px';

/**
 * Marks the place of something that the page was scrolled past.
 * @param {Element} place
 */
export function markPassed(place) {
  const seen = new IntersectionObserver(
    (entries) => place.toggleAttribute('data-passed', !entries.at(-1)?.isIntersecting),
    { rootMargin: BAR },
  );
  seen.observe(place);
}
