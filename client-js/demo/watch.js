import { CanvasFace } from '/client/canvas.js';
import { Captions } from '/client/captions.js';
import { LipwireClient } from '/client/lipwire.js';
import { adviceOn } from './advice.js';
import { $, write } from './dom.js';
import { carryKey, keyOf } from './key.js';
import { FRAMES } from './looks.js';

/** @type {Record<string, string>} */
const STATUS = {
  idle: 'Not connected.',
  connecting: 'Connecting…',
  reconnecting: 'The connection is gone. Reconnecting…',
  ready: 'Watching. Whatever is said on the first screen is said here, too.',
  speaking: 'Watching.',
  blocked: 'Press a key, or tap, to hear it.',
  closed: 'Closed.',
};

const said = new URLSearchParams(location.hash.slice(1));
const watch = { session: said.get('session') ?? '', secret: said.get('secret') ?? '' };
const client = new LipwireClient(undefined, { watch, frames: FRAMES, token: keyOf() });
const canvas = new CanvasFace($('canvas'), client);
new Captions($('caption'), client, { kept: 1 });
Object.assign(window, { lipwire: { client, canvas } });

client.on('state', (state) => {
  document.documentElement.dataset.state = state;
  write($('status'), STATUS[state]);
});
client.on('error', (error) => {
  if (error.code === 'not_found') nothing('What was to be seen here is over.');
  else write($('status'), adviceOn(error, 'Reload this page'));
  $('status').classList.add('failed');
  $('way').hidden = false;
});
for (const gesture of ['pointerup', 'keydown']) {
  document.addEventListener(gesture, () => client.unlock().catch(() => {}));
}
carryKey();
if (watch.session && watch.secret) client.connect().catch(() => {});
else nothing('There is nothing to watch here.');

/** @param {string} why */
function nothing(why) {
  write($('status'), `${why} Open a second screen from the demo.`);
  $('canvas').hidden = true;
  $('caption').hidden = true;
  $('way').hidden = false;
}
