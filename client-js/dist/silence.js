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
var r=class{written;#h;#n;#t;#o;#s;#r=0;#i=[];#e;constructor({rate:t,position:s,written:i,held:h=!1},o){this.written=i,this.#h=t,this.#t=s,this.#s=h,this.#n=o,this.#o=o()}get passed(){return Math.floor(this.#r)}get position(){let t=this.#n(),s=this.#s?0:(t-this.#o)/1e3*this.#h;this.#o=t;let i=Math.min(this.written,this.#t+s);return this.#r+=i-this.#t,this.#t=i,Math.floor(this.#t)}report(t){this.#e=setInterval(()=>{let{position:s}=this;this.#i=this.#i.filter(h=>e(h)>s);let i=this.written-s;t({position:s,buffered:i,playing:i>0&&!this.#s})},100)}end(){clearInterval(this.#e),this.hold(!0);let{position:t}=this;return this.#i.filter(i=>e(i)>t).map(({position:i,samples:h})=>h.subarray(Math.max(0,t-i)))}write(t){this.position,this.#i.push({position:this.written,samples:t}),this.written+=t.length}hold(t){this.position,this.#s=t}skip(){let{position:t}=this;return this.#t=this.written,this.#i=[],t}heardAt(t){return this.#n()+(t-this.position)*1e3/this.#h}};function e({position:n,samples:t}){return n+t.length}export{r as Silence};
