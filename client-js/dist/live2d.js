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
var A=[.2,.1],g=5200,_=0,R=1,T=2,x=3,C=4;function f(i,t=0){let s=(i/g+c(0,_,t))*2*Math.PI;return{blink:P(i,t),gaze:Y(i,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)],energy:0}}var S={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function P(i,t){let s=Math.floor(i/4e3),e=i-s*4e3-3570*c(s,_,t);return e>260&&c(s,R,t)<.15&&(e-=260),e>0&&e<170?Math.sin(e/170*Math.PI)**.7:0}function Y(i,t){let s=Math.floor(i/1900),n=1790*c(s,_,t+1),e=(i-s*1900-n)/110,o=Math.min(1,Math.max(0,e)),r=m(s-1,t),E=m(s,t);return[r[0]+(E[0]-r[0])*o,r[1]+(E[1]-r[1])*o]}function m(i,t){return c(i,T,t)<.5?[0,0]:[x,C].map((s,n)=>(c(i,s,t)-.5)*A[n])}function c(i,t,s){let n=Math.sin(i*12.9898+t*78.233+s*37.719+1)*43758.5453;return n-Math.floor(n)}var u=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25],I=[0,-.1,.1,.1,.2,.1,-.5,.4,.2,-.4,.1,.5,.9,-.6,-1];function h(i,t){return i.reduce((s,n,e)=>s+n*t[e],0)}var F=30,G=260,b=0,w=.999,M=class{#t;#a;#c;#l=matchMedia("(prefers-reduced-motion: reduce)");#n=new Float32Array(15);#e;#i=!0;#h=!0;#o=!1;#E=0;#u=0;#M=Number.NEGATIVE_INFINITY;#_=!1;#r=0;constructor(t,{seed:s=0,element:n,auto:e=!0}={}){this.#t=t,this.#a=s,this.#c=e,n&&(this.#e=new IntersectionObserver(o=>{this.#h=o[o.length-1].isIntersecting,this.#s()}),this.#e.observe(n))}get visible(){return this.#i}set visible(t){this.#i=t,this.#s()}stats(){return{drawn:this.#u}}dispose(){this.#o=!0,this.#e?.disconnect(),this.#s()}update(t=performance.now()){if(this.#o)return;let s=this.#t.face.mouth(this.#n),n=this.#l.matches,e=this.#n[b]>w&&(n?"still":"alive"),o=t-this.#M;if(e&&e===this.#_&&(n||o<F))return;this.#_=e;let r=1-Math.exp(-o/G);this.#r+=(h(u,this.#n)-this.#r)*r,this.#M=t,this.#u++,this.draw(s,n?S:{...f(t,this.#a),energy:this.#r},t)}draw(t,s,n){}begin(){this.update(),this.#s()}#s(){cancelAnimationFrame(this.#E),!(this.#o||!this.#c||!this.#i||!this.#h)&&(this.#E=requestAnimationFrame(t=>{this.#s(),this.update(t)}))}};var l=180/Math.PI,p=.3,O=4,L=class extends M{#t;constructor(t,s,n){super(s,n),this.#t=typeof t=="function"?t:(e,o)=>t[e]?.(o),this.begin()}draw({weights:t},{blink:s,gaze:[n,e],head:[o,r,E],energy:N}){let a=this.#t;a("ParamMouthOpenY",h(u,t)),a("ParamMouthForm",h(I,t));for(let d of"LR")a(`ParamEye${d}Open`,1-s);a("ParamEyeBallX",n/p),a("ParamEyeBallY",e/p),a("ParamAngleX",o*l),a("ParamAngleY",r*l-O*N),a("ParamAngleZ",E*l)}};export{L as Live2dFace};
