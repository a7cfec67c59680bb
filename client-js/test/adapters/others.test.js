import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Live2dFace } from '../../src/adapters/live2d.js';
import { TalkingHeadFace } from '../../src/adapters/talkinghead.js';
import { VrmFace } from '../../src/adapters/vrm.js';
import { Mouthing, Stage } from './stage.js';

/** @param {Record<number, number>} shares */
function speaking(shares) {
  const stage = new Stage();
  stage.calm = true;
  const client = new Mouthing();
  client.shares = shares;
  return { stage, client: /** @type {any} */ (client) };
}

function vrm() {
  /** @type {Record<string, number>} */
  const values = {};
  const rotation = { set: (/** @type {number[]} */ ...angles) => (rotated = angles) };
  /** @type {number[]} */
  let rotated = [];
  return {
    values,
    expressionManager: {
      setValue: (/** @type {string} */ name, /** @type {number} */ value) => (values[name] = value),
    },
    lookAt: { target: /** @type {unknown} */ (undefined), yaw: 99, pitch: 99 },
    humanoid: { getNormalizedBoneNode: () => ({ rotation }) },
    rotated: () => rotated,
  };
}

test('a VRM is given its five expressions and its lids', () => {
  const model = vrm();
  const { client } = speaking({ 10: 0.5, 7: 0.5 });
  new VrmFace(model, client);
  assert.deepEqual(model.values, { aa: 0.5, ih: 0.175, ou: 0, ee: 0, oh: 0, blink: 0 });
});

test('a VRM that looks at something goes on looking at it', () => {
  const model = vrm();
  const { client, stage } = speaking({ 10: 1 });
  model.lookAt.target = {};
  new VrmFace(model, client, { head: false });
  assert.equal(model.lookAt.yaw, 99);
  assert.deepEqual(model.rotated(), []);
  model.lookAt.target = null;
  stage.draw(1e6);
  assert.equal(model.lookAt.yaw, 0);
});

test('a VRM is in the mood that was asked for, and before that in that of its page', () => {
  const model = vrm();
  const { client, stage } = speaking({ 10: 1 });
  const moods = () => ['happy', 'sad', 'surprised', 'angry', 'relaxed'].map((m) => model.values[m]);
  model.values.happy = 1;
  new VrmFace(model, client);
  assert.deepEqual(moods(), [1, undefined, undefined, undefined, undefined]);
  client.feel('angry');
  stage.draw(1e6);
  assert.deepEqual(moods(), [0, 0, 0, 0.6, 0]);
  assert.equal(model.values.aa, 1);
  client.feel('thoughtful');
  stage.draw(1e6 + 16);
  assert.deepEqual(moods(), [0, 0, 0, 0, 0.3]);
});

test('a VRM without expressions is refused', () => {
  const { client } = speaking({});
  assert.throws(() => new VrmFace(/** @type {any} */ ({}), client), /no expressions/);
});

test('a TalkingHead is given its visemes by its own names, and keeps its own moods at rest', () => {
  const morph = () => ({
    value: 0,
    newvalue: /** @type {number | null} */ (null),
    needsUpdate: false,
  });
  /** @type {Record<string, ReturnType<typeof morph>>} */
  const mtAvatar = { viseme_O: morph(), viseme_I: morph(), jawOpen: morph() };
  const { client, stage } = speaking({ 13: 0.5 });
  const face = new TalkingHeadFace({ mtAvatar }, client);
  assert.deepEqual(mtAvatar.viseme_O, { value: 0, newvalue: 0.5, needsUpdate: true });
  assert.deepEqual(mtAvatar.viseme_I, morph());
  assert.deepEqual(mtAvatar.jawOpen, morph());
  mtAvatar.viseme_O.value = 0.5;
  client.shares = {};
  stage.draw(1e6);
  assert.equal(mtAvatar.viseme_O.newvalue, 0);
  // Its avatar may be another one later, or none yet.
  assert.doesNotThrow(() => new TalkingHeadFace({ mtAvatar: {} }, client));
  assert.ok(face.stats().drawn > 0);
});

test('a TalkingHead is in the mood of that name, in a neutral one without it, and told once', () => {
  /** @type {string[]} */
  const moods = [];
  const head = {
    mtAvatar: {},
    animMoods: { neutral: {}, sad: {} },
    setMood: moods.push.bind(moods),
  };
  const { client, stage } = speaking({ 13: 0.5 });
  new TalkingHeadFace(/** @type {any} */ (head), client);
  assert.deepEqual(moods, []);
  for (const emotion of ['sad', 'thoughtful']) {
    client.feel(emotion);
    stage.draw(1e6);
    stage.draw(1e6 + 16);
  }
  assert.deepEqual(moods, ['sad', 'neutral']);
  // What somebody has in place of a TalkingHead may have no moods.
  assert.doesNotThrow(() => new TalkingHeadFace({ mtAvatar: {} }, client));
});

test('a Live2D model has the brows, the eyes and the mouth of its mood', () => {
  /** @type {Record<string, number>} */
  const values = {};
  const { client } = speaking({ 12: 1 });
  client.feel('happy');
  new Live2dFace((id, value) => (values[id] = value), client);
  assert.equal(values.ParamMouthForm, 1);
  assert.deepEqual([values.ParamEyeLSmile, values.ParamEyeRSmile], [0.8, 0.8]);
  assert.deepEqual([values.ParamBrowLY, values.ParamBrowRForm], [0.3, 0]);
});

test('a Live2D model is given its parameters by one function, or by those that there are', () => {
  /** @type {Record<string, number>} */
  const values = {};
  const { client } = speaking({ 14: 0.5 });
  new Live2dFace((id, value) => (values[id] = value), client);
  assert.equal(values.ParamMouthOpenY, 0.125);
  assert.equal(values.ParamMouthForm, -0.5);
  assert.equal(values.ParamEyeLOpen, 1);
  assert.deepEqual(Object.keys(values), [
    'ParamMouthOpenY',
    'ParamMouthForm',
    'ParamEyeLOpen',
    'ParamEyeROpen',
    'ParamEyeBallX',
    'ParamEyeBallY',
    'ParamAngleX',
    'ParamAngleY',
    'ParamAngleZ',
  ]);
  let open = 0;
  new Live2dFace({ ParamMouthOpenY: (value) => (open = value) }, client);
  assert.equal(open, 0.125);
});
