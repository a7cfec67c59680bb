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
var I={jawOpen:[0,.05,.06,.15,.16,.22,.12,.06,.18,.18,.6,.36,.16,.4,.14],mouthClose:[0,.05],mouthFunnel:[0,0,0,0,0,0,.55,0,0,.3,0,0,0,.55,.35],mouthPucker:[0,0,0,0,0,0,.3,0,0,.3,0,0,0,.25,.75],mouthRollLower:[0,.3,.45],mouthRollUpper:[0,.3],mouthShrugLower:[0,0,.35],mouthPress_:[0,.45],mouthStretch_:[0,0,0,0,0,0,0,.25,0,0,0,.22,.3],mouthSmile_:[0,0,0,0,0,0,0,0,0,0,0,.12,.28],mouthLowerDown_:[0,0,0,.15,.15,.15,0,.25,.12,0,.2,.2,.18],mouthUpperUp_:[0,0,.25,.12,.1,.08,0,.2,.08,0,.12,.12,.1],tongueOut:[0,0,0,.45,.08,0,0,0,.1]},E=Object.fromEntries(Object.entries(I).flatMap(([o,t])=>(o.endsWith("_")?["Left","Right"].map(e=>o.slice(0,-1)+e):[o]).map(e=>[e,t])));var L=[.2,.1],d=5200,m=0,N=1,A=2,R=3,g=4;function M(o,t=0){let s=(o/d+h(0,m,t))*2*Math.PI;return{blink:T(o,t),gaze:w(o,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)],energy:0}}var l={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function T(o,t){let s=Math.floor(o/4e3),n=o-s*4e3-3570*h(s,m,t);return n>260&&h(s,N,t)<.15&&(n-=260),n>0&&n<170?Math.sin(n/170*Math.PI)**.7:0}function w(o,t){let s=Math.floor(o/1900),e=1790*h(s,m,t+1),n=(o-s*1900-e)/110,i=Math.min(1,Math.max(0,n)),r=_(s-1,t),c=_(s,t);return[r[0]+(c[0]-r[0])*i,r[1]+(c[1]-r[1])*i]}function _(o,t){return h(o,A,t)<.5?[0,0]:[R,g].map((s,e)=>(h(o,s,t)-.5)*L[e])}function h(o,t,s){let e=Math.sin(o*12.9898+t*78.233+s*37.719+1)*43758.5453;return e-Math.floor(e)}var f=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function a(o,t){return o.reduce((s,e,n)=>s+e*t[n],0)}var x=30,b=260,C=0,O=.999,u=class{#t;#h;#c;#M=matchMedia("(prefers-reduced-motion: reduce)");#e=new Float32Array(15);#o;#n=!0;#a=!0;#i=!1;#u=0;#m=0;#E=Number.NEGATIVE_INFINITY;#_=!1;#r=0;constructor(t,{seed:s=0,element:e,auto:n=!0}={}){this.#t=t,this.#h=s,this.#c=n,e&&(this.#o=new IntersectionObserver(i=>{this.#a=i[i.length-1].isIntersecting,this.#s()}),this.#o.observe(e))}get visible(){return this.#n}set visible(t){this.#n=t,this.#s()}stats(){return{drawn:this.#m}}dispose(){this.#i=!0,this.#o?.disconnect(),this.#s()}update(t=performance.now()){if(this.#i)return;let s=this.#t.face.mouth(this.#e),e=this.#M.matches,n=this.#e[C]>O&&(e?"still":"alive"),i=t-this.#E;if(n&&n===this.#_&&(e||i<x))return;this.#_=n;let r=1-Math.exp(-i/b);this.#r+=(a(f,this.#e)-this.#r)*r,this.#E=t,this.#m++,this.draw(s,e?l:{...M(t,this.#h),energy:this.#r},t)}draw(t,s,e){}begin(){this.update(),this.#s()}#s(){cancelAnimationFrame(this.#u),!(this.#i||!this.#c||!this.#n||!this.#a)&&(this.#u=requestAnimationFrame(t=>{this.#s(),this.update(t)}))}};var p=class extends u{#t;constructor(t,s,e){super(t,e),this.#t=s,this.begin()}draw({weights:t,utterance:s,sample:e},n,i){this.#t({...n,weights:t,get arkit(){let r=Object.entries(E);return Object.fromEntries(r.map(([c,S])=>[c,a(S,t)]))},speaking:s!==void 0,utterance:s,sample:e,now:i})}};export{p as Puppet};
