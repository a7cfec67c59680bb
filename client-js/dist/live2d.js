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
var A=[.2,.1],g=5200,_=0,R=1,T=2,x=3,C=4;function f(i,t=0){let n=(i/g+c(0,_,t))*2*Math.PI;return{blink:P(i,t),gaze:Y(i,t),head:[.03*Math.sin(n*.7)+.015*Math.sin(n*1.9),.014*Math.sin(n*1.3),.016*Math.sin(n)],energy:0}}var S={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function P(i,t){let n=Math.floor(i/4e3),e=i-n*4e3-3570*c(n,_,t);return e>260&&c(n,R,t)<.15&&(e-=260),e>0&&e<170?Math.sin(e/170*Math.PI)**.7:0}function Y(i,t){let n=Math.floor(i/1900),s=1790*c(n,_,t+1),e=(i-n*1900-s)/110,o=Math.min(1,Math.max(0,e)),r=l(n-1,t),E=l(n,t);return[r[0]+(E[0]-r[0])*o,r[1]+(E[1]-r[1])*o]}function l(i,t){return c(i,T,t)<.5?[0,0]:[x,C].map((n,s)=>(c(i,n,t)-.5)*A[s])}function c(i,t,n){let s=Math.sin(i*12.9898+t*78.233+n*37.719+1)*43758.5453;return s-Math.floor(s)}var u=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25],I=[0,-.1,.1,.1,.2,.1,-.5,.4,.2,-.4,.1,.5,.9,-.6,-1];function h(i,t){return i.reduce((n,s,e)=>n+s*t[e],0)}var F=30,G=260,b=0,w=.999,M=class{#t;#a;#c;#m=matchMedia("(prefers-reduced-motion: reduce)");#s=new Float32Array(15);#i;#e=!0;#h=!0;#o=!1;#E=0;#u=0;#M=Number.NEGATIVE_INFINITY;#_=!1;#r=0;constructor(t,{seed:n=0,element:s,auto:e=!0}={}){this.#t=t,this.#a=n,this.#c=e,s&&(this.#i=new IntersectionObserver(o=>{this.#h=o[o.length-1].isIntersecting,this.#n()}),this.#i.observe(s))}get visible(){return this.#e}set visible(t){this.#e=t,this.#n()}stats(){return{drawn:this.#u}}dispose(){this.#o=!0,this.#i?.disconnect(),this.#n()}update(t=performance.now()){if(this.#o)return;let n=this.#t.face.mouth(this.#s),s=this.#m.matches,e=this.#s[b]>w,o=t-this.#M;if(e&&(s?this.#_:o<F))return;this.#_=e&&s;let r=1-Math.exp(-o/G);this.#r+=(h(u,this.#s)-this.#r)*r,this.#M=t,this.#u++,this.draw(n,s?S:{...f(t,this.#a),energy:this.#r},t)}draw(t,n,s){}begin(){this.update(),this.#n()}#n(){cancelAnimationFrame(this.#E),!(this.#o||!this.#c||!this.#e||!this.#h)&&(this.#E=requestAnimationFrame(t=>{this.#n(),this.update(t)}))}};var m=180/Math.PI,p=.3,O=4,L=class extends M{#t;constructor(t,n,s){super(n,s),this.#t=typeof t=="function"?t:(e,o)=>t[e]?.(o),this.begin()}draw({weights:t},{blink:n,gaze:[s,e],head:[o,r,E],energy:N}){let a=this.#t;a("ParamMouthOpenY",h(u,t)),a("ParamMouthForm",h(I,t));for(let d of"LR")a(`ParamEye${d}Open`,1-n);a("ParamEyeBallX",s/p),a("ParamEyeBallY",e/p),a("ParamAngleX",o*m),a("ParamAngleY",r*m-O*N),a("ParamAngleZ",E*m)}};export{L as Live2dFace};
