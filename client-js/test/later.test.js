import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LipwireError } from '../src/errors.js';
import { later } from '../src/later.js';

test('what can be loaded is handed on', async () => {
  assert.equal(await later(Promise.resolve(3)), 3);
});

test('what cannot be loaded is an error with a code, and with its cause', async () => {
  // @ts-expect-error There is no such file.
  const failed = later(import('./nowhere.js'));
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof LipwireError);
    assert.equal(error.code, 'unsupported');
    return /nowhere/.test(String(error.cause));
  });
});
