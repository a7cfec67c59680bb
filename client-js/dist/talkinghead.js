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
var y=[.2,.1],b=5200,E=0,F=1,O=2,V=3,W=4;function S(i,t=0){let s=(i/b+a(0,E,t))*2*Math.PI;return{blink:G(i,t),gaze:Y(i,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)],energy:0}}var _={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function G(i,t){let s=Math.floor(i/4e3),n=i-s*4e3-3570*a(s,E,t);return n>260&&a(s,F,t)<.15&&(n-=260),n>0&&n<170?Math.sin(n/170*Math.PI)**.7:0}function Y(i,t){let s=Math.floor(i/1900),e=1790*a(s,E,t+1),n=(i-s*1900-e)/110,r=Math.min(1,Math.max(0,n)),o=m(s-1,t),c=m(s,t);return[o[0]+(c[0]-o[0])*r,o[1]+(c[1]-o[1])*r]}function m(i,t){return a(i,O,t)<.5?[0,0]:[V,W].map((s,e)=>(a(i,s,t)-.5)*y[e])}function a(i,t,s){let e=Math.sin(i*12.9898+t*78.233+s*37.719+1)*43758.5453;return e-Math.floor(e)}var I=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function l(i,t){return i.reduce((s,e,n)=>s+e*t[n],0)}var B=30,K=260,k=0,z=.999,f=class{#t;#s;#e;#n=matchMedia("(prefers-reduced-motion: reduce)");#r=new Float32Array(15);#o;#h=!0;#l=!0;#a=!1;#f=0;#M=0;#p=-1/0;#c=!1;#u=0;constructor(t,{seed:s=0,element:e,auto:n=!0}={}){this.#t=t,this.#s=s,this.#e=n,e&&(this.#o=new IntersectionObserver(r=>{this.#l=r[r.length-1].isIntersecting,this.#i()}),this.#o.observe(e))}get visible(){return this.#h}set visible(t){this.#h=t,this.#i()}stats(){return{drawn:this.#M}}dispose(){this.#a=!0,this.#o?.disconnect(),this.#i()}update(t=performance.now()){if(this.#a)return;let s=this.#t.face.mouth(this.#r),e=this.#n.matches,n=this.#r[k]>z&&(e?"still":"alive"),r=t-this.#p;if(n&&n===this.#c&&(e||r<B))return;this.#c=n;let o=1-Math.exp(-r/K);this.#u+=(l(I,this.#r)-this.#u)*o,this.#p=t,this.#M++,this.draw(s,this.alive(t,e),t)}draw(t,s,e){}alive(t,s){return s?_:{...S(t,this.#s),energy:this.#u}}wake(){this.#c=!1}begin(){this.update(),this.#i()}#i(){cancelAnimationFrame(this.#f),!(this.#a||!this.#e||!this.#h||!this.#l)&&(this.#f=requestAnimationFrame(t=>{this.#i(),this.update(t)}))}};var P=120,M=["happy","sad","surprised","thoughtful","angry"],g=[[0,0,0,160],[0,-80,0,160],[0,0,0,60],[0,-70,40,40,-40],[0,20,0,35]],p=class extends f{#t;#s;#e=Array(M.length+g.length).fill(0);#n=-1/0;constructor(t,s){super(t,s),this.#t=t}update(t=performance.now()){let{pose:s}=this.#t.face;s!==this.#s&&this.wake(),this.#s=s,super.update(t)}alive(t,s){let e=super.alive(t,s),n=s?1/0:t-this.#n;if(this.#n=t,!this.#s)return e;let{emotion:r,gaze:o,head:c}=this.#s,N=[...M.map(h=>+(h===r)),...o,...c],A=Math.exp(-n/P);this.#e=N.map((h,u)=>h+(this.#e[u]-h)*A);let d=this.#e.slice(0,M.length),R=this.#e.slice(M.length),[x,v,T,w,C]=[...e.gaze,...e.head].map((h,u)=>h+(R[u]+l(g[u],d))/1e3);return{...e,gaze:[x,v],head:[T,w,C],emotion:r,feelings:d}}};var H=["sil","PP","FF","TH","DD","kk","CH","SS","nn","RR","aa","E","I","O","U"],L=class extends p{#t;#s;constructor(t,s,e){super(s,e),this.#t=t,this.begin()}draw({weights:t},{emotion:s}){s&&s!==this.#s&&this.#e(this.#s=s);for(let[e,n]of H.entries()){let r=this.#t.mtAvatar[`viseme_${n}`];!r||t[e]===0&&r.value===0||(r.newvalue=t[e],r.needsUpdate=!0)}}#e(t){let{animMoods:s={}}=this.#t;this.#t.setMood?.(t in s?t:"neutral")}};export{L as TalkingHeadFace};
