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
var h=class{size=0;#t=[];get length(){return this.#t.length}get first(){return this.#t[0]}add(t){this.#t.push(...t)}at(t){return this.#t[this.#e(t)]}forget(t){this.#t.splice(0,this.#e(t))}clear(){this.#t=[]}#e(t){let e=-1;for(;e+1<this.#t.length&&this.#t[e+1].start<=t;)e++;return e}};function a(c,t){return Math.round(c*1e3/t)}var l=512,f="image/jpeg",u=16,I=1e3,m=class{#t;#e=new Map;#o=l;#r=[];#h=f;#s;#n;#i;constructor(t,e){this.#t=t,this.#s=e}get sprites(){return[...this.#e.values()]}get rest(){return this.#n?.reel.first}frame(t,e){let s=t&&t.sample>0?t.utterance.reel?.at(t.sample+e/1e3*this.#s):void 0;if(s)return this.#i=void 0,s;if(!this.#n)return;let{reel:i,ms:r}=this.#n,n=this.#t();this.#i??=n;let o=(n-this.#i+e)%r;return i.at(o/1e3*this.#s)}begin(t,e){this.#e.clear(),this.#r=[],this.#s=e,this.grant(t)}grant({mode:t="none",size:e=l,mime:s},i=[0,0]){this.#r.push({from:i,size:e}),this.#o=e,this.#h=s??f,t==="none"&&(this.#n=void 0)}add(t){return t.map(({id:e,key:s,mime:i,width:r,height:n,x:o,y:p,data:g})=>{let x=g,d={key:s,mime:i,width:r,height:n,x:o/u,y:p/u,data:x};return this.#e.set(e,d),d})}idle(t){let e=new h;e.add(this.#u(t,e,this.#o));let s=a(t.count,this.#s);this.#n=e.length>0&&s>0?{reel:e,ms:s}:void 0,this.#i=void 0}turn(t,e){let{number:s}=t,i=this.#r.findLast(({from:[r,n]})=>r<s||r===s&&n<=e);t.reel??=new h,t.reel.size=i?.size??l}play({reel:t},e){t?.add(this.#u(e,t,t.size))}#u({frames:t=[],pictures:e=[]},s,i){let r=n=>({reel:s,start:n,startMs:a(n,this.#s),size:i});return[...t.map(([n,o])=>({...r(n),sprites:this.#c(o)})),...e.map(([n,,o])=>{let p=o;return{...r(n),sprites:[],picture:{mime:this.#h,data:p}}})]}#c(t){let e=[];for(let s=0;s+3<t.length;s+=4){let i=this.#e.get(t[s]);i&&e.push({sprite:i,x:t[s+1]/u,y:t[s+2]/u,turn:t[s+3]/I})}return e}};export{m as Film};
