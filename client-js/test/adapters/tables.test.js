import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ARKIT } from '../../src/adapters/arkit.js';
import { FORM, mixed, OPEN, VRM } from '../../src/adapters/tables.js';
import { SETS, WEIGHT_SETS } from '../../src/visemes.js';

const served = JSON.parse(
  readFileSync(
    new URL('../../../server/lipwire_server/lipsync/visemes.json', import.meta.url),
    'utf8',
  ),
);

/**
 * @param {string} set
 * @param {string} shape
 */
function column(set, shape) {
  return SETS.oculus.map((viseme) => served[`oculus_to_${set}`][viseme][shape] ?? 0);
}

/** @param {readonly number[]} row */
function filled(row) {
  return SETS.oculus.map((_, viseme) => row[viseme] ?? 0);
}

test('the numbers are those of the server', () => {
  for (const name of WEIGHT_SETS.arkit) {
    assert.deepEqual(filled(ARKIT[name] ?? []), column('arkit', name), name);
  }
  for (const name of WEIGHT_SETS.vrm) {
    assert.deepEqual(filled(VRM[name]), column('vrm', name), name);
  }
  assert.deepEqual(filled(OPEN), column('live2d', 'ParamMouthOpenY'));
  assert.deepEqual(filled(FORM), column('live2d', 'ParamMouthForm'));
});

test('there is no shape that ARKit and VRM have not', () => {
  const known = /** @type {readonly string[]} */ ([...WEIGHT_SETS.arkit, ...WEIGHT_SETS.vrm]);
  for (const name of [...Object.keys(ARKIT), ...Object.keys(VRM)]) assert.ok(known.includes(name));
});

test('a mixture of visemes is that of their shapes', () => {
  const weights = new Float32Array(15);
  weights[10] = 0.5;
  weights[14] = 0.25;
  assert.equal(mixed(ARKIT.jawOpen, weights), 0.5 * 0.6 + 0.25 * 0.14);
});
