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
var C=[.2,.1];function _(i,t=0){let s=(i/5200+a(0,0,t))*2*Math.PI;return{blink:W(i,t),gaze:y(i,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)],energy:0}}var I={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function W(i,t){let s=Math.floor(i/4e3),n=i-s*4e3-3570*a(s,0,t);return n>260&&a(s,1,t)<.15&&(n-=260),n>0&&n<170?Math.sin(n/170*Math.PI)**.7:0}function y(i,t){let s=Math.floor(i/1900),e=1790*a(s,0,t+1),n=(i-s*1900-e)/110,o=Math.min(1,Math.max(0,n)),r=m(s-1,t);return m(s,t).map((E,c)=>r[c]+(E-r[c])*o)}function m(i,t){return a(i,2,t)<.5?[0,0]:[3,4].map((s,e)=>(a(i,s,t)-.5)*C[e])}function a(i,t,s){let e=Math.sin(i*12.9+t*78.2+s*37.7+1)*4e4;return e-Math.floor(e)}var g=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25];function l(i,t){return i.reduce((s,e,n)=>s+e*t[n],0)}var b=30,F=260,O=0,V=.999,f=class{#t;#s;#e;#n=matchMedia("(prefers-reduced-motion: reduce)");#o=new Float32Array(15);#r;#h=!0;#l=!0;#a=!1;#f=0;#M=0;#p=-1/0;#c=!1;#u=0;constructor(t,{seed:s=0,element:e,auto:n=!0}={}){this.#t=t,this.#s=s,this.#e=n,e&&(this.#r=new IntersectionObserver(o=>{this.#l=o[o.length-1].isIntersecting,this.#i()}),this.#r.observe(e))}get visible(){return this.#h}set visible(t){this.#h=t,this.#i()}stats(){return{drawn:this.#M}}dispose(){this.#a=!0,this.#r?.disconnect(),this.#i()}update(t=performance.now()){if(this.#a)return;let s=this.#t.face.mouth(this.#o),e=this.#n.matches,n=this.#o[O]>V&&(e?"still":"alive"),o=t-this.#p;if(n&&n===this.#c&&(e||o<b))return;this.#c=n;let r=1-Math.exp(-o/F);this.#u+=(l(g,this.#o)-this.#u)*r,this.#p=t,this.#M++,this.draw(s,this.alive(t,e),t)}draw(t,s,e){}alive(t,s){return s?I:{..._(t,this.#s),energy:this.#u}}wake(){this.#c=!1}begin(){this.update(),this.#i()}#i(){cancelAnimationFrame(this.#f),!(this.#a||!this.#e||!this.#h||!this.#l)&&(this.#f=requestAnimationFrame(t=>{this.#i(),this.update(t)}))}};var Y=120,M=["happy","sad","surprised","thoughtful","angry"],L=[[0,0,0,160],[0,-80,0,160],[0,0,0,60],[0,-70,40,40,-40],[0,20,0,35]],p=class extends f{#t;#s;#e=Array(M.length+L.length).fill(0);#n=-1/0;constructor(t,s){super(t,s),this.#t=t}update(t=performance.now()){let{pose:s}=this.#t.face;s!==this.#s&&this.wake(),this.#s=s,super.update(t)}alive(t,s){let e=super.alive(t,s),n=s?1/0:t-this.#n;if(this.#n=t,!this.#s)return e;let{emotion:o,gaze:r,head:d}=this.#s,E=[...M.map(h=>+(h===o)),...r,...d],c=Math.exp(-n/Y);this.#e=E.map((h,u)=>h+(this.#e[u]-h)*c);let S=this.#e.slice(0,M.length),A=this.#e.slice(M.length),[R,T,v,x,w]=[...e.gaze,...e.head].map((h,u)=>h+(A[u]+l(L[u],S))/1e3);return{...e,gaze:[R,T],head:[v,x,w],emotion:o,feelings:S}}};var G=["sil","PP","FF","TH","DD","kk","CH","SS","nn","RR","aa","E","I","O","U"],N=class extends p{#t;#s;constructor(t,s,e){super(s,e),this.#t=t,this.begin()}draw({weights:t},{emotion:s}){s&&s!==this.#s&&this.#e(this.#s=s);for(let[e,n]of G.entries()){let o=this.#t.mtAvatar[`viseme_${n}`];!o||t[e]===0&&o.value===0||(o.newvalue=t[e],o.needsUpdate=!0)}}#e(t){let{animMoods:s={}}=this.#t;this.#t.setMood?.(t in s?t:"neutral")}};export{N as TalkingHeadFace};
