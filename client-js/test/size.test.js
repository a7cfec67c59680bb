import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { adapters, bundle } from '../bundles.js';

const CORE = 15_700;
const ADAPTER = 3000;
/** Its drawing is in it: there is no picture to load besides. */
const DRAWN = 3400;

/**
 * @param {string} entry
 * @param {string[]} [external]
 */
async function sizeOf(entry, external) {
  return gzipSync(await bundle(entry, { external }), { level: 9 }).length;
}

test(`a page loads at most ${CORE} bytes for a voice, beside the codec`, async (t) => {
  const size = await sizeOf('src/index.js', ['@msgpack/msgpack']);
  t.diagnostic(`the client: ${size} bytes`);
  assert.ok(size <= CORE, `${size} bytes`);
});

for (const [name, source] of adapters()) {
  const limit = name === 'svg' ? DRAWN : ADAPTER;
  test(`${name} costs a page at most ${limit} bytes`, async (t) => {
    const size = await sizeOf(source);
    t.diagnostic(`${name}: ${size} bytes`);
    assert.ok(size <= limit, `${size} bytes`);
  });
}
