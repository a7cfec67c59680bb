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
var C=[.2,.1];function R(n,t=0){let e=(n/5200+l(0,0,t))*2*Math.PI;return{blink:W(n,t),gaze:Y(n,t),head:[.03*Math.sin(e*.7)+.015*Math.sin(e*1.9),.014*Math.sin(e*1.3),.016*Math.sin(e)],energy:0}}var w={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function W(n,t){let e=Math.floor(n/4e3),i=n-e*4e3-3570*l(e,0,t);return i>260&&l(e,1,t)<.15&&(i-=260),i>0&&i<170?Math.sin(i/170*Math.PI)**.7:0}function Y(n,t){let e=Math.floor(n/1900),s=1790*l(e,0,t+1),i=(n-e*1900-s)/110,o=Math.min(1,Math.max(0,i)),c=N(e-1,t);return N(e,t).map((m,a)=>c[a]+(m-c[a])*o)}function N(n,t){return l(n,2,t)<.5?[0,0]:[3,4].map((e,s)=>(l(n,e,t)-.5)*C[s])}function l(n,t,e){let s=Math.sin(n*12.9+t*78.2+e*37.7+1)*4e4;return s-Math.floor(s)}var p=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25],x=[0,-.1,.1,.1,.2,.1,-.5,.4,.2,-.4,.1,.5,.9,-.6,-1];function h(n,t){return n.reduce((e,s,i)=>e+s*t[i],0)}var F=30,b=260,v=0,G=.999,d=class{#t;#e;#s;#i=matchMedia("(prefers-reduced-motion: reduce)");#o=new Float32Array(15);#r;#a=!0;#l=!0;#h=!1;#m=0;#M=0;#f=-1/0;#c=!1;#u=0;constructor(t,{seed:e=0,element:s,auto:i=!0}={}){this.#t=t,this.#e=e,this.#s=i,s&&(this.#r=new IntersectionObserver(o=>{this.#l=o[o.length-1].isIntersecting,this.#n()}),this.#r.observe(s))}get visible(){return this.#a}set visible(t){this.#a=t,this.#n()}stats(){return{drawn:this.#M}}dispose(){this.#h=!0,this.#r?.disconnect(),this.#n()}update(t=performance.now()){if(this.#h)return;let e=this.#t.face.mouth(this.#o),s=this.#i.matches,i=this.#o[v]>G&&(s?"still":"alive"),o=t-this.#f;if(i&&i===this.#c&&(s||o<F))return;this.#c=i;let c=1-Math.exp(-o/b);this.#u+=(h(p,this.#o)-this.#u)*c,this.#f=t,this.#M++,this.draw(e,this.alive(t,s),t)}draw(t,e,s){}alive(t,e){return e?w:{...R(t,this.#e),energy:this.#u}}wake(){this.#c=!1}begin(){this.update(),this.#n()}#n(){cancelAnimationFrame(this.#m),!(this.#h||!this.#s||!this.#a||!this.#l)&&(this.#m=requestAnimationFrame(t=>{this.#n(),this.update(t)}))}};var V=120,S=["happy","sad","surprised","thoughtful","angry"],O=[[0,0,0,160],[0,-80,0,160],[0,0,0,60],[0,-70,40,40,-40],[0,20,0,35]],_=class extends d{#t;#e;#s=Array(S.length+O.length).fill(0);#i=-1/0;constructor(t,e){super(t,e),this.#t=t}update(t=performance.now()){let{pose:e}=this.#t.face;e!==this.#e&&this.wake(),this.#e=e,super.update(t)}alive(t,e){let s=super.alive(t,e),i=e?1/0:t-this.#i;if(this.#i=t,!this.#e)return s;let{emotion:o,gaze:c,head:f}=this.#e,m=[...S.map(u=>+(u===o)),...c,...f],a=Math.exp(-i/V);this.#s=m.map((u,E)=>u+(this.#s[E]-u)*a);let r=this.#s.slice(0,S.length),g=this.#s.slice(S.length),[M,L,I,P,B]=[...s.gaze,...s.head].map((u,E)=>u+(g[E]+h(O[E],r))/1e3);return{...s,gaze:[M,L],head:[I,P,B],emotion:o,feelings:r}}};var K={BrowY:[.3,0,.9,.2,-.3],BrowX:[0,0,0,0,-.3],BrowForm:[0,-.3,0,0,-1],EyeSmile:[.8]},z=[.7,-.8,-.2,-.2,-.8],A=180/Math.PI,T=.3,k=4,y=class extends _{#t;constructor(t,e,s){super(e,s),this.#t=typeof t=="function"?t:(i,o)=>t[i]?.(o),this.begin()}draw({weights:t},{blink:e,gaze:[s,i],head:[o,c,f],energy:m,feelings:a}){let r=this.#t;r("ParamMouthOpenY",h(p,t));let g=h(x,t)+(a?h(z,a):0);r("ParamMouthForm",Math.max(-1,Math.min(1,g)));for(let M of"LR")r(`ParamEye${M}Open`,1-e);if(r("ParamEyeBallX",s/T),r("ParamEyeBallY",i/T),r("ParamAngleX",o*A),r("ParamAngleY",c*A-k*m),r("ParamAngleZ",f*A),!!a)for(let[M,L]of Object.entries(K))for(let I of"LR")r(H(M,I),h(L,a))}};function H(n,t){return`Param${n.replace(/(Brow|Eye)/,`$1${t}`)}`}export{y as Live2dFace};
