/*!
 * Lipwire 0.1.0, browser client. Made by `npm run build` in client-js/: edit src/, not this file.
 *
 * MIT License
 *
 * Copyright (c) 2026 The Lipwire authors
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 */
var J=[.2,.1],X=5200,C=0,tt=1,et=2,st=3,ot=4;function v(s,t=0){let e=(s/X+u(0,C,t))*2*Math.PI;return{blink:rt(s,t),gaze:at(s,t),head:[.03*Math.sin(e*.7)+.015*Math.sin(e*1.9),.014*Math.sin(e*1.3),.016*Math.sin(e)],energy:0}}var V={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function rt(s,t){let e=Math.floor(s/4e3),r=s-e*4e3-3570*u(e,C,t);return r>260&&u(e,tt,t)<.15&&(r-=260),r>0&&r<170?Math.sin(r/170*Math.PI)**.7:0}function at(s,t){let e=Math.floor(s/1900),o=1790*u(e,C,t+1),r=(s-e*1900-o)/110,a=Math.min(1,Math.max(0,r)),n=k(e-1,t),c=k(e,t);return[n[0]+(c[0]-n[0])*a,n[1]+(c[1]-n[1])*a]}function k(s,t){return u(s,et,t)<.5?[0,0]:[st,ot].map((e,o)=>(u(s,e,t)-.5)*J[o])}function u(s,t,e){let o=Math.sin(s*12.9898+t*78.233+e*37.719+1)*43758.5453;return o-Math.floor(o)}var P=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function Y(s,t){return s.reduce((e,o,r)=>e+o*t[r],0)}var nt=30,it=260,ct=0,ht=.999,w=class{#t;#e;#s;#d=matchMedia("(prefers-reduced-motion: reduce)");#r=new Float32Array(15);#a;#n=!0;#h=!0;#i=!1;#l=0;#p=0;#$=Number.NEGATIVE_INFINITY;#f=!1;#c=0;constructor(t,{seed:e=0,element:o,auto:r=!0}={}){this.#t=t,this.#e=e,this.#s=r,o&&(this.#a=new IntersectionObserver(a=>{this.#h=a[a.length-1].isIntersecting,this.#o()}),this.#a.observe(o))}get visible(){return this.#n}set visible(t){this.#n=t,this.#o()}stats(){return{drawn:this.#p}}dispose(){this.#i=!0,this.#a?.disconnect(),this.#o()}update(t=performance.now()){if(this.#i)return;let e=this.#t.face.mouth(this.#r),o=this.#d.matches,r=this.#r[ct]>ht&&(o?"still":"alive"),a=t-this.#$;if(r&&r===this.#f&&(o||a<nt))return;this.#f=r;let n=1-Math.exp(-a/it);this.#c+=(Y(P,this.#r)-this.#c)*n,this.#$=t,this.#p++,this.draw(e,o?V:{...v(t,this.#e),energy:this.#c},t)}draw(t,e,o){}begin(){this.update(),this.#o()}#o(){cancelAnimationFrame(this.#l),!(this.#i||!this.#s||!this.#n||!this.#h)&&(this.#l=requestAnimationFrame(t=>{this.#o(),this.update(t)}))}};function Z(s,{blink:t,gaze:[e,o]}){let r=`M-20 1Q0 ${34*t-24} 20 1`;s.set("lash",r),s.set("eye",`${r}Q0 16-20 1`),s.set("iris",`translate(${40*e} ${-40*o})`,"transform")}var d=(s,t)=>`var(--lipwire-${s},${t})`,f=(s,t)=>`color-mix(in srgb,${s},#6a2408 ${t}%)`,M=d("skin","#f7cfae"),G=d("hair","#4a3227"),H=d("shirt","#24606b"),b=d("lips","#c07a65"),K=s=>`<g transform="translate(${s})"><path data-part="eye" fill="#fffaf3"/>
<g clip-path="url(#ID-eye)"><g data-part="iris"><circle r="11.5" fill="${d("eyes","#3f7a63")}"/>
<circle r="5.6" fill="#1c1820"/><circle cx="4" cy="-4" r="2.6" fill="#fff"/></g></g>
<path data-part="lash" fill="none" stroke="#2f211c" stroke-width="3"/></g>`,W=`<clipPath id="ID-eye"><path data-part="eye"/></clipPath>
<clipPath id="ID-mouth"><path data-part="cavity"/></clipPath>
<g stroke-linecap="round"><path d="M44 412C50 362 104 346 154 336H246C296 346 350 362 356 412Z" fill="${H}"/>
<path d="M156 270V336C162 364 238 364 244 336V270Z" fill="${f(M,22)}"/>
<path d="M150 336C162 374 238 374 250 336" fill="none" stroke="${f(H,30)}" stroke-width="9"/>
<g data-part="sway"><path d="M116 176C84 158 92 236 118 226ZM284 176C316 158 308 236 282 226Z" fill="${f(M,14)}"/>
<path d="M113 183C112 120 142 78 200 78 258 78 288 120 287 183Z" fill="${M}"/>
<g data-part="jaw" stroke="${f(M,35)}"><path d="M113 182C113 250 125 314 200 314 275 314 287 250 287 182Z" fill="${M}" stroke="none"/><path d="M186 291Q200 296 214 291" fill="none" stroke-width="3"/></g>
<path d="M203 182C205 198 210 210 212 217 213 224 205 228 194 226" fill="none" stroke="${f(M,35)}" stroke-width="3"/>
${K("158 186)rotate(5")}${K("242 186)rotate(-5")}
<path data-part="brows" d="M131 158C143 149 163 150 178 155M269 158C257 149 237 150 222 155" fill="none" stroke="${G}" stroke-width="8.5"/>
<g transform="translate(200 258)"><path data-part="cavity" fill="#4a1420"/>
<path data-part="tongue" clip-path="url(#ID-mouth)" fill="#d0666c"/>
<path data-part="low-lip" fill="${b}"/>
<path data-part="teeth" clip-path="url(#ID-mouth)" fill="#fffaf2"/>
<path data-part="lip" fill="${f(b,18)}"/>
<path data-part="seam" fill="none" stroke="${f(b,50)}" stroke-width="2.2"/></g>
<path d="M107 190C96 148 98 104 122 78 142 54 176 42 214 44 262 44 300 74 302 126 303 150 300 172 293 190 290 168 286 150 274 128 252 138 214 138 180 128 156 122 136 128 124 146 114 160 110 174 107 190Z" fill="${G}"/></g></g>`,B=`border-radius:50%;background:radial-gradient(circle at 50% 38%,${d("backdrop","light-dark(#fde3c4,#42636f)")},${d("backdrop-edge","light-dark(#ef9f7b,#1d3440)")})`;function F(s,{width:t,gap:e,round:o,press:r,teeth:a,tongue:n,tuck:c}){let i=e*.16-3.2*(1-o),p=e*-.3,h=e*.7-c*2,l=t-3,m=t*(.62+.16*o),E=(R,j,U)=>{let T=i+(j-i)*1.33;return`C${R} ${T} ${-R} ${T} ${U} ${i}`},L=E(m,p,-l),g=p+Math.min(a*9.5,e*.55)+c*3.5,z=c?Math.max(h,g)+c*4:h;s.set("cavity",`M${l} ${i}${L}${E(-m,z,l)}Z`);let A=a&&m*(1.18-.14*c);s.set("teeth",`M${-A}-30H${A}V${g-3}Q0 ${g+2} ${-A} ${g-3}Z`);let x=h-e*(.3+.42*n),S=t*(.66-.16*n);s.set("tongue",`M${-S} 40C${-S} ${x} ${S} ${x} ${S} 40Z`);let I=t*.26,y=t*.62,$=p-9.5-2.5*o+4.5*r;s.set("lip",`M${-t} ${i}C${-y} ${$+4} ${-I*1.9} ${$} ${-I} ${$}L0 ${$+2} ${I} ${$}C${I*1.9} ${$} ${y} ${$+4} ${t} ${i}L${l} ${i}${L}Z`);let Q=h+12.5+3*o-6.5*r-3.5*c,q=t*(.66+.12*o),N=`L${l} ${i}${E(m,h,-l)}`;s.set("low-lip",`M${-t} ${i}${E(-q,Q,t)}${N}Z`),s.set("seam",`M${l} ${i}${N}`),s.set("seam",`${Math.max(0,1-e/5)}`,"opacity")}var _=class{#t;#e={};constructor(t){this.#t=t}set(t,e,o="d"){let r=e.replace(/(\.\d\d)\d+/g,"$1"),a=t+o;if(this.#e[a]!==r){this.#e[a]=r;for(let n of this.#t.querySelectorAll(`[data-part=${t}]`))n.setAttribute(o,r)}}};var lt=[[32,0,0,0,0,.1],[30,0,0,0,0,1],[32,5,1,0,0,.2,1],[32,10,.9,1],[32,9,.9,.65],[32,12,.6,.3],[24,10,.9,0,.7],[35,7,1,0,0,.1],[32,9,.8,.7],[26,10,.5,.5,.5],[34,32,.7,.25],[37,20,.8,.3],[38,12,.9,.35],[26,27,.25,.15,.7],[17,13,0,.1,1]];function D(s){let[t,e,o,r,a,n,c]=[0,1,2,3,4,5,6].map(i=>lt.reduce((p,h,l)=>p+(h[i]??0)*s[l],0));return{width:t,gap:e,teeth:o,tongue:r,round:a,press:n,tuck:c}}var pt=182,$t=.0032,ft=180/Math.PI,dt=0,O=class extends w{element;#t;#e;constructor(t,e,{label:o="A face whose lips move with the speech",...r}={}){let a=document.createElementNS("http://www.w3.org/2000/svg","svg");super(e,{...r,element:a}),a.setAttribute("viewBox","0 0 400 400"),a.setAttribute("role","img"),a.setAttribute("aria-label",o),a.style.cssText=B,a.innerHTML=W.replaceAll("ID",`lipwire-${++dt}`),t.append(a),this.element=a,this.#t=new _(a),this.begin()}stats(){return{...super.stats(),shape:this.#e}}dispose(){super.dispose(),this.element.remove()}draw({weights:t},e){let{head:o,energy:r}=e,[a,n,c]=o,i=this.#e=D(t);F(this.#t,i),Z(this.#t,e);let p=i.gap*$t;this.#s("jaw",`matrix(1 0 0 ${1+p} 0 ${-pt*p})`),this.#s("brows",`translate(0 ${-3.2*r})`);let h=r*2.4-n*90;this.#s("sway",`translate(${a*40} ${h})rotate(${c*ft} 200 330)`)}#s(t,e){this.#t.set(t,e,"transform")}};export{O as SvgFace,D as mouthShape};
