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
var u=class{size=0;#t=[];get length(){return this.#t.length}get first(){return this.#t[0]}add(t){this.#t.push(...t)}at(t){return this.#t[this.#e(t)]}forget(t){this.#t.splice(0,this.#e(t))}clear(){this.#t=[]}#e(t){let e=-1;for(;e+1<this.#t.length&&this.#t[e+1].start<=t;)e++;return e}};function I(h,t,e){let s=2*h*e+t,n=2*t;if(Number.isSafeInteger(s)){let i=s%n;return(s-i)/n}let r=2n*BigInt(h)*BigInt(e)+BigInt(t);return Number(r/BigInt(n))}function a(h,t){return I(h,t,1e3)}var l=512,f="image/jpeg",c=16,b=1e3,m=class{#t;#e=new Map;#o=l;#r=[];#h=f;#s;#n;#i;constructor(t,e){this.#t=t,this.#s=e}get sprites(){return[...this.#e.values()]}get rest(){return this.#n?.reel.first}frame(t,e){let s=t&&t.sample>0?t.utterance.reel?.at(t.sample+e/1e3*this.#s):void 0;if(s)return this.#i=void 0,s;if(!this.#n)return;let{reel:n,ms:r}=this.#n,i=this.#t();this.#i??=i;let o=(i-this.#i+e)%r;return n.at(o/1e3*this.#s)}begin(t,e){this.#e.clear(),this.#r=[],this.#s=e,this.grant(t)}grant({mode:t="none",size:e=l,mime:s},n=[0,0]){this.#r.push({from:n,size:e}),this.#o=e,this.#h=s??f,t==="none"&&(this.#n=void 0)}add(t){return t.map(({id:e,key:s,mime:n,width:r,height:i,x:o,y:p,data:g})=>{let x=g,d={key:s,mime:n,width:r,height:i,x:o/c,y:p/c,data:x};return this.#e.set(e,d),d})}idle(t){let e=new u;e.add(this.#u(t,e,this.#o));let s=a(t.count,this.#s);this.#n=e.length>0&&s>0?{reel:e,ms:s}:void 0,this.#i=void 0}turn(t,e){let{number:s}=t,n=this.#r.findLast(({from:[r,i]})=>r<s||r===s&&i<=e);t.reel??=new u,t.reel.size=n?.size??l}play({reel:t},e){t?.add(this.#u(e,t,t.size))}#u({frames:t=[],pictures:e=[]},s,n){let r=i=>({reel:s,start:i,startMs:a(i,this.#s),size:n});return[...t.map(([i,o])=>({...r(i),sprites:this.#c(o)})),...e.map(([i,,o])=>{let p=o;return{...r(i),sprites:[],picture:{mime:this.#h,data:p}}})]}#c(t){let e=[];for(let s=0;s+3<t.length;s+=4){let n=this.#e.get(t[s]);n&&e.push({sprite:n,x:t[s+1]/c,y:t[s+2]/c,turn:t[s+3]/b})}return e}};export{m as Film};
