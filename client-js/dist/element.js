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
var l=globalThis.HTMLElement??class{},h=["src","voice","avatar","text","mode"],d=["captions","autoplay"],p=["state","ready","warning","error"],f=["sound","word","interrupted","finished"],m=`:host{display:inline-block;width:16rem;position:relative}
:host([hidden]){display:none}
canvas,svg{display:block;width:100%;aspect-ratio:1}
button{position:absolute;inset:0;margin:auto;width:max-content;height:max-content;padding:.6em 1.2em;font:inherit;border:0;border-radius:2em;color:#fff;background:#000b;cursor:pointer}
button:hover{background:#000}
[hidden]{display:none}
p{margin:.3em 0}
[part=captions]{max-height:6em;overflow:auto}`,c=class extends l{static observedAttributes=[...h,...d];#t;#i;#n;#o;#r="";#e=!1;#u;#a=document.createElement("div");#s=document.createElement("button");constructor(){super();let t=this.attachShadow({mode:"open"}),e=new CSSStyleSheet;e.replaceSync(m),t.adoptedStyleSheets=[e],this.#u=t,this.#a.setAttribute("part","captions"),this.#s.setAttribute("part","play");let s=document.createElement("slot");s.name="play",s.textContent="Play",this.#s.append(s),this.#s.hidden=!0,this.#s.addEventListener("click",()=>this.#w()),t.append(this.#s,this.#a)}get client(){return this.#t}connectedCallback(){for(let t of[...h,...d]){if(!Object.hasOwn(this,t))continue;let e=Reflect.get(this,t);Reflect.deleteProperty(this,t),Reflect.set(this,t,e)}this.#l()}disconnectedCallback(){queueMicrotask(()=>{this.isConnected||this.#f()})}attributeChangedCallback(t,e,s){!this.#i||s===e||(t==="src"?(this.#f(),this.#l()):t==="voice"||t==="avatar"?s&&this.#b({[t]:s}):t==="mode"?(this.#b({frames:this.#p()}),this.#c()):t==="captions"?this.#c():(this.#e=!1,this.#h()))}async speak(t){this.#m();let e=await this.#l();return this.#e=!0,e.speak(t)}async interrupt(){return this.#t?.interrupt()}#l(){return this.isConnected?(this.#i??=this.#g(),this.#i):Promise.reject(new TypeError("it is in no page"))}async#g(){let{LipwireClient:t}=await import("./lipwire.js"),{voice:e,avatar:s}=this,n=new t(this.getAttribute("src")??void 0,{voice:e||void 0,avatar:s||void 0,frames:this.#p()});if(!this.#i)return n;this.#t=n;for(let o of p)n.on(o,r=>this.#d(o,r));return n.on("utterance",o=>{this.#d("utterance",o);for(let r of f)o.on(r,a=>this.#d(r,a))}),n.on("state",()=>this.#h()),n.on("ready",()=>this.#c()),await this.#c(),n.connect().catch(()=>{}),this.#h(),n}#f(){this.#i=void 0,this.#n?.dispose(),this.#o?.dispose(),this.#t?.close(),this.#n=this.#o=this.#t=void 0,this.#r="",this.#e=!1}async#c(){let t=this.#t;if(!t)return;let e=t.session?.frames.mode??"sprites",s=this.#p().mode==="none"||e==="none",n=s?"svg":"canvas";if(n!==this.#r){this.#r=n;let a=document.createElement("div");a.setAttribute("part","face");let u=s?await b(a,t):await g(a,t);if(this.#t!==t||this.#r!==n)return;this.#n?.dispose(),this.#u.querySelector("[part=face]")?.remove(),this.#u.prepend(a),this.#n=u()}let o=this.hasAttribute("captions");if(this.#a.hidden=!o,!o||this.#o)return;let{Captions:r}=await import("./captions.js");this.#t===t&&(this.#o??=new r(this.#a,t))}#h(){let t=this.#t;if(!t)return;let e=this.getAttribute("text");e&&this.hasAttribute("autoplay")&&!this.#e&&(this.#e=!0,t.interrupt(),t.speak(e)),this.#s.hidden=t.state!=="blocked"&&(this.#e||!e)}#w(){let t=this.getAttribute("text");this.#m(),this.#t&&t&&!this.#e&&(this.#e=!0,this.#t.speak(t)),this.#h()}#m(){this.#t?.unlock().catch(()=>{})}#p(){return{mode:this.getAttribute("mode")==="svg"?"none":"sprites"}}#b(t){this.#t?.configure(t).catch(e=>this.#d("error",e))}#d(t,e){this.dispatchEvent(new CustomEvent(t,{detail:e}))}};async function b(i,t){let{SvgFace:e}=await import("./svg.js");return()=>new e(i,t)}async function g(i,t){let{CanvasFace:e}=await import("./canvas.js"),s=document.createElement("canvas");return s.role="img",s.ariaLabel="A face whose lips move with the speech",i.append(s),()=>new e(s,t)}for(let i of h)Object.defineProperty(c.prototype,i,{configurable:!0,enumerable:!0,get(){return this.getAttribute(i)??""},set(t){t==null?this.removeAttribute(i):this.setAttribute(i,t)}});for(let i of d)Object.defineProperty(c.prototype,i,{configurable:!0,enumerable:!0,get(){return this.hasAttribute(i)},set(t){this.toggleAttribute(i,!!t)}});globalThis.customElements&&!customElements.get("talking-face")&&customElements.define("talking-face",c);export{c as TalkingFace};
