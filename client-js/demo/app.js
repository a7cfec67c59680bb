import { CanvasFace } from '/client/canvas.js';
import { LipwireClient } from '/client/lipwire.js';
import { adviceOn } from './advice.js';
import { Caption } from './caption.js';
import { Face } from './face.js';
import { FRAMES, Looks } from './looks.js';
import { mouthShape } from './mouth-shapes.js';

/** @typedef {import('/client/lipwire.js').SpokenUtterance} SpokenUtterance */
/** @typedef {NonNullable<ReturnType<SpokenUtterance['wordAt']>>} Word */
/** @typedef {import('/client/lipwire.js').LipwireError} LipwireError */
/** @typedef {{utterance: number, sample: number, gap: number}} Traced */

const TRACED = 5000;
/** How often the page's own face is drawn, while it speaks and while it only looks around. */
const SPEAKING_MS = 1000 / 30;
const RESTING_MS = 1000 / 10;
/** The frame comes when the screen is ready for it, half a refresh later on average. */
const SLACK_MS = 8;
/** A sound that pauses for longer than this is waited for. */
const DRY_MS = 1500;
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

const client = new LipwireClient(undefined, { frames: FRAMES });
const canvas = new CanvasFace($('canvas'), client);
const sketch = new Face($('sketch'));
const looks = new Looks(client, $('looks'), (error) => say(adviceOn(error), true));
const caption = new Caption($('spoken'));
const weights = new Float32Array(15);
/** @type {Traced[]} */
const trace = [];
/** @type {SpokenUtterance | undefined} */
let latest;
/** What the status says once nothing is heard any more. */
let last = { advice: '', failed: false };

/** For a look inside: from the console, and from tests. */
const inside = { client, canvas, trace, utterances: /** @type {SpokenUtterance[]} */ ([]) };
Object.assign(window, { lipwire: inside });

client.on('state', showState);
client.on('ready', ({ voice }) => {
  $('voice').textContent = voice.name;
});
client.on('error', (error) => {
  const failed = error.code !== 'idle';
  // What has arrived is heard to its end first.
  if (isHeard() && !client.session) last = { advice: adviceOn(error), failed };
  else say(adviceOn(error), failed);
});
client.on('warning', ({ message }) => say(message));

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  talk();
});
stop.addEventListener('click', () => {
  if (isHeard()) client.interrupt();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') client.interrupt();
});
text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!event.repeat) talk();
});
for (const gesture of ['pointerup', 'keydown']) {
  document.addEventListener(gesture, () => {
    if (client.state === 'blocked') unlock();
  });
}

function talk() {
  const wanted = text.value.trim();
  if (!wanted) {
    say('Type something first.');
    text.focus();
    return;
  }
  const limit = client.session?.limits.utterance_text ?? Number.POSITIVE_INFINITY;
  const length = Array.from(wanted).length;
  if (length > limit) {
    say(`That is ${length} characters, and ${limit} can be said at once: make it shorter.`, true);
    text.focus();
    return;
  }
  last = { advice: '', failed: false };
  say(STATUS[client.state]);
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
      if (reason === 'done' && count === 0) say('There is nothing to say in that.');
    },
    // What went wrong is told by the client's `error` event.
    () => {
      if (utterance === latest) caption.end(utterance.heardAt(utterance.heard).character);
    },
  );
}

/** What goes wrong is told by the client's `error` event. */
function unlock() {
  client.unlock().catch(() => {});
}

/** @param {typeof client.state} state */
function showState(state) {
  document.documentElement.dataset.state = state;
  // A button that is disabled would lose the focus to nobody.
  stop.setAttribute('aria-disabled', String(!isHeard()));
  if (state === 'idle' && last.advice) {
    say(last.advice, last.failed);
    last = { advice: '', failed: false };
  } else if (!status.classList.contains('failed') || state === 'speaking') {
    say(progress());
  }
}

function isHeard() {
  return client.state === 'speaking' || client.state === 'blocked';
}

function progress() {
  if (client.state !== 'speaking') return STATUS[client.state];
  if (last.advice) return 'The connection broke. This is the last of what has arrived…';
  if (latest?.firstSoundMs === undefined) return 'Thinking…';
  return client.dryMs > DRY_MS ? 'Waiting for the server…' : STATUS.speaking;
}

/** What `progress` said last. */
let told = '';

/** Tells how it goes on, without a word over what was said in between. */
function tellProgress() {
  const news = client.state === 'speaking' ? progress() : '';
  if (news && news !== told && !status.classList.contains('failed')) say(news);
  told = news;
}

/** @param {string} words */
function say(words, failed = false) {
  status.textContent = words;
  status.classList.toggle('failed', failed);
}

/** @param {number} now */
function frame(now) {
  const { utterance, sample } = client.face.mouth(weights);
  const { gap } = looks.sketched ? sketch.draw(weights, now) : mouthShape(weights);
  if (utterance) {
    if (utterance === latest) caption.say(utterance.wordAt(sample));
    trace.push({ utterance: utterance.number, sample, gap });
    if (trace.length > TRACED) trace.shift();
    const gaps = String(client.stats()?.underruns ?? 0);
    if ($('gaps').textContent !== gaps) $('gaps').textContent = gaps;
  }
  tellProgress();
  const moves = client.state === 'speaking' || weights[0] < 1;
  // A page that is hidden is given no frames: it rests until it is seen again.
  setTimeout(() => requestAnimationFrame(frame), (moves ? SPEAKING_MS : RESTING_MS) - SLACK_MS);
}

showState(client.state);
// It has a face already when it is looked at for the first time.
sketch.draw(client.face.mouth(weights).weights, performance.now());
requestAnimationFrame(frame);
client.connect().catch(() => {});
