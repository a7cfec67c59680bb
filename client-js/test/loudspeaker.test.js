import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LipwireError } from '../src/errors.js';
import { Loudspeaker } from '../src/loudspeaker.js';
import { READY } from './stand-ins.js';

/**
 * A loudspeaker whose players note what they are told.
 * @param {object} [options]
 */
function rig(options = {}) {
  /** @type {any[]} */
  const players = [];
  /** @type {any[]} */
  const told = [];
  const create = async (/** @type {any} */ asked) => {
    const volumes = /** @type {number[]} */ ([]);
    const sinks = /** @type {string[]} */ ([]);
    const setSink = async (/** @type {string} */ id) => {
      if (id === 'nowhere') throw new LipwireError('audio_unavailable', 'no such device');
      sinks.push(id);
    };
    const setVolume = (/** @type {number} */ volume) => volumes.push(volume);
    const player = {
      ...asked,
      asked,
      volumes,
      sinks,
      holds: /** @type {boolean[]} */ ([]),
      hold: (/** @type {boolean} */ held) => player.holds.push(held),
      grow: () => {},
      output: { setVolume, setSink },
      close: async () => (player.closed = true),
    };
    players.push(player);
    return player;
  };
  const loudspeaker = new Loudspeaker(options, /** @type {any} */ (create));
  loudspeaker.on('warning', ({ code }) => told.push(code));
  loudspeaker.on('error', ({ code }) => told.push(code));
  const open = (ready = {}) => loudspeaker.open(/** @type {any} */ ({ ...READY, ...ready }));
  return { loudspeaker, players, told, open };
}

test('a volume holds for what is played later, and for the next player', async () => {
  const { loudspeaker, players, open } = rig();
  loudspeaker.volume = 0.5;
  await open();
  loudspeaker.muted = true;
  loudspeaker.muted = false;
  assert.deepEqual(players[0].volumes, [0.5, 0, 0.5]);
  await open({ audio: { codec: 'pcm_s16le', sample_rate: 2000 } });
  assert.deepEqual([players[0].closed, players[1].volumes], [true, [0.5]]);
});

for (const [asked, holds] of [
  [2, 1],
  [-1, 0],
  [Number.NaN, 0],
]) {
  test(`a volume of ${asked} is one of ${holds}`, () => {
    const { loudspeaker } = rig();
    loudspeaker.volume = asked;
    assert.equal(loudspeaker.volume, holds);
  });
}

test('what is held is told once, and holds for the next player', async () => {
  const { loudspeaker, players, open } = rig();
  /** @type {boolean[]} */
  const told = [];
  loudspeaker.on('held', (held) => told.push(held));
  loudspeaker.held = true;
  loudspeaker.held = true;
  await open();
  loudspeaker.held = false;
  assert.deepEqual(
    [players[0].holds, told],
    [
      [true, false],
      [true, false],
    ],
  );
});

test('a player goes on while the rate stays', async () => {
  const { players, open } = rig();
  assert.equal(await open(), await open());
  assert.equal(players.length, 1);
});

for (const [what, flow, steady] of /** @type {[string, object, boolean][]} */ ([
  ['runs ahead', { mode: 'played', lead_ms: 3000 }, true],
  ['hardly runs ahead', { mode: 'played', lead_ms: 200 }, false],
  ['says nothing of it', { mode: 'off', lead_ms: 3000 }, false],
])) {
  test(`a server that ${what} is ${steady ? '' : 'not '}relied on to do so`, async () => {
    const { players, open } = rig();
    await open({ flow });
    assert.equal(players[0].asked.steady, steady);
  });
}

test('a device holds for the next player, which plays elsewhere when it is gone', async () => {
  const { loudspeaker, players, told, open } = rig();
  await loudspeaker.setSink('kitchen');
  await open();
  assert.deepEqual(players[0].sinks, ['kitchen']);
  await assert.rejects(loudspeaker.setSink('nowhere'), { code: 'audio_unavailable' });
  await loudspeaker.close();
  await loudspeaker.setSink('nowhere');
  await open();
  assert.deepEqual(told, ['audio_unavailable']);
});

test('where nothing decodes Opus, PCM is asked for and a warning given', () => {
  Object.assign(globalThis, { AudioDecoder: undefined });
  const { loudspeaker, told } = rig({ codec: 'opus' });
  assert.equal(loudspeaker.choose(), 'pcm_s16le');
  assert.deepEqual(told, ['unsupported']);
});
