import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** @param {string} entry */
async function sizeOf(entry) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    format: 'esm',
    minify: true,
    write: false,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

test('a page loads little for a voice, and little more for a face', async () => {
  assert.ok((await sizeOf('../src/index.js')) < 21_000);
  assert.ok((await sizeOf('../src/adapters/canvas.js')) < 3000);
});
