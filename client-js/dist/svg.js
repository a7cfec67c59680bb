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
var J=[.2,.1],X=5200,L=0,tt=1,et=2,st=3,ot=4;function T(s,t=0){let e=(s/X+u(0,L,t))*2*Math.PI;return{blink:rt(s,t),gaze:at(s,t),head:[.03*Math.sin(e*.7)+.015*Math.sin(e*1.9),.014*Math.sin(e*1.3),.016*Math.sin(e)],energy:0}}var P={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function rt(s,t){let e=Math.floor(s/4e3),r=s-e*4e3-3570*u(e,L,t);return r>260&&u(e,tt,t)<.15&&(r-=260),r>0&&r<170?Math.sin(r/170*Math.PI)**.7:0}function at(s,t){let e=Math.floor(s/1900),o=1790*u(e,L,t+1),r=(s-e*1900-o)/110,a=Math.min(1,Math.max(0,r)),i=k(e-1,t),c=k(e,t);return[i[0]+(c[0]-i[0])*a,i[1]+(c[1]-i[1])*a]}function k(s,t){return u(s,et,t)<.5?[0,0]:[st,ot].map((e,o)=>(u(s,e,t)-.5)*J[o])}function u(s,t,e){let o=Math.sin(s*12.9898+t*78.233+e*37.719+1)*43758.5453;return o-Math.floor(o)}var K=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function V(s,t){return s.reduce((e,o,r)=>e+o*t[r],0)}var it=30,nt=260,ct=0,ht=.999,I=class{#t;#e;#s;#d=matchMedia("(prefers-reduced-motion: reduce)");#r=new Float32Array(15);#a;#i=!0;#l=!0;#n=!1;#p=0;#$=0;#f=-1/0;#c=!1;#h=0;constructor(t,{seed:e=0,element:o,auto:r=!0}={}){this.#t=t,this.#e=e,this.#s=r,o&&(this.#a=new IntersectionObserver(a=>{this.#l=a[a.length-1].isIntersecting,this.#o()}),this.#a.observe(o))}get visible(){return this.#i}set visible(t){this.#i=t,this.#o()}stats(){return{drawn:this.#$}}dispose(){this.#n=!0,this.#a?.disconnect(),this.#o()}update(t=performance.now()){if(this.#n)return;let e=this.#t.face.mouth(this.#r),o=this.#d.matches,r=this.#r[ct]>ht&&(o?"still":"alive"),a=t-this.#f;if(r&&r===this.#c&&(o||a<it))return;this.#c=r;let i=1-Math.exp(-a/nt);this.#h+=(V(K,this.#r)-this.#h)*i,this.#f=t,this.#$++,this.draw(e,this.alive(t,o),t)}draw(t,e,o){}alive(t,e){return e?P:{...T(t,this.#e),energy:this.#h}}wake(){this.#c=!1}begin(){this.update(),this.#o()}#o(){cancelAnimationFrame(this.#p),!(this.#n||!this.#s||!this.#i||!this.#l)&&(this.#p=requestAnimationFrame(t=>{this.#o(),this.update(t)}))}};function Y(s,{blink:t,gaze:[e,o]}){let r=`M-20 1Q0 ${34*t-24} 20 1`;s.set("lash",r),s.set("eye",`${r}Q0 16-20 1`),s.set("iris",`translate(${40*e} ${-40*o})`,"transform")}var d=(s,t)=>`var(--lipwire-${s},${t})`,f=(s,t)=>`color-mix(in srgb,${s},#6a2408 ${t}%)`,M=d("skin","#f7cfae"),Z=d("hair","#4a3227"),G=d("shirt","#24606b"),b=d("lips","#c07a65"),H=s=>`<g transform="translate(${s})"><path data-part="eye" fill="#fffaf3"/>
<g clip-path="url(#ID-eye)"><g data-part="iris"><circle r="11.5" fill="${d("eyes","#3f7a63")}"/>
<circle r="5.6" fill="#1c1820"/><circle cx="4" cy="-4" r="2.6" fill="#fff"/></g></g>
<path data-part="lash" stroke="#2f211c"/></g>`,W=`<clipPath id="ID-eye"><path data-part="eye"/></clipPath>
<clipPath id="ID-mouth"><path data-part="cavity"/></clipPath>
<g fill="none" stroke-width="3" stroke-linecap="round"><path d="M44 412c6-50 60-66 110-76h92c50 10 104 26 110 76Z" fill="${G}"/>
<path d="M156 270v66c6 28 82 28 88 0v-66Z" fill="${f(M,22)}"/>
<path d="M150 336c12 38 88 38 100 0" stroke="${f(G,30)}" stroke-width="9"/>
<g data-part="sway"><path d="M116 176c-32-18-24 60 2 50Zm168 0c32-18 24 60-2 50Z" fill="${f(M,14)}"/>
<g data-part="jaw" stroke="${f(M,35)}"><path d="M113 182c-1-62 29-104 87-104s88 42 87 104c0 68-12 132-87 132s-87-64-87-132Z" fill="${M}" stroke="none"/><path d="M186 291q14 5 28 0"/></g>
<path d="M203 182c2 16 7 28 9 35 1 7-7 11-18 9" stroke="${f(M,35)}"/>
${H("158 186)rotate(5")}${H("242 186)rotate(-5")}
<path data-part="brows" d="M131 158c12-9 32-8 47-3m91 3c-12-9-32-8-47-3" stroke="${Z}" stroke-width="8.5"/>
<g transform="translate(200 258)"><path data-part="cavity" fill="#4a1420"/>
<path data-part="tongue" clip-path="url(#ID-mouth)" fill="#d0666c"/>
<path data-part="low-lip" fill="${b}"/>
<path data-part="teeth" clip-path="url(#ID-mouth)" fill="#fffaf2"/>
<path data-part="lip" fill="${f(b,18)}"/>
<path data-part="seam" stroke="${f(b,50)}" stroke-width="2.2"/></g>
<path d="M107 190c-11-42-9-86 15-112 20-24 54-36 92-34 48 0 86 30 88 82 1 24-2 46-9 64-3-22-7-40-19-62-22 10-60 10-94 0-24-6-44 0-56 18-10 14-14 28-17 44Z" fill="${Z}"/></g></g>`,B=`border-radius:50%;background:radial-gradient(circle at 50% 38%,${d("backdrop","light-dark(#fde3c4,#42636f)")},${d("backdrop-edge","light-dark(#ef9f7b,#1d3440)")})`;function F(s,{width:t,gap:e,round:o,press:r,teeth:a,tongue:i,tuck:c}){let n=e*.16-3.2*(1-o),p=e*-.3,h=e*.7-c*2,l=t-3,m=t*(.62+.16*o),E=(C,j,U)=>{let N=n+(j-n)*1.33;return`C${C} ${N} ${-C} ${N} ${U} ${n}`},x=E(m,p,-l),g=p+Math.min(a*9.5,e*.55)+c*3.5,q=c?Math.max(h,g)+c*4:h;s.set("cavity",`M${l} ${n}${x}${E(-m,q,l)}Z`);let A=a&&m*(1.18-.14*c);s.set("teeth",`M${-A}-30H${A}V${g-3}Q0 ${g+2} ${-A} ${g-3}Z`);let y=h-e*(.3+.42*i),S=t*(.66-.16*i);s.set("tongue",`M${-S} 40C${-S} ${y} ${S} ${y} ${S} 40Z`);let w=t*.26,R=t*.62,$=p-9.5-2.5*o+4.5*r;s.set("lip",`M${-t} ${n}C${-R} ${$+4} ${-w*1.9} ${$} ${-w} ${$}L0 ${$+2} ${w} ${$}C${w*1.9} ${$} ${R} ${$+4} ${t} ${n}L${l} ${n}${x}Z`);let z=h+12.5+3*o-6.5*r-3.5*c,Q=t*(.66+.12*o),v=`L${l} ${n}${E(m,h,-l)}`;s.set("low-lip",`M${-t} ${n}${E(-Q,z,t)}${v}Z`),s.set("seam",`M${l} ${n}${v}`),s.set("seam",`${Math.max(0,1-e/5)}`,"opacity")}var _=class{#t;#e={};constructor(t){this.#t=t}set(t,e,o="d"){let r=e.replace(/(\.\d\d)\d+/g,"$1"),a=t+o;if(this.#e[a]!==r){this.#e[a]=r;for(let i of this.#t.querySelectorAll(`[data-part=${t}]`))i.setAttribute(o,r)}}};var lt=[[32,0,0,0,0,.1],[30,0,0,0,0,1],[32,5,1,0,0,.2,1],[32,10,.9,1],[32,9,.9,.65],[32,12,.6,.3],[24,10,.9,0,.7],[35,7,1,0,0,.1],[32,9,.8,.7],[26,10,.5,.5,.5],[34,32,.7,.25],[37,20,.8,.3],[38,12,.9,.35],[26,27,.25,.15,.7],[17,13,0,.1,1]];function D(s){let[t,e,o,r,a,i,c]=[0,1,2,3,4,5,6].map(n=>lt.reduce((p,h,l)=>p+(h[n]??0)*s[l],0));return{width:t,gap:e,teeth:o,tongue:r,round:a,press:i,tuck:c}}var pt=182,$t=.0032,ft=180/Math.PI,dt=0,O=class extends I{element;#t;#e;constructor(t,e,{label:o="A face whose lips move with the speech",...r}={}){let a=document.createElementNS("http://www.w3.org/2000/svg","svg");super(e,{...r,element:a}),a.setAttribute("viewBox","0 0 400 400"),a.setAttribute("role","img"),a.setAttribute("aria-label",o),a.style.cssText=B,a.innerHTML=W.replaceAll("ID",`lipwire-${++dt}`),t.append(a),this.element=a,this.#t=new _(a),this.begin()}stats(){return{...super.stats(),shape:this.#e}}dispose(){super.dispose(),this.element.remove()}draw({weights:t},e){let{head:o,energy:r}=e,[a,i,c]=o,n=this.#e=D(t);F(this.#t,n),Y(this.#t,e);let p=n.gap*$t;this.#s("jaw",`matrix(1 0 0 ${1+p} 0 ${-pt*p})`),this.#s("brows",`translate(0 ${-3.2*r})`);let h=r*2.4-i*90;this.#s("sway",`translate(${a*40} ${h})rotate(${c*ft} 200 330)`)}#s(t,e){this.#t.set(t,e,"transform")}};export{O as SvgFace,D as mouthShape};
