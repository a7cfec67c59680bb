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
"use strict";(()=>{function a(r){return new Float32Array(2**Math.ceil(Math.log2(r)))}var e=class extends AudioWorkletProcessor{#s;#o;#i=0;#t=0;#l=0;#e=-1;#r=!1;#n=Math.round(.005*sampleRate);#c=0;#h=0;#f=Math.round(.06*sampleRate);#m=0;#p=0;#u={type:"clock",frame:0,position:0,playing:!1,buffered:0,rendered:0,underruns:0,overflow:0};constructor({processorOptions:t}){super(),this.#s=a(t.capacity),this.#o=this.#s.length-1,this.port.onmessage=({data:i})=>this.#E(i)}#E(t){t.type==="write"?this.#F(t.samples):t.type==="complete"?this.#l=this.#t:t.type==="flush"?this.#M():t.type==="grow"&&this.#y(t.capacity)}#y(t){let i=a(Math.max(t,this.#s.length)),s=i.length-1;for(let h=this.#i;h<this.#t;h++)i[h&s]=this.#s[h&this.#o];this.#s=i,this.#o=s}#F(t){let i=this.#s.length-(this.#t-this.#i),s=Math.min(i,t.length),h=this.#t&this.#o,n=Math.min(s,this.#s.length-h);this.#s.set(t.subarray(0,n),h),this.#s.set(t.subarray(n,s),0),this.#t+=s,s<t.length&&(this.#u.overflow+=t.length-s,this.#a("overflow",currentFrame))}#M(){this.#e=this.#t,this.#r||this.#d(currentFrame)}#d(t){this.#r=!1,this.#h=0,this.#a("flushed",t),this.#i=this.#e,this.#l=Math.max(this.#l,this.#e),this.#e=-1,this.#a("clock",t)}process(t,i){let s=i[0][0];return!this.#r&&this.#R()&&(this.#r=!0,this.#c=this.#n,this.#a("start",currentFrame)),this.#r&&this.#O(s),currentFrame>=this.#p&&(this.#a("clock",currentFrame+s.length),this.#p=currentFrame+.1*sampleRate),!0}#R(){let t=this.#t-this.#i;return t>0&&(t>=this.#f||this.#l===this.#t)}#O(t){let i=this.#t-this.#i,s=this.#l===this.#t;if(this.#h===0)if(this.#e>=0){if(this.#h=Math.min(this.#e-this.#i,this.#n),this.#h===0)return this.#d(currentFrame)}else!s&&i<t.length+this.#n&&(this.#h=Math.min(i,this.#n));this.#h>0?this.#T(t):s&&i<=t.length?(this.#S(t,i),this.#g("idle",currentFrame+i)):(this.#S(t,t.length),currentFrame-this.#m>60*sampleRate&&(this.#f=Math.round(.06*sampleRate)))}#T(t){let i=Math.min(this.#h,t.length);this.#S(t,i);for(let s=0;s<i;s++)this.#h-=1,t[s]*=this.#h/this.#n;this.#h>0||(this.#e>=0?this.#d(currentFrame+i):this.#_(currentFrame+i))}#_(t){this.#u.underruns+=1,this.#f=Math.min(this.#f*1.5,.6*sampleRate),this.#m=currentFrame,this.#g("underrun",t)}#g(t,i){this.#r=!1,this.#a(t,i)}#S(t,i){for(let s=0;s<i;s++){let h=this.#s[this.#i+s&this.#o];this.#c>0?(t[s]=h*(1-this.#c/this.#n),this.#c-=1):t[s]=h}this.#i+=i,this.#u.rendered+=i}#a(t,i){let s=this.#u;s.type=t,s.frame=i,s.position=this.#i,s.playing=this.#r,s.buffered=this.#t-this.#i,this.port.postMessage(s)}};registerProcessor("lipwire-player",e);})();
