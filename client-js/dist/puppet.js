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
var W=[.2,.1];function d(i,t=0){let e=(i/5200+c(0,0,t))*2*Math.PI;return{blink:C(i,t),gaze:y(i,t),head:[.03*Math.sin(e*.7)+.015*Math.sin(e*1.9),.014*Math.sin(e*1.3),.016*Math.sin(e)],energy:0}}var g={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function C(i,t){let e=Math.floor(i/4e3),n=i-e*4e3-3570*c(e,0,t);return n>260&&c(e,1,t)<.15&&(n-=260),n>0&&n<170?Math.sin(n/170*Math.PI)**.7:0}function y(i,t){let e=Math.floor(i/1900),s=1790*c(e,0,t+1),n=(i-e*1900-s)/110,o=Math.min(1,Math.max(0,n)),r=E(e-1,t);return E(e,t).map((u,l)=>r[l]+(u-r[l])*o)}function E(i,t){return c(i,2,t)<.5?[0,0]:[3,4].map((e,s)=>(c(i,e,t)-.5)*W[s])}function c(i,t,e){let s=Math.sin(i*12.9+t*78.2+e*37.7+1)*4e4;return s-Math.floor(s)}var L=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function a(i,t){return i.reduce((e,s,n)=>e+s*t[n],0)}var F=30,v=260,V=0,k=.999,_=class{#t;#e;#s;#i=matchMedia("(prefers-reduced-motion: reduce)");#o=new Float32Array(15);#r;#h=!0;#m=!0;#c=!1;#l=0;#p=0;#_=-1/0;#a=!1;#u=0;constructor(t,{seed:e=0,element:s,auto:n=!0}={}){this.#t=t,this.#e=e,this.#s=n,s&&(this.#r=new IntersectionObserver(o=>{this.#m=o[o.length-1].isIntersecting,this.#n()}),this.#r.observe(s))}get visible(){return this.#h}set visible(t){this.#h=t,this.#n()}stats(){return{drawn:this.#p}}dispose(){this.#c=!0,this.#r?.disconnect(),this.#n()}update(t=performance.now()){if(this.#c)return;let e=this.#t.face.mouth(this.#o),s=this.#i.matches,n=this.#o[V]>k&&(s?"still":"alive"),o=t-this.#_;if(n&&n===this.#a&&(s||o<F))return;this.#a=n;let r=1-Math.exp(-o/v);this.#u+=(a(L,this.#o)-this.#u)*r,this.#_=t,this.#p++,this.draw(e,this.alive(t,s),t)}draw(t,e,s){}alive(t,e){return e?g:{...d(t,this.#e),energy:this.#u}}wake(){this.#a=!1}begin(){this.update(),this.#n()}#n(){cancelAnimationFrame(this.#l),!(this.#c||!this.#s||!this.#h||!this.#m)&&(this.#l=requestAnimationFrame(t=>{this.#n(),this.update(t)}))}};var G=120,f=["happy","sad","surprised","thoughtful","angry"],I=[[0,0,0,160],[0,-80,0,160],[0,0,0,60],[0,-70,40,40,-40],[0,20,0,35]],S=class extends _{#t;#e;#s=Array(f.length+I.length).fill(0);#i=-1/0;constructor(t,e){super(t,e),this.#t=t}update(t=performance.now()){let{pose:e}=this.#t.face;e!==this.#e&&this.wake(),this.#e=e,super.update(t)}alive(t,e){let s=super.alive(t,e),n=e?1/0:t-this.#i;if(this.#i=t,!this.#e)return s;let{emotion:o,gaze:r,head:m}=this.#e,u=[...f.map(h=>+(h===o)),...r,...m],l=Math.exp(-n/G);this.#s=u.map((h,p)=>h+(this.#s[p]-h)*l);let M=this.#s.slice(0,f.length),N=this.#s.slice(f.length),[R,x,T,b,O]=[...s.gaze,...s.head].map((h,p)=>h+(N[p]+a(I[p],M))/1e3);return{...s,gaze:[R,x],head:[T,b,O],emotion:o,feelings:M}}};var K={jawOpen:[0,.05,.06,.15,.16,.22,.12,.06,.18,.18,.6,.36,.16,.4,.14],mouthClose:[0,.05],mouthFunnel:[0,0,0,0,0,0,.55,0,0,.3,0,0,0,.55,.35],mouthPucker:[0,0,0,0,0,0,.3,0,0,.3,0,0,0,.25,.75],mouthRollLower:[0,.3,.45],mouthRollUpper:[0,.3],mouthShrugLower:[0,0,.35],mouthPress_:[0,.45],mouthStretch_:[0,0,0,0,0,0,0,.25,0,0,0,.22,.3],mouthSmile_:[0,0,0,0,0,0,0,0,0,0,0,.12,.28],mouthLowerDown_:[0,0,0,.15,.15,.15,0,.25,.12,0,.2,.2,.18],mouthUpperUp_:[0,0,.25,.12,.1,.08,0,.2,.08,0,.12,.12,.1],tongueOut:[0,0,0,.45,.08,0,0,0,.1]};var w=Y(K);function Y(i){return Object.fromEntries(Object.entries(i).flatMap(([t,e])=>(t.endsWith("_")?["Left","Right"].map(n=>t.slice(0,-1)+n):[t]).map(n=>[n,e])))}var A=class extends S{#t;constructor(t,e,s){super(t,s),this.#t=e,this.begin()}draw({weights:t,utterance:e,sample:s},n,o){this.#t({...n,weights:t,get arkit(){let r=Object.entries(w);return Object.fromEntries(r.map(([m,u])=>[m,a(u,t)]))},speaking:e!==void 0,utterance:e,sample:s,now:o})}};export{A as Puppet};
