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
var l=globalThis.HTMLElement??class{},d=["src","voice","avatar","text","mode"],u=["captions","autoplay"],p=["state","ready","warning","error"],f=["sound","word","interrupted","finished"],m=`:host{display:inline-grid;grid-template-columns:100%;width:16rem}
:host([hidden]){display:none}
canvas,svg{display:block;width:100%;aspect-ratio:1}
[part=face],button{grid-row:1;grid-column:1}
button{place-self:end center;margin-bottom:8%;padding:.6em 1.2em;font:inherit;border:0;border-radius:2em;color:#fff;background:#000b;cursor:pointer}
button:hover{background:#000}
button:focus-visible{outline:3px solid #fff;outline-offset:-6px}
[hidden]{display:none}
p{margin:.3em 0}
[part=captions]{max-height:6em;overflow:auto}`,c=class extends l{static observedAttributes=[...d,...u];#t;#i;#n;#o;#r="";#e=!1;#l=0;#p;#a=document.createElement("div");#s=document.createElement("button");constructor(){super();let t=this.attachShadow({mode:"open"}),e=new CSSStyleSheet;e.replaceSync(m),t.adoptedStyleSheets=[e],this.#p=t,this.#a.setAttribute("part","captions"),this.#s.setAttribute("part","play");let s=document.createElement("slot");s.name="play",s.textContent="Play",this.#s.append(s),this.#s.hidden=!0,this.#s.addEventListener("click",()=>this.#v()),t.append(this.#s,this.#a)}get client(){return this.#t}connectedCallback(){for(let t of[...d,...u]){if(!Object.hasOwn(this,t))continue;let e=Reflect.get(this,t);Reflect.deleteProperty(this,t),Reflect.set(this,t,e)}this.#c()}disconnectedCallback(){queueMicrotask(()=>{this.isConnected||this.#m()})}attributeChangedCallback(t,e,s){!this.#i||s===e||(t==="src"?(this.#m(),this.#c()):t==="voice"||t==="avatar"?s&&this.#g({[t]:s}):t==="mode"?(this.#g({frames:this.#f()}),this.#h()):t==="captions"?this.#h():(this.#e=!1,this.#d()))}async speak(t){this.#b();let e=await this.#c();return this.#e=!0,e.speak(t)}async interrupt(){return this.#t?.interrupt()}#c(){return this.isConnected?(this.#i??=this.#w(),this.#i):Promise.reject(new TypeError("it is in no page"))}async#w(){let t=this.#l,{LipwireClient:e}=await import("./lipwire.js"),{voice:s,avatar:a}=this,n=new e(this.getAttribute("src")??void 0,{voice:s||void 0,avatar:a||void 0,frames:this.#f()});if(t!==this.#l)return this.#c();this.#t=n;for(let r of p)n.on(r,o=>this.#u(r,o));return n.on("utterance",r=>{this.#u("utterance",r);for(let o of f)r.on(o,h=>this.#u(o,h))}),n.on("state",()=>this.#d()),n.on("ready",()=>this.#h()),await this.#h(),n.connect().catch(()=>{}),this.#d(),n}#m(){this.#l++,this.#i=void 0,this.#n?.dispose(),this.#o?.dispose(),this.#t?.close(),this.#n=this.#o=this.#t=void 0,this.#r="",this.#e=!1}async#h(){let t=this.#t;if(!t)return;let e=t.session?.frames.mode??"sprites",s=this.#f().mode==="none"||e==="none",a=s?"svg":"canvas";if(a!==this.#r){this.#r=a;let o=document.createElement("div");o.setAttribute("part","face");let h=s?await b(o,t):await g(o,t);if(this.#t!==t||this.#r!==a)return;this.#n?.dispose(),this.#p.querySelector("[part=face]")?.remove(),this.#p.prepend(o),this.#n=h()}let n=this.hasAttribute("captions");if(this.#a.hidden=!n,!n||this.#o)return;let{Captions:r}=await import("./captions.js");this.#t===t&&(this.#o??=new r(this.#a,t))}#d(){let t=this.#t;if(!t)return;let e=this.getAttribute("text");e&&this.hasAttribute("autoplay")&&!this.#e&&(this.#e=!0,t.interrupt(),t.speak(e)),this.#s.hidden=t.state!=="blocked"&&(this.#e||!e)}#v(){let t=this.getAttribute("text");this.#b(),this.#t&&t&&!this.#e&&(this.#e=!0,this.#t.speak(t)),this.#d()}#b(){this.#t?.unlock().catch(()=>{})}#f(){return{mode:this.getAttribute("mode")==="svg"?"none":"sprites"}}#g(t){this.#t?.configure(t).catch(e=>this.#u("error",e))}#u(t,e){this.dispatchEvent(new CustomEvent(t,{detail:e}))}};async function b(i,t){let{SvgFace:e}=await import("./svg.js");return()=>new e(i,t)}async function g(i,t){let{CanvasFace:e}=await import("./canvas.js"),s=document.createElement("canvas");return s.role="img",s.ariaLabel="A face whose lips move with the speech",i.append(s),()=>new e(s,t)}for(let i of d)Object.defineProperty(c.prototype,i,{configurable:!0,enumerable:!0,get(){return this.getAttribute(i)??""},set(t){t==null?this.removeAttribute(i):this.setAttribute(i,t)}});for(let i of u)Object.defineProperty(c.prototype,i,{configurable:!0,enumerable:!0,get(){return this.hasAttribute(i)},set(t){this.toggleAttribute(i,!!t)}});globalThis.customElements&&!customElements.get("talking-face")&&customElements.define("talking-face",c);export{c as TalkingFace};
