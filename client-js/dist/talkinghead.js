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
var m=[.2,.1],I=5200,a=0,d=1,p=2,N=3,L=4;function M(i,t=0){let s=(i/I+c(0,a,t))*2*Math.PI;return{blink:A(i,t),gaze:R(i,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)],energy:0}}var _={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function A(i,t){let s=Math.floor(i/4e3),n=i-s*4e3-3570*c(s,a,t);return n>260&&c(s,d,t)<.15&&(n-=260),n>0&&n<170?Math.sin(n/170*Math.PI)**.7:0}function R(i,t){let s=Math.floor(i/1900),e=1790*c(s,a,t+1),n=(i-s*1900-e)/110,o=Math.min(1,Math.max(0,n)),r=E(s-1,t),u=E(s,t);return[r[0]+(u[0]-r[0])*o,r[1]+(u[1]-r[1])*o]}function E(i,t){return c(i,p,t)<.5?[0,0]:[N,L].map((s,e)=>(c(i,s,t)-.5)*m[e])}function c(i,t,s){let e=Math.sin(i*12.9898+t*78.233+s*37.719+1)*43758.5453;return e-Math.floor(e)}var S=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function f(i,t){return i.reduce((s,e,n)=>s+e*t[n],0)}var T=30,C=260,g=0,x=.999,h=class{#t;#c;#h;#S=matchMedia("(prefers-reduced-motion: reduce)");#e=new Float32Array(15);#n;#i=!0;#a=!0;#o=!1;#u=0;#E=0;#M=Number.NEGATIVE_INFINITY;#_=!1;#r=0;constructor(t,{seed:s=0,element:e,auto:n=!0}={}){this.#t=t,this.#c=s,this.#h=n,e&&(this.#n=new IntersectionObserver(o=>{this.#a=o[o.length-1].isIntersecting,this.#s()}),this.#n.observe(e))}get visible(){return this.#i}set visible(t){this.#i=t,this.#s()}stats(){return{drawn:this.#E}}dispose(){this.#o=!0,this.#n?.disconnect(),this.#s()}update(t=performance.now()){if(this.#o)return;let s=this.#t.face.mouth(this.#e),e=this.#S.matches,n=this.#e[g]>x&&(e?"still":"alive"),o=t-this.#M;if(n&&n===this.#_&&(e||o<T))return;this.#_=n;let r=1-Math.exp(-o/C);this.#r+=(f(S,this.#e)-this.#r)*r,this.#M=t,this.#E++,this.draw(s,e?_:{...M(t,this.#c),energy:this.#r},t)}draw(t,s,e){}begin(){this.update(),this.#s()}#s(){cancelAnimationFrame(this.#u),!(this.#o||!this.#h||!this.#i||!this.#a)&&(this.#u=requestAnimationFrame(t=>{this.#s(),this.update(t)}))}};var v=["sil","PP","FF","TH","DD","kk","CH","SS","nn","RR","aa","E","I","O","U"],l=class extends h{#t;constructor(t,s,e){super(s,e),this.#t=t,this.begin()}draw({weights:t}){for(let[s,e]of v.entries()){let n=this.#t.mtAvatar[`viseme_${e}`];!n||t[s]===0&&n.value===0||(n.newvalue=t[s],n.needsUpdate=!0)}}};export{l as TalkingHeadFace};
