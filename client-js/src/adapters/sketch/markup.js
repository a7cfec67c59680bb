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
const eye = (place) => `<g transform="translate(${place})"><path data-part="eye" fill="#fffaf3"/>
<g clip-path="url(#ID-eye)"><g data-part="iris"><circle r="11.5" fill="${of('eyes', '#3f7a63')}"/>
<circle r="5.6" fill="#1c1820"/><circle cx="4" cy="-4" r="2.6" fill="#fff"/></g></g>
<path data-part="lash" fill="none" stroke="#2f211c" stroke-width="3"/></g>`;

/**
 * The drawing, 400 by 400; whatever moves is a `data-part`, an eye and the mouth around their own middles.
 * `ID` is another in each drawing of a page.
 */
export const MARKUP = `<clipPath id="ID-eye"><path data-part="eye"/></clipPath>
<clipPath id="ID-mouth"><path data-part="cavity"/></clipPath>
<g stroke-linecap="round"><path d="M44 412C50 362 104 346 154 336H246C296 346 350 362 356 412Z" fill="${SHIRT}"/>
<path d="M156 270V336C162 364 238 364 244 336V270Z" fill="${shaded(SKIN, 22)}"/>
<path d="M150 336C162 374 238 374 250 336" fill="none" stroke="${shaded(SHIRT, 30)}" stroke-width="9"/>
<g data-part="sway"><path d="M116 176C84 158 92 236 118 226ZM284 176C316 158 308 236 282 226Z" fill="${shaded(SKIN, 14)}"/>
<path d="M113 183C112 120 142 78 200 78 258 78 288 120 287 183Z" fill="${SKIN}"/>
<g data-part="jaw" stroke="${shaded(SKIN, 35)}"><path d="M113 182C113 250 125 314 200 314 275 314 287 250 287 182Z" fill="${SKIN}" stroke="none"/><path d="M186 291Q200 296 214 291" fill="none" stroke-width="3"/></g>
<path d="M203 182C205 198 210 210 212 217 213 224 205 228 194 226" fill="none" stroke="${shaded(SKIN, 35)}" stroke-width="3"/>
${eye('158 186)rotate(5')}${eye('242 186)rotate(-5')}
<path data-part="brows" d="M131 158C143 149 163 150 178 155M269 158C257 149 237 150 222 155" fill="none" stroke="${HAIR}" stroke-width="8.5"/>
<g transform="translate(200 258)"><path data-part="cavity" fill="#4a1420"/>
<path data-part="tongue" clip-path="url(#ID-mouth)" fill="#d0666c"/>
<path data-part="low-lip" fill="${LIPS}"/>
<path data-part="teeth" clip-path="url(#ID-mouth)" fill="#fffaf2"/>
<path data-part="lip" fill="${shaded(LIPS, 18)}"/>
<path data-part="seam" fill="none" stroke="${shaded(LIPS, 50)}" stroke-width="2.2"/></g>
<path d="M107 190C96 148 98 104 122 78 142 54 176 42 214 44 262 44 300 74 302 126 303 150 300 172 293 190 290 168 286 150 274 128 252 138 214 138 180 128 156 122 136 128 124 146 114 160 110 174 107 190Z" fill="${HAIR}"/></g></g>`;

/** Behind it; like that of every element, a page can change it. */
export const STYLE = `border-radius:50%;background:radial-gradient(circle at 50% 38%,${of('backdrop', 'light-dark(#fde3c4,#42636f)')},${of('backdrop-edge', 'light-dark(#ef9f7b,#1d3440)')})`;
