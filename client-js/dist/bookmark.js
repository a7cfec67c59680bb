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
import{LipwireError as v}from"./lipwire.js";var y={segment:0,span:[0,0],start:0,sample:0},g=class{#e;#t;#n=new WeakMap;constructor(t,e,s){s&&k(s),this.#e=t,this.#t=e;for(let n of t.utterances.values())this.#s(n);e.on("utterance",n=>this.#s(n))}of({session:{id:t,secret:e},audio:s}){let{playout:n,utterances:l,nextNumber:u,unaccepted:d}=this.#e;n?.advance();let r=[...l.values()].filter(c=>c.known&&!c.settled&&!c.lost&&!c.halted),[a]=r,i=a?.heard>0?this.#c(a,s.codec==="opus"):void 0,{position:p={utterance:a?.number??u,...y}}=i??{};return{session:{id:t,secret:e,position:p},pose:this.#t.face.pose,next:u,unaccepted:d.state,utterances:r.map(({number:c,text:f,isRetold:m,complete:h,firstSoundMs:w})=>({number:c,text:f,isRetold:m,complete:h,firstSoundMs:w})),segment:i?.segment,character:i&&a.heardAt(i.position.sample).character}}takeUp(t){if(!t)return;let e=this.#e,{session:s,unaccepted:n,utterances:l,segment:u,character:d}=t,{utterance:r,sample:a}=s.position,i=[...e.utterances];e.utterances.clear(),e.unaccepted.state=n,this.#t.face.pose=t.pose;for(let{complete:p,...c}of l){let{number:f}=c,m=Object.assign(e.begin(f),c);p||e.unaccepted.keep({type:"speak",utterance:f,end:!0});let h=f===r?u:void 0;h&&(m.beginAt(a),x(m,h,d)),e.introduce(m),h&&(e.receive({type:"utterance_started",utterance:f,at:0}),e.receive(h))}for(let[p,c]of i)e.utterances.set(p,c)}#s(t){t.on("audio",({start:e})=>{let{heard:s}=t,n=[...this.#n.get(t)??[],e];this.#n.set(t,n.slice(Math.max(0,b(n,s))))})}#c(t,e){let{number:s,heard:n,segments:l}=t,u=this.#n.get(t)??[],d=e?u[b(u,n)]??n:n,r=l.findLast(({start:p})=>p<=d);if(!r)return;let{span:a,start:i}=r;return{segment:r,position:{utterance:s,segment:r.segment,span:a,start:i,sample:d}}}};function k({session:o,next:t,unaccepted:e,utterances:s}){let n=[s,e?.[1]];if(!(o?.id&&o.position&&t>0&&n.every(Array.isArray)))throw new v("bad_message","`resume` takes what `bookmark()` has answered, or null")}function b(o,t){return o.findLastIndex(e=>e<=t)}function x(o,t,e=0){e!==0&&(o.addSegment({...t,words:[["",0,e,0,0,0]]}),o.segments=[])}export{g as Bookmarks};
