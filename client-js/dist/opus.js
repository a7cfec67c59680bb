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
var c={1001:"going_away",1009:"message_limit",1011:"internal",1012:"going_away",4400:"bad_message",4401:"unauthorized",4403:"forbidden",4404:"not_found",4408:"slow_consumer",4409:"taken_over",4429:"rate_limited",4503:"overloaded"},r=class o extends Error{constructor(t,e,{retryAfterMs:s,heard:n,cause:i}={}){super(e,i===void 0?void 0:{cause:i}),this.name="LipwireError",this.code=t,this.retryAfterMs=s,this.heard=n}static of(t,e){return t instanceof o?t:new o(e,String(t),{cause:t})}static fromClose(t,e){let s=c[t]??"connection_lost";return new o(s,e||`the connection was closed (${t})`)}};var T=48e3,l=120,E=2e4,d={codec:"opus",sampleRate:T,numberOfChannels:1},a=class o{#e;#s;#n=0;#t;static async create(t){let{supported:e}=await AudioDecoder.isConfigSupported(d);if(!e)throw new r("unsupported","its AudioDecoder does not know it");return new o(t)}constructor(t){this.#e=t}read(t,e){let s=this.#i(t);if(!s&&!this.#s){e(t);return}let n=this.#n,i=(this.#s??Promise.resolve()).then(async()=>{let h=await s??t;n===this.#n&&(this.#s===i&&(this.#s=void 0),e(h))});this.#s=i}forget(){this.#n+=1,this.#s=void 0}#i(t){if(t.type==="segment")this.#o(t.start,l);else if(t.type==="segment_ended")this.#t?.finish();else if(t.type==="chunk"&&Array.isArray(t.audio)){let{start:e}=t;return this.#t?.next!==e&&this.#o(e,0),this.#t.decode(t).then(n=>({...t,audio:n}))}}#o(t,e){this.#t?.finish(),this.#t=new O(t,e,this.#e)}},O=class{next;#e;#s=0;#n;#t=[];#i=0;#o=!1;#r;#O=Promise.resolve(new Float32Array);constructor(t,e,s){this.next=t,this.#n=e,this.#e=new AudioDecoder({output:n=>this.#h(n),error:n=>{this.#a(),s(new r("bad_message","the sound cannot be decoded",{cause:n}))}}),this.#e.configure(d)}decode({start:t,count:e,audio:s}){this.next=t+e;for(let n of s){if(this.#e.state!=="configured")break;let i=this.#s++*E;this.#e.decode(new EncodedAudioChunk({type:"key",timestamp:i,data:n}))}return this.#O=this.#O.then(()=>this.#c(e)),this.#O}finish(){this.#e.state==="configured"&&this.#e.flush().then(()=>{this.#a(),this.#e.close()},()=>this.#a())}#h(t){let e=new Float32Array(t.numberOfFrames);t.copyTo(e,{planeIndex:0,format:"f32-planar"}),t.close(),this.#t.push(e),this.#i+=e.length,this.#r?.()}#a(){this.#o=!0,this.#r?.()}async#c(t){for(;!this.#o&&this.#i<this.#n+t;)await new Promise(n=>this.#r=()=>n(void 0));this.#d(this.#n),this.#n=0;let e=new Float32Array(t),s=0;for(let n of this.#t){if(s===t)break;e.set(n.subarray(0,t-s),s),s=Math.min(t,s+n.length)}return this.#d(t),e}#d(t){for(this.#i=Math.max(0,this.#i-t);t>0&&this.#t.length>0;){let[e]=this.#t;e.length>t?this.#t[0]=e.subarray(t):this.#t.shift(),t-=e.length}}};export{a as OpusReader};
