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
var W=[.2,.1];function _(n,t=0){let e=(n/5200+u(0,0,t))*2*Math.PI;return{blink:b(n,t),gaze:V(n,t),head:[.03*Math.sin(e*.7)+.015*Math.sin(e*1.9),.014*Math.sin(e*1.3),.016*Math.sin(e)],energy:0}}var g={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function b(n,t){let e=Math.floor(n/4e3),i=n-e*4e3-3570*u(e,0,t);return i>260&&u(e,1,t)<.15&&(i-=260),i>0&&i<170?Math.sin(i/170*Math.PI)**.7:0}function V(n,t){let e=Math.floor(n/1900),s=1790*u(e,0,t+1),i=(n-e*1900-s)/110,o=Math.min(1,Math.max(0,i)),r=m(e-1,t);return m(e,t).map((p,h)=>r[h]+(p-r[h])*o)}function m(n,t){return u(n,2,t)<.5?[0,0]:[3,4].map((e,s)=>(u(n,e,t)-.5)*W[s])}function u(n,t,e){let s=Math.sin(n*12.9+t*78.2+e*37.7+1)*4e4;return s-Math.floor(s)}var I={aa:[0,0,0,0,0,0,0,0,0,0,1],ih:[0,0,.15,.25,.3,0,0,.35,.3,0,0,0,1],ou:[0,0,0,0,0,0,.45,0,0,.35,0,0,0,0,1],ee:[0,0,0,0,0,.3,0,0,0,0,0,1],oh:[0,0,0,0,0,0,0,0,0,0,0,0,0,1]},L=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function l(n,t){return n.reduce((e,s,i)=>e+s*t[i],0)}var v=30,G=260,Y=0,B=.999,f=class{#s;#t;#e;#i=matchMedia("(prefers-reduced-motion: reduce)");#o=new Float32Array(15);#r;#h=!0;#l=!0;#a=!1;#p=0;#M=0;#d=-1/0;#c=!1;#u=0;constructor(t,{seed:e=0,element:s,auto:i=!0}={}){this.#s=t,this.#t=e,this.#e=i,s&&(this.#r=new IntersectionObserver(o=>{this.#l=o[o.length-1].isIntersecting,this.#n()}),this.#r.observe(s))}get visible(){return this.#h}set visible(t){this.#h=t,this.#n()}stats(){return{drawn:this.#M}}dispose(){this.#a=!0,this.#r?.disconnect(),this.#n()}update(t=performance.now()){if(this.#a)return;let e=this.#s.face.mouth(this.#o),s=this.#i.matches,i=this.#o[Y]>B&&(s?"still":"alive"),o=t-this.#d;if(i&&i===this.#c&&(s||o<v))return;this.#c=i;let r=1-Math.exp(-o/G);this.#u+=(l(L,this.#o)-this.#u)*r,this.#d=t,this.#M++,this.draw(e,this.alive(t,s),t)}draw(t,e,s){}alive(t,e){return e?g:{..._(t,this.#t),energy:this.#u}}wake(){this.#c=!1}begin(){this.update(),this.#n()}#n(){cancelAnimationFrame(this.#p),!(this.#a||!this.#e||!this.#h||!this.#l)&&(this.#p=requestAnimationFrame(t=>{this.#n(),this.update(t)}))}};var F=120,E=["happy","sad","surprised","thoughtful","angry"],N=[[0,0,0,160],[0,-80,0,160],[0,0,0,60],[0,-70,40,40,-40],[0,20,0,35]],S=class extends f{#s;#t;#e=Array(E.length+N.length).fill(0);#i=-1/0;constructor(t,e){super(t,e),this.#s=t}update(t=performance.now()){let{pose:e}=this.#s.face;e!==this.#t&&this.wake(),this.#t=e,super.update(t)}alive(t,e){let s=super.alive(t,e),i=e?1/0:t-this.#i;if(this.#i=t,!this.#t)return s;let{emotion:o,gaze:r,head:M}=this.#t,p=[...E.map(c=>+(c===o)),...r,...M],h=Math.exp(-i/F);this.#e=p.map((c,d)=>c+(this.#e[d]-c)*h);let a=this.#e.slice(0,E.length),w=this.#e.slice(E.length),[R,T,y,C,O]=[...s.gaze,...s.head].map((c,d)=>c+(w[d]+l(N[d],a))/1e3);return{...s,gaze:[R,T],head:[y,C,O],emotion:o,feelings:a}}};var k={happy:[.6],sad:[0,.6],surprised:[0,0,.6],relaxed:[0,0,0,.3],angry:[0,0,0,0,.6]},x=180/Math.PI,z=.04,A=class extends S{#s;#t;#e;constructor(t,e,{head:s=!0,...i}={}){if(super(e,i),!t.expressionManager)throw new TypeError("the VRM has no expressions");this.#s=t,this.#t=t.expressionManager,this.#e=s?t.humanoid?.getNormalizedBoneNode("head"):void 0,this.begin()}draw({weights:t},{blink:e,gaze:[s,i],head:[o,r,M],energy:p,feelings:h}){this.#i(I,t),h&&this.#i(k,h),this.#t.setValue("blink",e);let{lookAt:a}=this.#s;a&&!a.target&&(a.yaw=s*x,a.pitch=-i*x),this.#e?.rotation.set(z*p-r,o,-M)}#i(t,e){for(let[s,i]of Object.entries(t))this.#t.setValue(s,l(i,e))}};export{A as VrmFace};
