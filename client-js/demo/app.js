import { LipwireClient } from '/client/lipwire.js';
import { adviceOn } from './advice.js';
import { Caption } from './caption.js';
import { Face } from './face.js';

/** @typedef {import('/client/lipwire.js').SpokenUtterance} SpokenUtterance */
/** @typedef {NonNullable<ReturnType<SpokenUtterance['wordAt']>>} Word */
/** @typedef {import('/client/lipwire.js').LipwireError} LipwireError */
/** @typedef {{utterance: number, sample: number, gap: number}} Traced */

const TRACED = 5000;
/** @type {Record<import('/client/lipwire.js').LipwireClient['state'], string>} */
const STATUS = {
  idle: 'Not connected. Press Talk to connect.',
  connecting: 'Connecting…',
  ready: 'Ready.',
  speaking: 'Speaking…',
  blocked: 'The browser holds the sound back: press Talk, or any key, to let it out.',
  closed: 'Closed.',
};

/**
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 */
const $ = (id) => /** @type {T} */ (/** @type {unknown} */ (document.getElementById(id)));
/** @type {HTMLTextAreaElement} */
const text = $('text');
/** @type {HTMLButtonElement} */
const stop = $('stop');
const status = $('status');

const client = new LipwireClient(undefined, { workletUrl: '/client/player.worklet.js' });
const face = new Face($('face'));
const caption = new Caption($('spoken'));
const weights = new Float32Array(15);
/** @type {Traced[]} */
const trace = [];
/** @type {SpokenUtterance | undefined} */
let latest;

/** For a look inside: from the console, and from tests. */
const inside = { client, trace, utterances: /** @type {SpokenUtterance[]} */ ([]) };
Object.assign(window, { lipwire: inside });

client.on('state', showState);
client.on('ready', ({ voice }) => {
  $('voice').textContent = voice.name;
});
client.on('error', (error) => {
  status.textContent = adviceOn(error);
  status.classList.add('failed');
});
client.on('warning', ({ message }) => {
  status.textContent = message;
});

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  talk();
});
stop.addEventListener('click', () => client.interrupt());
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') client.interrupt();
});
text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  talk();
});
for (const gesture of ['pointerup', 'keydown']) {
  document.addEventListener(gesture, () => {
    if (client.state === 'blocked') unlock();
  });
}

function talk() {
  const wanted = text.value.trim();
  if (!wanted) {
    status.textContent = 'Type something first.';
    text.focus();
    return;
  }
  status.classList.remove('failed');
  unlock();
  client.interrupt();
  const utterance = client.speak(wanted);
  latest = utterance;
  inside.utterances.push(utterance);
  caption.show(wanted);
  utterance.on('sound', ({ ms }) => {
    $('latency').textContent = `${ms} ms`;
  });
  utterance.finished.then(
    ({ character, count, reason }) => {
      if (utterance !== latest) return;
      caption.end(character);
      if (reason === 'done' && count === 0) status.textContent = 'There is nothing to say in that.';
    },
    // What went wrong is told by the client's `error` event.
    () => {},
  );
}

/** What goes wrong is told by the client's `error` event. */
function unlock() {
  client.unlock().catch(() => {});
}

/** @param {typeof client.state} state */
function showState(state) {
  document.documentElement.dataset.state = state;
  stop.disabled = state !== 'speaking' && state !== 'blocked';
  if (!status.classList.contains('failed') || state === 'speaking') {
    status.classList.remove('failed');
    status.textContent = STATUS[state];
  }
}

/** @param {number} now */
function frame(now) {
  const { utterance, sample } = client.pose(weights);
  const { gap } = face.draw(weights, now);
  if (utterance) {
    if (utterance === latest) caption.say(utterance.wordAt(sample));
    trace.push({ utterance: utterance.number, sample, gap });
    if (trace.length > TRACED) trace.shift();
    $('gaps').textContent = String(client.stats()?.underruns ?? 0);
  }
  requestAnimationFrame(frame);
}

showState(client.state);
requestAnimationFrame(frame);
client.connect().catch(() => {});
