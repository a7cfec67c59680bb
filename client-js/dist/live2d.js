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
var F=[.2,.1],Y=5200,N=0,b=1,v=2,G=3,V=4;function x(n,t=0){let s=(n/Y+m(0,N,t))*2*Math.PI;return{blink:W(n,t),gaze:K(n,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)],energy:0}}var w={blink:0,gaze:[0,0],head:[0,0,0],energy:0};function W(n,t){let s=Math.floor(n/4e3),i=n-s*4e3-3570*m(s,N,t);return i>260&&m(s,b,t)<.15&&(i-=260),i>0&&i<170?Math.sin(i/170*Math.PI)**.7:0}function K(n,t){let s=Math.floor(n/1900),e=1790*m(s,N,t+1),i=(n-s*1900-e)/110,o=Math.min(1,Math.max(0,i)),a=R(s-1,t),c=R(s,t);return[a[0]+(c[0]-a[0])*o,a[1]+(c[1]-a[1])*o]}function R(n,t){return m(n,v,t)<.5?[0,0]:[G,V].map((s,e)=>(m(n,s,t)-.5)*F[e])}function m(n,t,s){let e=Math.sin(n*12.9898+t*78.233+s*37.719+1)*43758.5453;return e-Math.floor(e)}var E=[0,0,.08,.2,.2,.25,.2,.12,.22,.25,1,.6,.3,.6,.25],O=[0,-.1,.1,.1,.2,.1,-.5,.4,.2,-.4,.1,.5,.9,-.6,-1];function h(n,t){return n.reduce((s,e,i)=>s+e*t[i],0)}var z=30,k=260,$=0,D=.999,p=class{#t;#s;#e;#i=matchMedia("(prefers-reduced-motion: reduce)");#o=new Float32Array(15);#r;#a=!0;#l=!0;#h=!1;#m=0;#f=0;#M=-1/0;#c=!1;#u=0;constructor(t,{seed:s=0,element:e,auto:i=!0}={}){this.#t=t,this.#s=s,this.#e=i,e&&(this.#r=new IntersectionObserver(o=>{this.#l=o[o.length-1].isIntersecting,this.#n()}),this.#r.observe(e))}get visible(){return this.#a}set visible(t){this.#a=t,this.#n()}stats(){return{drawn:this.#f}}dispose(){this.#h=!0,this.#r?.disconnect(),this.#n()}update(t=performance.now()){if(this.#h)return;let s=this.#t.face.mouth(this.#o),e=this.#i.matches,i=this.#o[$]>D&&(e?"still":"alive"),o=t-this.#M;if(i&&i===this.#c&&(e||o<z))return;this.#c=i;let a=1-Math.exp(-o/k);this.#u+=(h(E,this.#o)-this.#u)*a,this.#M=t,this.#f++,this.draw(s,this.alive(t,e),t)}draw(t,s,e){}alive(t,s){return s?w:{...x(t,this.#s),energy:this.#u}}wake(){this.#c=!1}begin(){this.update(),this.#n()}#n(){cancelAnimationFrame(this.#m),!(this.#h||!this.#e||!this.#a||!this.#l)&&(this.#m=requestAnimationFrame(t=>{this.#n(),this.update(t)}))}};var H=120,d=["happy","sad","surprised","thoughtful","angry"],y=[[0,0,0,160],[0,-80,0,160],[0,0,0,60],[0,-70,40,40,-40],[0,20,0,35]],S=class extends p{#t;#s;#e=Array(d.length+y.length).fill(0);#i=-1/0;constructor(t,s){super(t,s),this.#t=t}update(t=performance.now()){let{pose:s}=this.#t.face;s!==this.#s&&this.wake(),this.#s=s,super.update(t)}alive(t,s){let e=super.alive(t,s),i=s?1/0:t-this.#i;if(this.#i=t,!this.#s)return e;let{emotion:o,gaze:a,head:c}=this.#s,_=[...d.map(l=>+(l===o)),...a,...c],u=Math.exp(-i/H);this.#e=_.map((l,M)=>l+(this.#e[M]-l)*u);let r=this.#e.slice(0,d.length),L=this.#e.slice(d.length),[f,g,I,B,C]=[...e.gaze,...e.head].map((l,M)=>l+(L[M]+h(y[M],r))/1e3);return{...e,gaze:[f,g],head:[I,B,C],emotion:o,feelings:r}}};var U={BrowY:[.3,0,.9,.2,-.3],BrowX:[0,0,0,0,-.3],BrowForm:[0,-.3,0,0,-1],EyeSmile:[.8]},X=[.7,-.8,-.2,-.2,-.8],A=180/Math.PI,T=.3,q=4,P=class extends S{#t;constructor(t,s,e){super(s,e),this.#t=typeof t=="function"?t:(i,o)=>t[i]?.(o),this.begin()}draw({weights:t},{blink:s,gaze:[e,i],head:[o,a,c],energy:_,feelings:u}){let r=this.#t;r("ParamMouthOpenY",h(E,t));let L=h(O,t)+(u?h(X,u):0);r("ParamMouthForm",Math.max(-1,Math.min(1,L)));for(let f of"LR")r(`ParamEye${f}Open`,1-s);if(r("ParamEyeBallX",e/T),r("ParamEyeBallY",i/T),r("ParamAngleX",o*A),r("ParamAngleY",a*A-q*_),r("ParamAngleZ",c*A),!!u)for(let[f,g]of Object.entries(U))for(let I of"LR")r(Z(f,I),h(g,u))}};function Z(n,t){return`Param${n.replace(/(Brow|Eye)/,`$1${t}`)}`}export{P as Live2dFace};
