/** @param {string} name @param {string} colour unless the page says otherwise */
const of = (name, colour) => `var(--lipwire-${name},${colour})`;

const SKIN = of('skin', '#f7cfae');
const HAIR = of('hair', '#4a3227');
const SHIRT = of('shirt', '#24606b');
const LIPS = of('lips', '#c07a65');
/** Whatever the colours are, shadows are warm and dark. */
const SHADE = '#6a2408';

/**
 * @param {string} side
 * @param {number} middle of the eye
 */
const eye = (side, middle) => `<path data-part="eye-${side}" fill="#fffaf3"/>
<g clip-path="url(#ID-eye-${side})"><g data-part="iris-${side}">
<circle r="11.5" fill="${of('eyes', '#3f7a63')}"/><circle r="5.6" fill="#1c1820"/>
<circle cx="3.8" cy="-4.2" r="2.6" fill="#fff"/></g>
<path data-part="shade-${side}" fill="${SHADE}" opacity=".25"/></g>
<path data-part="lash-${side}" fill="none" stroke="#2f211c" stroke-width="3"/>
<path d="M${middle - 17} 175Q${middle} 159 ${middle + 17} 175" fill="none" stroke="${SHADE}" stroke-width="2" opacity=".25"/>`;

/** @param {string} name @param {string} part */
const clip = (name, part) => `<clipPath id="ID-${name}"><path data-part="${part}"/></clipPath>`;

/** The drawing, 400 by 400; whatever moves is a `data-part`. `ID` is another in each drawing of a page. */
export const MARKUP = `<defs>
<radialGradient id="ID-back" cy=".38" r=".72"><stop stop-color="${of('backdrop', 'light-dark(#fde3c4,#42636f)')}"/>
<stop offset="1" stop-color="${of('backdrop-edge', 'light-dark(#ef9f7b,#1d3440)')}"/></radialGradient>
<linearGradient id="ID-skin" x2="0" y2="1"><stop stop-color="${SKIN}"/>
<stop offset="1" stop-color="color-mix(in srgb,${SKIN},#a0481c 16%)"/></linearGradient>
${clip('eye-left', 'eye-left')}${clip('eye-right', 'eye-right')}${clip('cavity', 'cavity')}
${clip('teeth', 'teeth-room')}${clip('head', 'head')}
<clipPath id="ID-round"><circle cx="200" cy="200" r="196"/></clipPath></defs>
<g clip-path="url(#ID-round)" stroke-linecap="round">
<path d="M0 0H400V400H0Z" fill="url(#ID-back)"/>
<g data-part="body"><path d="M44 412C50 362 104 346 154 336L246 336C296 346 350 362 356 412Z" fill="${SHIRT}"/>
<path d="M146 338C156 376 244 376 254 338L244 333 156 333Z" fill="color-mix(in srgb,${SHIRT},#000 25%)"/>
<path d="M156 270V336C162 364 238 364 244 336V270Z" fill="color-mix(in srgb,${SKIN},#a0481c 22%)"/>
<path d="M156 290C178 340 222 340 244 290V318C224 350 176 350 156 318Z" fill="${SHADE}" opacity=".2"/></g>
<g data-part="sway">
<path d="M108 196C98 168 98 128 110 106L290 106C302 128 302 168 292 196Z" fill="color-mix(in srgb,${HAIR},#000 28%)"/>
<path d="M116 176C102 168 92 180 96 200 99 218 108 230 118 226ZM284 176C298 168 308 180 304 200 301 218 292 230 282 226Z" fill="color-mix(in srgb,${SKIN},#a0481c 17%)"/>
<path data-part="head" fill="url(#ID-skin)"/>
<g clip-path="url(#ID-head)" fill="${SHADE}">
<path d="M108 150C128 132 150 126 176 130 214 136 246 130 268 122 280 134 286 146 292 158V80H108Z" opacity=".13"/>
<path d="M110 214C122 238 138 246 158 244 176 241 188 236 200 238 212 236 224 241 242 244 262 246 278 238 290 214L296 350 104 350Z" opacity=".07"/></g>
<g fill="none" stroke="${SHADE}" stroke-width="3" opacity=".33"><path d="M111 190C104 190 103 204 111 212M289 190C296 190 297 204 289 212M203 182C205 198 210 210 212 217 213 224 205 228 194 226"/><path data-part="chin"/></g>
${eye('left', 158)}${eye('right', 242)}
<path data-part="brows" d="M131 158C143 149 163 149.5 178 155M269 158C257 149 237 149.5 222 155" fill="none" stroke="${HAIR}" stroke-width="8.5"/>
<path data-part="cavity" fill="#4a1420"/>
<g clip-path="url(#ID-cavity)"><path data-part="tongue" fill="#d0666c"/><path data-part="teeth-lower" fill="#f1e6da"/></g>
<path data-part="lip-lower" fill="${LIPS}"/>
<path data-part="lip-shine" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="2.4"/>
<path data-part="teeth" clip-path="url(#ID-teeth)" fill="#fffaf2"/>
<path data-part="lip-upper" fill="color-mix(in srgb,${LIPS},${SHADE} 18%)"/>
<path data-part="seam" fill="none" stroke="color-mix(in srgb,${LIPS},#4a1420 60%)" stroke-width="2.2"/>
<path d="M107 190C96 148 98 104 122 78 142 54 176 42 214 44 262 44 300 74 302 126 303 150 300 172 293 190 290 168 286 150 274 128 252 138 214 138 180 128 156 122 136 128 124 146 114 160 110 174 107 190Z" fill="${HAIR}"/>
<path d="M146 96C168 74 204 66 240 74" fill="none" stroke="#fff" stroke-width="7" opacity=".16"/>
</g></g>`;
