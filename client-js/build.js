/** Makes the files that a page without a bundler loads; `--check` says whether they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const here = new URL('.', import.meta.url);
const read = (/** @type {string} */ path) => {
  try {
    return readFileSync(new URL(path, here), 'utf8');
  } catch {
    return '';
  }
};

const { version } = JSON.parse(read('package.json'));
const worklet = read('src/player.worklet.js');
const inlined = `// Made by \`npm run build\` from player.worklet.js.\nexport default ${JSON.stringify(worklet)};\n`;
const licence = read('LICENSE').trim();
const msgpack = `Contains @msgpack/msgpack (ISC):\n\n${read('node_modules/@msgpack/msgpack/LICENSE').trim()}`;

const checking = process.argv.includes('--check');
// The bundle is made of it, so it comes first.
if (!checking) writeFileSync(new URL('src/player.worklet.inline.js', here), inlined);

/**
 * @param {string} entry
 * @param {string} licences
 */
async function bundle(entry, licences) {
  const notice = licences.replaceAll('\n', '\n * ').replaceAll(' \n', '\n');
  const banner = `/*!
 * Lipwire ${version}, browser client. Made by \`npm run build\` in client-js/: edit src/, not this file.
 *
 * ${notice}
 */`;
  const { outputFiles } = await build({
    absWorkingDir: here.pathname,
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    banner: { js: banner },
    write: false,
  });
  return outputFiles[0].text;
}

/** @type {Record<string, string>} */
const files = {
  'src/player.worklet.inline.js': inlined,
  'dist/player.worklet.js': worklet,
  'dist/lipwire.js': await bundle('src/index.js', `${licence}\n\n${msgpack}`),
  'dist/canvas.js': await bundle('src/adapters/canvas.js', licence),
};

if (checking) {
  const stale = Object.keys(files).filter((path) => read(path) !== files[path]);
  if (stale.length > 0) {
    console.error(`out of date: ${stale.join(', ')}\nrun npm run build`);
    process.exit(1);
  }
} else {
  for (const [path, text] of Object.entries(files)) writeFileSync(new URL(path, here), text);
}
