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
function m({text:o,words:e,cut:t,start:n,end:s},i,{rate:r,past:l}){let c=a=>E(l+a/r*1e3),w=e.filter(({from:a})=>a<t);if(t===0||i<=n)return"";let f="",u=0;for(let a of w){let C=a.start>n?`<${c(a.start)}>`:"";f+=g(o.slice(u,a.from))+C,u=a.from}return f+=g(o.slice(u,t).trimEnd()),`${c(n)} --> ${c(Math.min(s,i))}
${f}`}function E(o){let e=Math.round(o),t=s=>String(Math.floor(s)).padStart(2,"0"),n=`${t(e/1e3%60)}.${String(e%1e3).padStart(3,"0")}`;return`${t(e/36e5)}:${t(e/6e4%60)}:${n}`}function g(o){return o.replaceAll("&","&amp;").replaceAll("<","&lt;").replaceAll(">","&gt;").replace(/\s*\n\s*/g," ")}var d="lipwire-word",k=`::highlight(${d}){background-color:var(--lipwire-word,light-dark(#ffd98a,#7a5410));color:var(--lipwire-word-text,currentColor)}.lipwire-unheard{opacity:.5}`,x=1e3,p=class{#i;#r;#n;#l;#s=!1;#a=0;#t=[];#c=0;#e;constructor(e,t,{kept:n=x}={}){this.#i=e,this.#r=t,this.#n=n;for(let[s,i]of[["role","log"],["aria-live","polite"],["aria-relevant","additions"]])e.hasAttribute(s)||e.setAttribute(s,i);this.#l=t.on("utterance",s=>this.#d(s))}stats(){return{sentences:this.#c}}vtt(){return["WEBVTT",...this.#t].join(`

`)+`
`}dispose(){this.#s=!0,this.#l(),this.#o()}#d(e){let t={utterance:e,rate:1,lang:"",lines:[]},n=[e.on("segment",()=>{let{audio:i,voice:r}=this.#r.session??{};t.rate=i?.sample_rate??r?.sample_rate??t.rate,t.lang=r?.language.replace("_","-")??t.lang}),e.on("word",i=>{this.#s||(this.#h(t,i.start),this.#u(t,i))})],s=i=>{for(let r of n)r();this.#s||this.#g(t,i)};e.finished.then(s,()=>s(e.heardAt(e.heard)))}#h({utterance:e,lines:t,lang:n},s){let{segments:i}=e;for(;i[t.length]?.start<=s;){let r=i[t.length],l=document.createElement("p");l.lang=n,l.dir="auto",l.textContent=r.text,t.push({element:l,text:r.text,words:$(r),cut:r.text.length,start:r.start,end:r.start+r.count}),this.#f(l)}}#f(e){let t=this.#i,n=t.getRootNode();(n instanceof Document||n instanceof ShadowRoot)&&y(n);let s=t.scrollTop+t.clientHeight>=t.scrollHeight-2;t.append(e),t.childElementCount>this.#n&&t.firstElementChild?.remove(),s&&(t.scrollTop=t.scrollHeight),this.#c++}#u({lines:e},{start:t}){this.#o();let n=e.findLast(i=>i.start<=t),s=n?.words.find(i=>i.start===t);n&&s&&(this.#e=v(n.element,s))}#o(){this.#e&&A(this.#e),this.#e=void 0}#g(e,{sample:t,ms:n,character:s}){this.#o(),this.#h(e,t-1);for(let i of e.lines){let r=i.words.find(({begin:c})=>c>=s);r&&T(i,r.from);let l=m(i,t,{rate:e.rate,past:this.#a});l&&this.#t.push(l)}this.#t=this.#t.slice(-this.#n),this.#a+=n}};function $({text:o,words:e=[]}){let t=0;return e.flatMap(([n,s,,i])=>{let r=o.indexOf(n,t);return r<0?[]:(t=r+n.length,[{from:r,to:t,begin:s,start:i}])})}var h;function y(o){h||(h=new CSSStyleSheet,h.replaceSync(k)),o.adoptedStyleSheets.includes(h)||(o.adoptedStyleSheets=[h,...o.adoptedStyleSheets])}function v(o,{from:e,to:t}){let n=S(o,e,t);if(globalThis.CSS?.highlights){let s=CSS.highlights.get(d)??new Highlight;CSS.highlights.set(d,s.add(n))}else n.surroundContents(document.createElement("mark"));return n}function A(o){if(globalThis.CSS?.highlights){CSS.highlights.get(d)?.delete(o);return}let e=o.commonAncestorContainer,t=e instanceof Element?e:e.parentElement;for(let n of t?.querySelectorAll("mark")??[])n.replaceWith(...n.childNodes);t?.normalize()}function T(o,e){o.cut=e;let t=document.createElement("span");t.className="lipwire-unheard",S(o.element,e,o.text.length).surroundContents(t)}function S(o,e,t){let n=o.firstChild,s=new Range;return s.setStart(n,e),s.setEnd(n,t),s}export{p as Captions};
