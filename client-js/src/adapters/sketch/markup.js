/**
 * @param {string} name
 * @param {string} colour unless the page says otherwise
 */
const of = (name, colour) => `var(--lipwire-${name},${colour})`;
/**
 * Shadows are warm and dark, whatever the colours are.
 * @param {string} colour
 * @param {number} percent
 */
const shaded = (colour, percent) => `color-mix(in srgb,${colour},#6a2408 ${percent}%)`;

const SKIN = of('skin', '#f7cfae');
const HAIR = of('hair', '#4a3227');
const SHIRT = of('shirt', '#24606b');
const LIPS = of('lips', '#c07a65');

/** @param {string} place of an eye, and how it is turned */
const eye = (place) => `<g transform="translate(${place})"><path data-part="eye" fill="#fffaf3"/>\
<g clip-path="url(#ID-eye)"><g data-part="iris"><circle r="11.5" fill="${of('eyes', '#3f7a63')}"/>\
<circle r="5.6" fill="#1c1820"/><circle cx="4" cy="-4" r="2.6" fill="#fff"/></g></g>\
<path data-part="lash" stroke="#2f211c"/></g>`;

/**
 * The drawing, 400 by 400; whatever moves is a `data-part`, an eye and the mouth around their own middles.
 * `ID` is another in each drawing of a page.
 */
export const MARKUP = `<svg viewBox="0 0 400 400" role="img"><clipPath id="ID-eye"><path data-part="eye"/></clipPath>\
<clipPath id="ID-mouth"><path data-part="cavity"/></clipPath>\
<g fill="none" stroke-width="3" stroke-linecap="round"><path d="M44 412c6-50 60-66 110-76h92c50 10 104 26 110 76" fill="${SHIRT}"/>\
<path d="M156 270v66c6 28 82 28 88 0v-66" fill="${shaded(SKIN, 22)}"/>\
<path d="M150 336c12 38 88 38 100 0" stroke="${shaded(SHIRT, 30)}" stroke-width="9"/>\
<g data-part="sway"><path d="M116 176c-32-18-24 60 2 50M284 176c32-18 24 60-2 50" fill="${shaded(SKIN, 14)}"/>\
<g data-part="jaw"><path d="M113 182c-1-62 29-104 87-104s88 42 87 104c0 68-12 132-87 132s-87-64-87-132" fill="${SKIN}"/><path d="M186 291q14 5 28 0" stroke="${shaded(SKIN, 35)}"/></g>\
<path d="M203 182c2 16 7 28 9 35 1 7-7 11-18 9" stroke="${shaded(SKIN, 35)}"/>\
${eye('158 186)rotate(5')}${eye('242 186)rotate(-5')}\
<path data-part="brows" d="M131 158c12-9 32-8 47-3m91 3c-12-9-32-8-47-3" stroke="${HAIR}" stroke-width="8.5"/>\
<g transform="translate(200 258)"><path data-part="cavity" fill="#4a1420"/>\
<path data-part="tongue" clip-path="url(#ID-mouth)" fill="#d0666c"/>\
<path data-part="low-lip" fill="${LIPS}"/>\
<path data-part="teeth" clip-path="url(#ID-mouth)" fill="#fffaf2"/>\
<path data-part="lip" fill="${shaded(LIPS, 18)}"/>\
<path data-part="seam" stroke="${shaded(LIPS, 50)}" stroke-width="2.2"/></g>\
<path d="M107 190c-11-42-9-86 15-112 20-24 54-36 92-34 48 0 86 30 88 82 1 24-2 46-9 64-3-22-7-40-19-62-22 10-60 10-94 0-24-6-44 0-56 18-10 14-14 28-17 44" fill="${HAIR}"/></g></g></svg>`;

/** Behind it; like that of every element, a page can change it. */
export const STYLE = `border-radius:50%;background:radial-gradient(circle at 50% 38%,${of('backdrop', 'light-dark(#fde3c4,#42636f)')},${of('backdrop-edge', 'light-dark(#ef9f7b,#1d3440)')})`;
