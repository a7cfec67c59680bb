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
var ct=[.2,.1],ht=5200,Y=0,$t=1,lt=2,pt=3,dt=4;function U(o,t=0){let s=(o/ht+C(0,Y,t))*2*Math.PI;return{still:!1,blink:ft(o,t),gaze:ut(o,t),head:[.03*Math.sin(s*.7)+.015*Math.sin(s*1.9),.014*Math.sin(s*1.3),.016*Math.sin(s)]}}var q={still:!0,blink:0,gaze:[0,0],head:[0,0,0]};function ft(o,t){let s=Math.floor(o/4e3),i=o-s*4e3-3570*C(s,Y,t);return i>260&&C(s,$t,t)<.15&&(i-=260),i>0&&i<170?Math.sin(i/170*Math.PI)**.7:0}function ut(o,t){let s=Math.floor(o/1900),e=1790*C(s,Y,t+1),i=(o-s*1900-e)/110,a=Math.min(1,Math.max(0,i)),c=z(s-1,t),$=z(s,t);return[c[0]+($[0]-c[0])*a,c[1]+($[1]-c[1])*a]}function z(o,t){return C(o,lt,t)<.5?[0,0]:[pt,dt].map((s,e)=>(C(o,s,t)-.5)*ct[e])}function C(o,t,s){let e=Math.imul(o*8+t+1,2654435761)^Math.imul(s+1,2246822507);return e=Math.imul(e^e>>>15,739982445),e=Math.imul(e^e>>>12,695872825),((e^e>>>15)>>>0)/2**32}var Mt=30,mt=0,gt=.999,k=class{#t;#e;#i;#s=matchMedia("(prefers-reduced-motion: reduce)");#o=new Float32Array(15);#$=new Float32Array(15);#n;#c=!0;#l=!0;#h=!1;#p=0;#r=0;#d=Number.NEGATIVE_INFINITY;#f=!1;constructor(t,{seed:s=0,element:e,auto:i=!0}={}){this.#t=t,this.#e=s,this.#i=i,e&&(this.#n=new IntersectionObserver(a=>{this.#l=a[a.length-1].isIntersecting,this.#a()}),this.#n.observe(e))}get visible(){return this.#c}set visible(t){this.#c=t,this.#a()}stats(){return{drawn:this.#r}}dispose(){this.#h=!0,this.#n?.disconnect(),this.#a()}update(t=performance.now()){if(this.#h)return;let s=this.#t.face.mouth(this.#o),e=this.#s.matches,i=this.#o.every((a,c)=>a===this.#$[c]);i&&e&&this.#f&&this.#r||i&&this.#o[mt]>gt&&t-this.#d<Mt&&this.#r||(this.#$.set(this.#o),this.#f=e,this.#d=t,this.#r++,this.draw(s,e?q:U(t,this.#e),t))}draw(t,s,e){}begin(){this.update(),this.#a()}#a(){cancelAnimationFrame(this.#p),!(this.#h||!this.#i||!this.#c||!this.#l)&&(this.#p=requestAnimationFrame(t=>{this.#a(),this.update(t)}))}};function j(o,t){let{width:s,gap:e,round:i,press:a,teeth:c,lower:$,tongue:u,tuck:h}=t,g=200-s,f=200+s,n=258+e*.16-3.2*(1-i),b=258-e*.3,l=258+e*.7-h*2,p=s*(.62+.16*i),P=n+(b-n)*1.33,X=n+(l-n)*1.33,Z=g+3,w=f-3,T=r`C${200+p} ${P} ${200-p} ${P} ${Z} ${n}`,K=r`C${200-p} ${X} ${200+p} ${X} ${w} ${n}`;o.set("cavity","d",r`M${w} ${n}${T}${K}Z`);let rt=9.5+2.5*i-4.5*a,W=12.5+3*i-6.5*a-3.5*h,A=s*.26,d=b-rt,nt=d+3.2-1.5*a;o.set("lip-upper","d",r`M${g} ${n}C${200-s*.62} ${d+4} ${200-A*1.9} ${d} ${200-A} ${d}Q${200} ${d+.5} ${200} ${nt}Q${200} ${d+.5} ${200+A} ${d}C${200+A*1.9} ${d} ${200+s*.62} ${d+4} ${f} ${n}L${w} ${n}${T}Z`);let F=n+(l+W-n)*1.33,Q=s*(.66+.12*i);o.set("lip-lower","d",r`M${g} ${n}C${200-Q} ${F} ${200+Q} ${F} ${f} ${n}L${w} ${n}C${200+p} ${X} ${200-p} ${X} ${Z} ${n}Z`);let v=l+W*.45,B=s*.3;o.set("lip-shine","d",r`M${200-B} ${v}Q${200} ${v+2.5} ${200+B} ${v}`),o.set("lip-shine","opacity",r`${Math.max(0,.5-.5*a-.5*h)}`),o.set("seam","d",r`M${g+1} ${n}L${Z} ${n}${K}L${f-1} ${n}`),o.set("seam","opacity",r`${Math.max(0,1-e/5)}`);let E=b+Math.min(c*9.5,e*.55)+h*3.5,M=p*(1.18-.14*h);o.set("teeth","d",r`M${200-M} ${b-12}L${200+M} ${b-12}L${200+M} ${E-3}Q${200+M*.55} ${E} ${200} ${E}Q${200-M*.55} ${E} ${200-M} ${E-3}Z`),o.set("teeth","opacity",r`${Math.min(1,c*3)}`);let O=h>0?n+(Math.max(l,E)+h*4-n)*1.33:X;o.set("teeth-room","d",r`M${w} ${n}${T}C${200-p} ${O} ${200+p} ${O} ${w} ${n}Z`);let D=l-Math.min($*4.5,e*.4),_=M*.8;o.set("teeth-lower","d",r`M${200-_} ${l+6}L${200-_} ${D+2}Q${200} ${D-1} ${200+_} ${D+2}L${200+_} ${l+6}Z`),o.set("teeth-lower","opacity",r`${Math.min(1,$*3)}`);let S=l-e*(.3+.42*u),y=s*(.66-.16*u);o.set("tongue","d",r`M${200-y} ${l+8}C${200-y} ${S} ${200-y*.5} ${S} ${200} ${S+1}C${200+y*.5} ${S} ${200+y} ${S} ${200+y} ${l+8}Z`)}function r(o,...t){let s=t.map(e=>typeof e=="number"?+e.toFixed(2):e);return String.raw(o,...s)}var L=186,J=20,tt=40;function et(o,{blink:t,gaze:[s,e]}){for(let[i,a,c]of[["left",158,-2],["right",242,2]]){let $=a-J,u=L+10-34*(1-t),h=L+1+c,g=L+1-c,f=r`M${$} ${h}Q${a} ${u} ${a+J} ${g}`;o.set(`eye-${i}`,"d",r`${f}Q${a} ${L+16} ${$} ${h}Z`),o.set(`lash-${i}`,"d",f),o.set(`shade-${i}`,"d",r`${f}Q${a} ${u+9} ${$} ${h}Z`);let n=r`translate(${a+tt*s} ${L-tt*e})`;o.set(`iris-${i}`,"transform",n)}}var m=(o,t)=>`var(--lipwire-${o},${t})`,N=m("skin","#f7cfae"),G=m("hair","#4a3227"),st=m("shirt","#24606b"),V=m("lips","#c07a65"),I="#6a2408",ot=(o,t)=>`<path data-part="eye-${o}" fill="#fffaf3"/>
<g clip-path="url(#ID-eye-${o})"><g data-part="iris-${o}">
<circle r="11.5" fill="${m("eyes","#3f7a63")}"/><circle r="5.6" fill="#1c1820"/>
<circle cx="3.8" cy="-4.2" r="2.6" fill="#fff"/></g>
<path data-part="shade-${o}" fill="${I}" opacity=".25"/></g>
<path data-part="lash-${o}" fill="none" stroke="#2f211c" stroke-width="3"/>
<path d="M${t-17} 175Q${t} 159 ${t+17} 175" fill="none" stroke="${I}" stroke-width="2" opacity=".25"/>`,x=(o,t)=>`<clipPath id="ID-${o}"><path data-part="${t}"/></clipPath>`,it=`<defs>
<radialGradient id="ID-back" cy=".38" r=".72"><stop stop-color="${m("backdrop","light-dark(#fde3c4,#42636f)")}"/>
<stop offset="1" stop-color="${m("backdrop-edge","light-dark(#ef9f7b,#1d3440)")}"/></radialGradient>
<linearGradient id="ID-skin" x2="0" y2="1"><stop stop-color="${N}"/>
<stop offset="1" stop-color="color-mix(in srgb,${N},#a0481c 16%)"/></linearGradient>
${x("eye-left","eye-left")}${x("eye-right","eye-right")}${x("cavity","cavity")}
${x("teeth","teeth-room")}${x("head","head")}
<clipPath id="ID-round"><circle cx="200" cy="200" r="196"/></clipPath></defs>
<g clip-path="url(#ID-round)" stroke-linecap="round">
<path d="M0 0H400V400H0Z" fill="url(#ID-back)"/>
<g data-part="body"><path d="M44 412C50 362 104 346 154 336L246 336C296 346 350 362 356 412Z" fill="${st}"/>
<path d="M146 338C156 376 244 376 254 338L244 333 156 333Z" fill="color-mix(in srgb,${st},#000 25%)"/>
<path d="M156 270V336C162 364 238 364 244 336V270Z" fill="color-mix(in srgb,${N},#a0481c 22%)"/>
<path d="M156 290C178 340 222 340 244 290V318C224 350 176 350 156 318Z" fill="${I}" opacity=".2"/></g>
<g data-part="sway">
<path d="M108 196C98 168 98 128 110 106L290 106C302 128 302 168 292 196Z" fill="color-mix(in srgb,${G},#000 28%)"/>
<path d="M116 176C102 168 92 180 96 200 99 218 108 230 118 226ZM284 176C298 168 308 180 304 200 301 218 292 230 282 226Z" fill="color-mix(in srgb,${N},#a0481c 17%)"/>
<path data-part="head" fill="url(#ID-skin)"/>
<g clip-path="url(#ID-head)" fill="${I}">
<path d="M108 150C128 132 150 126 176 130 214 136 246 130 268 122 280 134 286 146 292 158V80H108Z" opacity=".13"/>
<path d="M110 214C122 238 138 246 158 244 176 241 188 236 200 238 212 236 224 241 242 244 262 246 278 238 290 214L296 350 104 350Z" opacity=".07"/></g>
<g fill="none" stroke="${I}" stroke-width="3" opacity=".33"><path d="M111 190C104 190 103 204 111 212M289 190C296 190 297 204 289 212M203 182C205 198 210 210 212 217 213 224 205 228 194 226"/><path data-part="chin"/></g>
${ot("left",158)}${ot("right",242)}
<path data-part="brows" d="M131 158C143 149 163 149.5 178 155M269 158C257 149 237 149.5 222 155" fill="none" stroke="${G}" stroke-width="8.5"/>
<path data-part="cavity" fill="#4a1420"/>
<g clip-path="url(#ID-cavity)"><path data-part="tongue" fill="#d0666c"/><path data-part="teeth-lower" fill="#f1e6da"/></g>
<path data-part="lip-lower" fill="${V}"/>
<path data-part="lip-shine" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="2.4"/>
<path data-part="teeth" clip-path="url(#ID-teeth)" fill="#fffaf2"/>
<path data-part="lip-upper" fill="color-mix(in srgb,${V},${I} 18%)"/>
<path data-part="seam" fill="none" stroke="color-mix(in srgb,${V},#4a1420 60%)" stroke-width="2.2"/>
<path d="M107 190C96 148 98 104 122 78 142 54 176 42 214 44 262 44 300 74 302 126 303 150 300 172 293 190 290 168 286 150 274 128 252 138 214 138 180 128 156 122 136 128 124 146 114 160 110 174 107 190Z" fill="${G}"/>
<path d="M146 96C168 74 204 66 240 74" fill="none" stroke="#fff" stroke-width="7" opacity=".16"/>
</g></g>`;var R=class{#t=new Map;#e=new Map;constructor(t){for(let s of t.querySelectorAll("[data-part]")){let e=s.getAttribute("data-part")??"";this.#t.set(e,[...this.#t.get(e)??[],s])}}set(t,s,e){let i=`${t} ${s}`;if(this.#e.get(i)!==e){this.#e.set(i,e);for(let a of this.#t.get(t)??[])a.setAttribute(s,e)}}};var wt=["width","gap","round","press","teeth","lower","tongue","tuck"],Et=[[32,0,0,.1,0,0,0,0],[30,0,0,1,0,0,0,0],[32,5,0,.2,1,0,0,1],[32,10,0,0,.9,0,1,0],[32,9,0,0,.9,.2,.65,0],[32,12,0,0,.6,.1,.3,0],[24,10,.7,0,.9,.6,0,0],[35,7,0,.1,1,.9,0,0],[32,9,0,0,.8,.1,.7,0],[26,10,.5,0,.5,0,.5,0],[34,32,0,0,.7,0,.25,0],[37,20,0,0,.8,.1,.3,0],[38,12,0,0,.9,.3,.35,0],[26,27,.7,0,.25,0,.15,0],[17,13,1,0,0,0,.1,0]];function H(o){let t={width:0,gap:0,round:0,press:0,teeth:0,lower:0,tongue:0,tuck:0};for(let[s,e]of Et.entries())for(let[i,a]of wt.entries())t[a]+=o[s]*e[i];return t}var yt=.42,Ct=260,It=180/Math.PI,bt=0,at=class extends k{element;#t;#e=0;#i=0;#s=H([1]);constructor(t,s,{label:e="A face whose lips move with the speech",...i}={}){let a=document.createElementNS("http://www.w3.org/2000/svg","svg");super(s,{...i,element:a}),a.setAttribute("viewBox","0 0 400 400"),a.setAttribute("role","img"),a.setAttribute("aria-label",e),a.innerHTML=it.replaceAll("ID",`lipwire-${++bt}`),t.append(a),this.element=a,this.#t=new R(a),this.begin()}stats(){return{...super.stats(),shape:this.#s}}dispose(){super.dispose(),this.element.remove()}draw({weights:t},s,e){let i=this.#t;this.#s=H(t),j(i,this.#s),Xt(i,this.#s.gap*yt),et(i,s),this.#o(s,e)}#o({head:[t,s,e],still:i},a){let c=1-Math.exp((this.#i-a)/Ct);this.#i=a;let $=i?0:Math.min(1,this.#s.gap/20);this.#e+=($-this.#e)*c;let u=this.#e*2.4-s*90,h=r`translate(${t*40} ${u}) rotate(${e*It} 200 330)`;this.#t.set("sway","transform",h),this.#t.set("body","transform",r`translate(0 ${e*40})`),this.#t.set("brows","transform",r`translate(0 ${-3.2*this.#e})`)}};function Xt(o,t){let s=314+t,e=272+t*.6;o.set("head","d",r`M200 78C142 78 112 120 113 182 113 222 115 252 128 ${e} 144 ${e+30} 168 ${s} 200 ${s} 232 ${s} 256 ${e+30} 272 ${e} 285 252 287 222 287 182 288 120 258 78 200 78Z`);let i=291+t;o.set("chin","d",r`M186 ${i}C194 ${i+4} 206 ${i+4} 214 ${i}`)}export{at as SvgFace,H as mouthShape};
