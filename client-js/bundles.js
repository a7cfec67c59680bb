/** The files that a page without a bundler loads, and what they are made of. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const ADAPTER = './adapters/';
const LAZILY = /\bimport\(\s*'(\.\/[\w.-]+\.js)'\s*\)/g;

/** Sources of the adapters by their names: those that `package.json` exports. */
export function adapters() {
  const { exports } = JSON.parse(readFileSync(`${here}package.json`, 'utf8'));
  const names = Object.keys(exports).filter((name) => name.startsWith(ADAPTER));
  return new Map(names.map((name) => [name.slice(ADAPTER.length), String(exports[name])]));
}

/** What the client imports only when it is asked for, as it names it: each a file of its own. */
export function lazy() {
  const sources = readdirSync(`${here}src`).filter((name) => name.endsWith('.js'));
  const found = sources.flatMap((name) => {
    return [...readFileSync(`${here}src/${name}`, 'utf8').matchAll(LAZILY)].map(([, path]) => path);
  });
  return [...new Set(found)].filter((path) => existsSync(`${here}src/${path}`));
}

/** What an adapter imports when it is needed, as it names it: files that lie next to each other. */
function neighbours() {
  return ['lipwire', ...adapters().keys()].map((name) => `./${name}.js`);
}

/**
 * There is one class of errors on a page, and one of what tells of events: what is loaded later takes them
 * from the client.
 * @type {import('esbuild').Plugin}
 */
const sharing = {
  name: 'sharing',
  setup(building) {
    const client = { path: './lipwire.js', external: true };
    building.onResolve({ filter: /^\.\/(errors|emitter)\.js$/ }, () => client);
  },
};

/**
 * One file for browsers, minified.
 * @param {string} entry
 * @param {{external?: string[], banner?: string, format?: 'esm' | 'iife', later?: boolean}} [options]
 *   `later`: the client loads it
 */
export async function bundle(entry, { external = [], banner = '', format = 'esm', later } = {}) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format,
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    external: [...external, ...lazy(), ...neighbours()],
    banner: { js: banner },
    plugins: later ? [sharing] : [],
    write: false,
  });
  return outputFiles[0].text;
}
