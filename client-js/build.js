/** Makes the files that a page without a bundler loads; `--check` says whether they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { adapters, bundle, lazy } from './bundles.js';

const here = new URL('.', import.meta.url);
const read = (/** @type {string} */ path) => {
  try {
    return readFileSync(new URL(path, here), 'utf8');
  } catch {
    return '';
  }
};

const { version } = JSON.parse(read('package.json'));
const licence = read('LICENSE').trim();
const msgpack = `Contains @msgpack/msgpack (ISC):\n\n${read('node_modules/@msgpack/msgpack/LICENSE').trim()}`;

/** @param {string} licences */
function banner(licences) {
  const notice = licences.replaceAll('\n', '\n * ').replaceAll(' \n', '\n');
  return `/*!
 * Lipwire ${version}, browser client. Made by \`npm run build\` in client-js/: edit src/, not this file.
 *
 * ${notice}
 */`;
}

const checking = process.argv.includes('--check');
/** @type {Record<string, string>} */
const files = {};

// It is a part of the bundle, so it comes first.
const worklet = await bundle('src/player.worklet.js', { format: 'iife' });
const INLINE = 'src/player.worklet.inline.js';
files[INLINE] =
  `// Made by \`npm run build\` from player.worklet.js.\nexport default ${JSON.stringify(worklet.trim())};\n`;
if (!checking) writeFileSync(new URL(INLINE, here), files[INLINE]);

files['dist/player.worklet.js'] = `${banner(licence)}\n${worklet}`;
files['dist/lipwire.js'] = await bundle('src/index.js', {
  banner: banner(`${licence}\n\n${msgpack}`),
});
for (const [name, source] of adapters()) {
  files[`dist/${name}.js`] = await bundle(source, { banner: banner(licence) });
}
for (const path of lazy()) {
  const name = path.slice('./'.length);
  files[`dist/${name}`] = await bundle(`src/${name}`, { banner: banner(licence), later: true });
}

if (checking) {
  const stale = Object.keys(files).filter((path) => read(path) !== files[path]);
  if (stale.length > 0) {
    console.error(`out of date: ${stale.join(', ')}\nrun npm run build`);
    process.exit(1);
  }
} else {
  for (const [path, text] of Object.entries(files)) writeFileSync(new URL(path, here), text);
}
