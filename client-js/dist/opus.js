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
import{LipwireError as d}from"./lipwire.js";var f=48e3,l=120,u=2e4,a={codec:"opus",sampleRate:f,numberOfChannels:1},o=class n{#e;#s;#i=0;#t;#r=0;static async create(t){let{supported:e}=await AudioDecoder.isConfigSupported(a);if(!e)throw new d("unsupported","the AudioDecoder of this browser knows no Opus: ask for no codec");return new n(t)}constructor(t){this.#e=t}read(t,e){let i=this.#n(t);if(!i&&!this.#s){e(t);return}let s=this.#i,r=(this.#s??Promise.resolve()).then(async()=>{let c=await i??t;s===this.#i&&(this.#s===r&&(this.#s=void 0),e(c))});this.#s=r}forget(){this.#i+=1,this.#s=void 0}#n(t){if(t.type==="segment")this.#h(this.#r=t.start);else if(t.type==="segment_ended")this.#t?.finish();else if(t.type==="chunk"&&Array.isArray(t.audio)){let{start:e}=t;return this.#t?.next!==e&&this.#h(e),this.#t.decode(t).then(s=>({...t,audio:s}))}}#h(t){this.#t?.finish();let e=t===this.#r?l:0;this.#t=new h(t,e,this.#e)}},h=class{next;#e;#s=0;#i;#t=[];#r=0;#n=!1;#h;#o=Promise.resolve(new Float32Array);constructor(t,e,i){this.next=t,this.#i=e,this.#e=new AudioDecoder({output:s=>this.#c(s),error:s=>{this.#d(),i(new d("bad_message","the sound cannot be decoded",{cause:s}))}}),this.#e.configure(a)}decode({start:t,count:e,audio:i}){this.next=t+e;for(let s of i){if(this.#e.state!=="configured")break;let r=this.#s++*u;this.#e.decode(new EncodedAudioChunk({type:"key",timestamp:r,data:s}))}return this.#o=this.#o.then(()=>this.#f(e)),this.#o}finish(){this.#e.state==="configured"&&this.#e.flush().then(()=>{this.#d(),this.#e.close()},()=>this.#d())}#c(t){let e=new Float32Array(t.numberOfFrames);t.copyTo(e,{planeIndex:0,format:"f32-planar"}),t.close(),this.#t.push(e),this.#r+=e.length,this.#h?.()}#d(){this.#n=!0,this.#h?.()}async#f(t){for(;!this.#n&&this.#r<this.#i+t;)await new Promise(s=>this.#h=()=>s(void 0));this.#a(this.#i),this.#i=0;let e=new Float32Array(t),i=0;for(let s of this.#t){if(i===t)break;e.set(s.subarray(0,t-i),i),i=Math.min(t,i+s.length)}return this.#a(t),e}#a(t){for(this.#r=Math.max(0,this.#r-t);t>0&&this.#t.length>0;){let[e]=this.#t;e.length>t?this.#t[0]=e.subarray(t):this.#t.shift(),t-=e.length}}};export{o as OpusReader};
