import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MorphFace } from '../../src/adapters/morph.js';
import { Mouthing, Stage } from './stage.js';

/**
 * @param {string[]} names
 * @param {string} [name]
 */
function mesh(names, name = 'Wolf3D_Head') {
  return {
    name,
    rotation: { x: 0, y: 0, z: 0 },
    morphTargetDictionary: Object.fromEntries(names.map((each, index) => [each, index])),
    morphTargetInfluences: names.map(() => 0),
  };
}

/**
 * What morph targets of these names are, while the mouth is this.
 * @param {Record<number, number>} shares
 * @param {...string[]} meshes
 */
function moved(shares, ...meshes) {
  const stage = new Stage();
  stage.calm = true;
  const client = new Mouthing();
  client.shares = shares;
  const objects = meshes.map((names) => mesh(names));
  new MorphFace(root(...objects), /** @type {any} */ (client));
  return objects.map(({ morphTargetDictionary, morphTargetInfluences }) => {
    return Object.fromEntries(
      Object.entries(morphTargetDictionary).map(([name, index]) => [
        name,
        Number(morphTargetInfluences[index].toFixed(3)),
      ]),
    );
  });
}

/**
 * @param {...object} objects
 * @returns {any}
 */
function root(...objects) {
  return { traverse: (/** @type {(each: object) => void} */ each) => objects.forEach(each) };
}

test('visemes are found by the names of Oculus, Ready Player Me and VRChat', () => {
  const shares = { 1: 0.25, 13: 0.5 };
  const expected = [
    { viseme_PP: 0.25, viseme_oh: 0.5, viseme_sil: 0.25 },
    { viseme_PP: 0.25, viseme_O: 0.5, viseme_sil: 0.25 },
    { 'vrc.v_pp': 0.25, 'vrc.v_oh': 0.5, 'vrc.v_sil': 0.25 },
  ];
  const found = moved(shares, ...expected.map((names) => Object.keys(names)));
  assert.deepEqual(found, expected);
});

test('a mesh with visemes is moved by them alone', () => {
  const [found] = moved({ 10: 1 }, [
    'viseme_aa',
    'viseme_PP',
    'jawOpen',
    'mouthOpen',
    'mouthFunnel',
  ]);
  assert.deepEqual(found, {
    viseme_aa: 1,
    viseme_PP: 0,
    jawOpen: 0,
    mouthOpen: 0,
    mouthFunnel: 0,
  });
});

test('without visemes it is the shapes of ARKit, however their sides are written', () => {
  const [found, short] = moved(
    { 1: 1 },
    ['jawOpen', 'mouthPressLeft', 'mouthPressRight', 'browInnerUp'],
    ['head.jawOpen', 'head.mouthPress_L', 'head.mouthPress_R'],
  );
  assert.deepEqual(found, {
    jawOpen: 0.05,
    mouthPressLeft: 0.45,
    mouthPressRight: 0.45,
    browInnerUp: 0,
  });
  assert.deepEqual(short, {
    'head.jawOpen': 0.05,
    'head.mouthPress_L': 0.45,
    'head.mouthPress_R': 0.45,
  });
});

test('a mouth that can only open does that', () => {
  const [found, jaw] = moved({ 10: 0.5 }, ['mouthOpen'], ['jawOpen', 'eyeBlinkLeft']);
  assert.deepEqual(found, { mouthOpen: 0.5 });
  assert.equal(jaw.jawOpen, 0.5);
});

test('eyes blink with two lids, or with what shuts both', () => {
  const stage = new Stage();
  const client = new Mouthing();
  const two = mesh(['jawOpen', 'eyeBlinkLeft', 'eyeBlink_R', 'eyesClosed']);
  const both = mesh(['mouthOpen', 'eyesClosed']);
  new MorphFace(root(two, both), /** @type {any} */ (client));
  const most = [0, 0, 0, 0, 0];
  for (let now = 1e6; now < 1e6 + 8000; now += 33) {
    stage.draw(now);
    const values = [...two.morphTargetInfluences.slice(1), both.morphTargetInfluences[1]];
    values.forEach((value, index) => (most[index] = Math.max(most[index], value)));
  }
  assert.ok(most[0] > 0.7 && most[0] === most[1] && most[0] === most[3]);
  assert.equal(most[2], 0);
});

test('the head sways around where it was, unless something else moves it', () => {
  for (const head of [true, false]) {
    const stage = new Stage();
    const bone = { name: 'mixamorig:Head', rotation: { x: 1, y: 2, z: 3 } };
    const client = /** @type {any} */ (new Mouthing());
    new MorphFace(root(bone, mesh(['mouthOpen'], 'Head')), client, { head });
    stage.draw(1e6);
    const { x, y, z } = bone.rotation;
    assert.equal(x !== 1 && y !== 2 && z !== 3, head);
    assert.ok(Math.abs(x - 1) < 0.1 && Math.abs(y - 2) < 0.1 && Math.abs(z - 3) < 0.1);
  }
});

test('a mood is in the shapes of ARKit, on top of what the mouth says, and not before it is asked for', () => {
  const stage = new Stage();
  stage.calm = true;
  const client = new Mouthing();
  client.shares = { 12: 0.5 };
  const face = mesh(['jawOpen', 'mouthSmile_L', 'browInnerUp', 'browDownLeft', 'browDown_R']);
  face.morphTargetInfluences[2] = 0.5;
  const visemes = mesh(['viseme_aa', 'cheekSquintLeft', 'mouthSmileLeft']);
  new MorphFace(root(face, visemes), /** @type {any} */ (client));
  const shown = () => face.morphTargetInfluences.map((each) => Number(each.toFixed(2)));
  assert.deepEqual(shown(), [0.08, 0.14, 0.5, 0, 0]);
  client.feel('happy');
  stage.draw(1e6);
  stage.draw(1e6 + 16);
  assert.deepEqual(shown(), [0.08, 0.74, 0.2, 0, 0]);
  assert.deepEqual(visemes.morphTargetInfluences, [0, 0.5, 0.6]);
  client.feel('angry');
  stage.draw(1e6 + 32);
  assert.deepEqual(shown(), [0.08, 0.14, 0, 0.8, 0.8]);
});

test('a model without a mouth is refused', () => {
  new Stage();
  const client = /** @type {any} */ (new Mouthing());
  const hat = mesh(['Bigger', 'viseme_unknown', 'eyeBlinkLeft'].slice(0, 2));
  assert.throws(() => new MorphFace(root(hat), client), /no morph targets for a mouth/);
});
