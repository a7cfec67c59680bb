import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../src/connection.js';
import { FakeSocket, READY, settle } from './stand-ins.js';

const limits = { ...READY.limits, resume_ms: 60_000 };

/**
 * A connection in virtual time, and what its owner was told.
 * @param {import('node:test').TestContext} t
 * @param {Partial<import('../src/connection.js').ConnectionOwner>} [owner]
 */
function rig(t, owner = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { now: 0 };
  /** @type {any[]} */
  const told = [];
  const connection = new Connection(
    new URL('ws://host/v1/stream'),
    {
      greet: (session) => ({ type: 'hello', session }),
      prepare: async () => {},
      onReady: () => told.push('ready'),
      onMessage: ({ type }) => told.push(type),
      onLost: () => told.push('lost'),
      onRefused: ({ code }) => told.push(`refused: ${code}`),
      onEnd: (error) => told.push(`end: ${error?.code}`),
      ...owner,
    },
    { Socket: /** @type {any} */ (FakeSocket), now: () => clock.now, random: () => 0.5 },
  );
  const wait = async (/** @type {number} */ ms) => {
    clock.now += ms;
    t.mock.timers.tick(ms);
    await settle();
  };
  const newest = () => /** @type {FakeSocket} */ (FakeSocket.opened.at(-1));
  const accept = async (secret = 'x') => {
    newest().onopen();
    newest().receive({ ...READY, limits, session: { ...READY.session, secret } });
    await settle();
  };
  const open = async () => {
    connection.open();
    await accept();
    await wait(10_000);
  };
  return { connection, told, wait, newest, accept, open, clock };
}

test('it is tried at once, soon, and then with more patience', async (t) => {
  const { told, wait, newest, open } = rig(t);
  await open();
  const delays = [];
  for (let i = 0; i < 7; i++) {
    const lost = newest();
    lost.lose(1006);
    let ms = 0;
    for (; newest() === lost; ms += 100) await wait(100);
    delays.push(ms);
  }
  assert.deepEqual(delays, [100, 300, 1700, 3200, 5300, 7500, 7500]);
  assert.deepEqual(told, ['ready', 'lost']);
});

test('it is given up when the server has given the session up', async (t) => {
  const { connection, told, wait, newest, open } = rig(t);
  await open();
  const rejected = assert.rejects(
    (async () => {
      newest().lose(1006);
      await connection.open();
    })(),
    { code: 'connection_lost' },
  );
  for (let ms = 0; ms < 70_000; ms += 100) {
    if (!newest().closed && connection.state === 'retrying') {
      newest().lose(1006);
      newest().closed = { code: 1006 };
    }
    await wait(100);
  }
  await rejected;
  assert.deepEqual([connection.state, told.at(-1)], ['closed', 'end: connection_lost']);
});

test('each connection shows the secret of the last one', async (t) => {
  const { wait, newest, accept, open } = rig(t);
  await open();
  for (const [shown, given] of [
    ['x', 'y'],
    ['y', 'z'],
  ]) {
    newest().lose(1006);
    await wait(0);
    await accept(given);
    assert.deepEqual(newest().sent[0].session, { id: 's', secret: shown });
    await wait(10_000);
  }
});

test('who loses it again and again is not tried at once', async (t) => {
  const { wait, newest, accept, open } = rig(t);
  await open();
  newest().lose(1006);
  await wait(0);
  await accept();
  const last = newest();
  last.lose(1006);
  await wait(200);
  assert.equal(newest(), last);
  await wait(100);
  assert.notEqual(newest(), last);
});

test('a server that has no room now says when to come back', async (t) => {
  const { wait, newest, open } = rig(t);
  await open();
  newest().lose(1012);
  await wait(0);
  const full = newest();
  full.onopen();
  full.receive({
    type: 'error',
    code: 'overloaded',
    message: '',
    fatal: true,
    retry_after_ms: 5000,
  });
  full.lose(4503);
  await wait(4900);
  assert.equal(newest(), full);
  await wait(100);
  assert.notEqual(newest(), full);
});

test('one that does not answer is let go of after 10 s', async (t) => {
  const { told, wait, newest, accept, open } = rig(t);
  await open();
  newest().lose(1006);
  await wait(0);
  const dumb = newest();
  await wait(10_000);
  assert.equal(dumb.closed.code, 4408);
  await wait(300);
  assert.notEqual(newest(), dumb);
  await accept();
  assert.deepEqual(told, ['ready', 'lost', 'ready']);
});

test('a network that comes back, or a page that is looked at again, is not kept waiting', async (t) => {
  const world = new EventTarget();
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const given = { document: page };
  for (const name of /** @type {const} */ (['addEventListener', 'removeEventListener'])) {
    Object.assign(given, { [name]: world[name].bind(world) });
  }
  Object.assign(globalThis, given);
  t.after(() => {
    for (const name of Object.keys(given)) delete (/** @type {any} */ (globalThis)[name]);
  });
  const { wait, newest, accept, open } = rig(t);
  await open();
  for (const [from, type] of /** @type {[EventTarget, string][]} */ ([
    [world, 'online'],
    [page, 'visibilitychange'],
  ])) {
    for (let i = 0; i < 4; i++) {
      newest().lose(1006);
      await wait(i ? 10_000 : 0);
    }
    const lost = newest();
    lost.lose(1006);
    page.visibilityState = 'hidden';
    page.dispatchEvent(new Event('visibilitychange'));
    assert.equal(newest(), lost);
    page.visibilityState = 'visible';
    from.dispatchEvent(new Event(type));
    assert.notEqual(newest(), lost);
    // A server that has heard of this one by now keeps the session: a close with 1000 would end it.
    const late = newest();
    late.onopen();
    from.dispatchEvent(new Event(type));
    assert.notEqual(newest(), late);
    assert.equal(late.closed.code, 4408);
    await accept();
    const open = newest();
    from.dispatchEvent(new Event(type));
    assert.equal(newest(), open);
    await wait(10_000);
  }
});

test('what comes while its reader gets ready waits for him', async (t) => {
  /** @type {() => void} */
  let go = () => {};
  const { connection, told, newest, accept } = rig(t, {
    prepare: () => new Promise((resolve) => (go = () => resolve(undefined))),
  });
  const opened = connection.open();
  await accept();
  newest().receive({ type: 'sprites', sprites: [] });
  assert.deepEqual(told, []);
  go();
  await opened;
  assert.deepEqual(told, ['ready', 'sprites']);
});

test('a reader that cannot get ready is the end of it', async (t) => {
  const { connection, told, newest, accept } = rig(t, {
    prepare: async () => {
      throw new Error('no sound');
    },
  });
  const rejected = assert.rejects(connection.open(), { message: 'no sound' });
  await accept();
  await rejected;
  assert.equal(newest().closed.code, 1000);
  assert.equal(told.length, 1);
});

test('the first connection is not tried again', async (t) => {
  const { connection, told, newest } = rig(t);
  const rejected = assert.rejects(connection.open(), { code: 'connection_failed' });
  newest().lose(1006);
  await rejected;
  assert.deepEqual(told, ['end: connection_failed']);
});

test('a server that does not answer at all is not left with a session that nobody knows of', async (t) => {
  const { connection, wait, newest } = rig(t);
  const rejected = assert.rejects(connection.open(), { code: 'connection_failed' });
  newest().onopen();
  await wait(30_000);
  await rejected;
  assert.equal(newest().closed.code, 1000);
});

test('who closes it in the middle of a try is left alone', async (t) => {
  const { connection, told, wait, newest, open } = rig(t);
  await open();
  newest().lose(1006);
  const lost = newest();
  connection.close();
  await wait(60_000);
  assert.equal(newest(), lost);
  assert.deepEqual(told, ['ready', 'lost', 'end: undefined']);
});
