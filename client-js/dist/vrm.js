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
var g=[.2,.1],x=5200,M=0,A=1,R=2,T=3,w=4;function f(n,t=0){let s=(n/x+h(0,M,t))*2*Math.PI;return{blink:C(n,t),gaze:V(n,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)],energy:0}}var l={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function C(n,t){let s=Math.floor(n/4e3),i=n-s*4e3-3570*h(s,M,t);return i>260&&h(s,A,t)<.15&&(i-=260),i>0&&i<170?Math.sin(i/170*Math.PI)**.7:0}function V(n,t){let s=Math.floor(n/1900),e=1790*h(s,M,t+1),i=(n-s*1900-e)/110,o=Math.min(1,Math.max(0,i)),r=_(s-1,t),a=_(s,t);return[r[0]+(a[0]-r[0])*o,r[1]+(a[1]-r[1])*o]}function _(n,t){return h(n,R,t)<.5?[0,0]:[T,w].map((s,e)=>(h(n,s,t)-.5)*g[e])}function h(n,t,s){let e=Math.sin(n*12.9898+t*78.233+s*37.719+1)*43758.5453;return e-Math.floor(e)}var d={aa:[0,0,0,0,0,0,0,0,0,0,1],ih:[0,0,.15,.25,.3,0,0,.35,.3,0,0,0,1],ou:[0,0,0,0,0,0,.45,0,0,.35,0,0,0,0,1],ee:[0,0,0,0,0,.3,0,0,0,0,0,1],oh:[0,0,0,0,0,0,0,0,0,0,0,0,0,1]},S=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function u(n,t){return n.reduce((s,e,i)=>s+e*t[i],0)}var b=30,G=260,Y=0,B=.999,E=class{#s;#t;#e;#f=matchMedia("(prefers-reduced-motion: reduce)");#n=new Float32Array(15);#o;#r=!0;#c=!0;#h=!1;#u=0;#E=0;#M=Number.NEGATIVE_INFINITY;#_=!1;#a=0;constructor(t,{seed:s=0,element:e,auto:i=!0}={}){this.#s=t,this.#t=s,this.#e=i,e&&(this.#o=new IntersectionObserver(o=>{this.#c=o[o.length-1].isIntersecting,this.#i()}),this.#o.observe(e))}get visible(){return this.#r}set visible(t){this.#r=t,this.#i()}stats(){return{drawn:this.#E}}dispose(){this.#h=!0,this.#o?.disconnect(),this.#i()}update(t=performance.now()){if(this.#h)return;let s=this.#s.face.mouth(this.#n),e=this.#f.matches,i=this.#n[Y]>B&&(e?"still":"alive"),o=t-this.#M;if(i&&i===this.#_&&(e||o<b))return;this.#_=i;let r=1-Math.exp(-o/G);this.#a+=(u(S,this.#n)-this.#a)*r,this.#M=t,this.#E++,this.draw(s,e?l:{...f(t,this.#t),energy:this.#a},t)}draw(t,s,e){}begin(){this.update(),this.#i()}#i(){cancelAnimationFrame(this.#u),!(this.#h||!this.#e||!this.#r||!this.#c)&&(this.#u=requestAnimationFrame(t=>{this.#i(),this.update(t)}))}};var p=180/Math.PI,F=.04,I=class extends E{#s;#t;#e;constructor(t,s,{head:e=!0,...i}={}){if(super(s,i),!t.expressionManager)throw new TypeError("the VRM has no expressions");this.#s=t,this.#t=t.expressionManager,this.#e=e?t.humanoid?.getNormalizedBoneNode("head"):void 0,this.begin()}draw({weights:t},{blink:s,gaze:[e,i],head:[o,r,a],energy:m}){for(let[N,L]of Object.entries(d))this.#t.setValue(N,u(L,t));this.#t.setValue("blink",s);let{lookAt:c}=this.#s;c&&!c.target&&(c.yaw=e*p,c.pitch=-i*p),this.#e?.rotation.set(F*m-r,o,-a)}};export{I as VrmFace};
