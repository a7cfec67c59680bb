import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { adapters, bundle, lazy } from '../bundles.js';

/** What a page loads before it connects. */
const CORE = 12_000;
/** With what plays, which comes while the server is asked. */
const VOICE = 15_000;
/** Bookmarks, frames, Opus, silence, another device: for pages that ask for it. */
const LATER = 1100;
const ADAPTER = 3000;
/** Its drawing is in it: there is no picture to load besides. */
const DRAWN = 3210;

/**
 * @param {string} entry
 * @param {{external?: string[], later?: boolean}} [options]
 */
async function sizeOf(entry, options) {
  return gzipSync(await bundle(entry, options), { level: 9 }).length;
}

const client = () => sizeOf('src/index.js', { external: ['@msgpack/msgpack'] });

test(`the client is at most ${CORE} bytes, beside the codec`, async (t) => {
  const size = await client();
  t.diagnostic(`the client: ${size} bytes`);
  assert.ok(size <= CORE, `${size} bytes`);
});

test(`a page loads at most ${VOICE} bytes for a voice, beside the codec and the worklet`, async (t) => {
  const size = (await client()) + (await sizeOf('src/player.js', { later: true }));
  t.diagnostic(`the client and its player: ${size} bytes`);
  assert.ok(size <= VOICE, `${size} bytes`);
});

for (const path of ['./bookmark.js', './film.js', './opus.js', './silence.js', './sink.js']) {
  test(`${path} costs a page that needs it at most ${LATER} bytes`, async (t) => {
    assert.ok(lazy().includes(path));
    const size = await sizeOf(`src/${path.slice(2)}`, { later: true });
    t.diagnostic(`${path}: ${size} bytes`);
    assert.ok(size <= LATER, `${size} bytes`);
  });
}

for (const [name, source] of adapters()) {
  const limit = name === 'svg' ? DRAWN : ADAPTER;
  test(`${name} costs a page at most ${limit} bytes`, async (t) => {
    const size = await sizeOf(source);
    t.diagnostic(`${name}: ${size} bytes`);
    assert.ok(size <= limit, `${size} bytes`);
  });
}
