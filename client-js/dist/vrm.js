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
var V=[.2,.1],v=5200,S=0,G=1,W=2,B=3,F=4;function g(n,t=0){let s=(n/v+u(0,S,t))*2*Math.PI;return{blink:Y(n,t),gaze:k(n,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)],energy:0}}var I={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function Y(n,t){let s=Math.floor(n/4e3),i=n-s*4e3-3570*u(s,S,t);return i>260&&u(s,G,t)<.15&&(i-=260),i>0&&i<170?Math.sin(i/170*Math.PI)**.7:0}function k(n,t){let s=Math.floor(n/1900),e=1790*u(s,S,t+1),i=(n-s*1900-e)/110,o=Math.min(1,Math.max(0,i)),r=_(s-1,t),a=_(s,t);return[r[0]+(a[0]-r[0])*o,r[1]+(a[1]-r[1])*o]}function _(n,t){return u(n,W,t)<.5?[0,0]:[B,F].map((s,e)=>(u(n,s,t)-.5)*V[e])}function u(n,t,s){let e=Math.sin(n*12.9898+t*78.233+s*37.719+1)*43758.5453;return e-Math.floor(e)}var x={aa:[0,0,0,0,0,0,0,0,0,0,1],ih:[0,0,.15,.25,.3,0,0,.35,.3,0,0,0,1],ou:[0,0,0,0,0,0,.45,0,0,.35,0,0,0,0,1],ee:[0,0,0,0,0,.3,0,0,0,0,0,1],oh:[0,0,0,0,0,0,0,0,0,0,0,0,0,1]},L=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function l(n,t){return n.reduce((s,e,i)=>s+e*t[i],0)}var z=30,K=260,P=0,D=.999,d=class{#e;#t;#s;#i=matchMedia("(prefers-reduced-motion: reduce)");#o=new Float32Array(15);#r;#h=!0;#l=!0;#a=!1;#p=0;#M=0;#d=-1/0;#c=!1;#u=0;constructor(t,{seed:s=0,element:e,auto:i=!0}={}){this.#e=t,this.#t=s,this.#s=i,e&&(this.#r=new IntersectionObserver(o=>{this.#l=o[o.length-1].isIntersecting,this.#n()}),this.#r.observe(e))}get visible(){return this.#h}set visible(t){this.#h=t,this.#n()}stats(){return{drawn:this.#M}}dispose(){this.#a=!0,this.#r?.disconnect(),this.#n()}update(t=performance.now()){if(this.#a)return;let s=this.#e.face.mouth(this.#o),e=this.#i.matches,i=this.#o[P]>D&&(e?"still":"alive"),o=t-this.#d;if(i&&i===this.#c&&(e||o<z))return;this.#c=i;let r=1-Math.exp(-o/K);this.#u+=(l(L,this.#o)-this.#u)*r,this.#d=t,this.#M++,this.draw(s,this.alive(t,e),t)}draw(t,s,e){}alive(t,s){return s?I:{...g(t,this.#t),energy:this.#u}}wake(){this.#c=!1}begin(){this.update(),this.#n()}#n(){cancelAnimationFrame(this.#p),!(this.#a||!this.#s||!this.#h||!this.#l)&&(this.#p=requestAnimationFrame(t=>{this.#n(),this.update(t)}))}};var q=120,f=["happy","sad","surprised","thoughtful","angry"],N=[[0,0,0,160],[0,-80,0,160],[0,0,0,60],[0,-70,40,40,-40],[0,20,0,35]],E=class extends d{#e;#t;#s=Array(f.length+N.length).fill(0);#i=-1/0;constructor(t,s){super(t,s),this.#e=t}update(t=performance.now()){let{pose:s}=this.#e.face;s!==this.#t&&this.wake(),this.#t=s,super.update(t)}alive(t,s){let e=super.alive(t,s),i=s?1/0:t-this.#i;if(this.#i=t,!this.#t)return e;let{emotion:o,gaze:r,head:a}=this.#t,m=[...f.map(c=>+(c===o)),...r,...a],p=Math.exp(-i/q);this.#s=m.map((c,M)=>c+(this.#s[M]-c)*p);let h=this.#s.slice(0,f.length),w=this.#s.slice(f.length),[T,y,C,O,b]=[...e.gaze,...e.head].map((c,M)=>c+(w[M]+l(N[M],h))/1e3);return{...e,gaze:[T,y],head:[C,O,b],emotion:o,feelings:h}}};var H={happy:[.6],sad:[0,.6],surprised:[0,0,.6],relaxed:[0,0,0,.3],angry:[0,0,0,0,.6]},A=180/Math.PI,j=.04,R=class extends E{#e;#t;#s;constructor(t,s,{head:e=!0,...i}={}){if(super(s,i),!t.expressionManager)throw new TypeError("the VRM has no expressions");this.#e=t,this.#t=t.expressionManager,this.#s=e?t.humanoid?.getNormalizedBoneNode("head"):void 0,this.begin()}draw({weights:t},{blink:s,gaze:[e,i],head:[o,r,a],energy:m,feelings:p}){this.#i(x,t),p&&this.#i(H,p),this.#t.setValue("blink",s);let{lookAt:h}=this.#e;h&&!h.target&&(h.yaw=e*A,h.pitch=-i*A),this.#s?.rotation.set(j*m-r,o,-a)}#i(t,s){for(let[e,i]of Object.entries(t))this.#t.setValue(e,l(i,s))}};export{R as VrmFace};
