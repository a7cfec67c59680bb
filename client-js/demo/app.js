import { CanvasFace } from '/client/canvas.js';
import { LipwireClient } from '/client/lipwire.js';
import { SvgFace } from '/client/svg.js';
import { adviceOn } from './advice.js';
import { Caption } from './caption.js';
import { showCode } from './code.js';
import { Crowd } from './crowd.js';
import { $, write } from './dom.js';
import { Downloads } from './downloads.js';
import { markPassed } from './in-sight.js';
import { ask, carryKey, keyOf } from './key.js';
import { FRAMES, Looks } from './looks.js';
import { Manner } from './manner.js';
import { Moments } from './moments.js';
import { Rough } from './rough.js';
import { Network } from './rough-socket.js';
import { Score } from './score.js';
import { Skew } from './skew.js';
import { headline, Strip } from './strip.js';
import { Tape } from './tape.js';
import { tokensOf, typed } from './typist.js';
import { Vitals } from './vitals.js';

/** @typedef {import('/client/lipwire.js').SpokenUtterance} SpokenUtterance */
/** @typedef {import('/client/lipwire.js').LipwireError} LipwireError */
/** @typedef {NonNullable<ReturnType<SpokenUtterance['wordAt']>>} Word */
/** @typedef {NonNullable<ReturnType<LipwireClient['face']['frame']>>} Frame */
/** @typedef {{utterance: SpokenUtterance, tape: Tape, moments: Moments}} Said */

/** A sound that pauses for longer than this is waited for. */
const DRY_MS = 1500;
/** @type {Record<string, string>} */
const STATUS = {
  idle: 'Not connected. Press Talk to connect.',
  connecting: 'Connecting…',
  reconnecting: 'The connection is gone. Reconnecting…',
  ready: 'Ready.',
  speaking: 'Speaking…',
  blocked: 'The browser holds the sound back: press Talk, or any key, to let it out.',
  closed: 'Closed.',
};

/** @type {HTMLTextAreaElement} */
const text = $('text');
const stop = $('stop');
const status = $('status');

const network = new Network();
const options = { frames: FRAMES, token: keyOf() };
const client = new LipwireClient(undefined, options, { Socket: network.Socket });
const canvas = new CanvasFace($('canvas'), client);
const sketch = new SvgFace($('sketch'), client);
sketch.visible = false;
const refused = (/** @type {LipwireError} */ error) => say(adviceOn(error), true);
const looks = new Looks(client, $('looks'), refused, (drawn) => (sketch.visible = drawn));
const manner = new Manner(client, refused);
const caption = new Caption($('spoken'));
const score = new Score($('score'));
const skew = new Skew(client, FRAMES.fps);
const vitals = new Vitals(client, skew);
const strip = new Strip();
const downloads = new Downloads(client);
const crowd = new Crowd(client, () => isHeard() || talk());
const weights = new Float32Array(15);
/** @type {Said | undefined} */
let latest;
/** What the status says once nothing is heard any more. */
let last = { advice: '', failed: false };
/** What there is to tell of what was said last. */
let outcome = '';
let request = 0;

/** For a look inside: from the console, and from tests. */
const inside = { client, canvas, sketch, skew, network, crowd };
const utterances = /** @type {SpokenUtterance[]} */ ([]);
Object.assign(window, { lipwire: { ...inside, utterances } });

client.on('state', showState);
client.on('error', (error) => {
  const failed = error.code !== 'idle';
  // What has arrived is heard to its end first.
  if (isHeard() && !client.session) last = { advice: adviceOn(error), failed };
  else say(adviceOn(error), failed);
});
client.on('warning', ({ message }) => say(message));
network.onSent = (type, at) => {
  if (type === 'speak') latest?.moments.sentAt(at);
};

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  talk();
});
stop.addEventListener('click', interrupt);
document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (key === 'Escape') interrupt(event);
  if (key !== ' ' || !canStop() || takesSpace(/** @type {Element} */ (target))) return;
  event.preventDefault();
  interrupt(event);
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
  begin(wanted);
}

/** @param {string} wanted */
function begin(wanted) {
  const tokens = manner.pace === undefined ? [wanted] : tokensOf(wanted);
  caption.begin();
  const source = typed(
    tokens,
    () => manner.pace ?? 1000,
    (piece) => {
      if (latest?.utterance !== utterance) return;
      moments.written += 1;
      caption.write(piece);
    },
  );
  const utterance = client.speak(manner.pace === undefined ? wanted : source);
  const moments = new Moments(utterance, tokens.length);
  const tape = new Tape(utterance, client.session?.audio.sample_rate ?? 22_050);
  const said = { utterance, moments, tape };
  latest = said;
  utterances.push(utterance);
  if (manner.pace === undefined) {
    caption.write(wanted);
    moments.written = 1;
  }
  follow(said);
}

/** @param {Said} said */
function follow({ utterance, moments }) {
  skew.reset();
  outcome = '';
  strip.show(moments);
  $('log').textContent = '';
  utterance.on('segment', (segment) => {
    $('log').append(Object.assign(document.createElement('p'), { textContent: segment.text }));
  });
  utterance.on('sound', () => {
    strip.show(moments);
    if (utterance === latest?.utterance) outcome = headline(moments);
  });
  utterance.finished.then(
    ({ character, count, reason }) => {
      if (utterance !== latest?.utterance) return;
      caption.end(character);
      strip.show(moments);
      downloads.offer(utterance.number);
      if (reason === 'done' && count === 0) say('There is nothing to say in that.');
    },
    // What went wrong is told by the client's `error` event.
    () => {
      if (utterance !== latest?.utterance) return;
      caption.end(utterance.heardAt(utterance.heard).character);
    },
  );
}

/** @param {Event} event whose moment is that of the interrupt */
async function interrupt({ timeStamp }) {
  if (!canStop()) return;
  const stopped = latest?.utterance;
  const silent = !isHeard();
  await client.interrupt();
  // While nobody can be reached, the state stays what it is.
  showState(client.state);
  if (stopped !== latest?.utterance || stopped?.silentAt === undefined) return;
  // Where there was nothing left to be heard, it was silent before that.
  const ms = Math.max(0, Math.round(stopped.silentAt - timeStamp));
  outcome = silent ? 'Stopped.' : `Stopped in ${ms} ms.`;
  say(client.state === 'reconnecting' ? `${outcome} Reconnecting…` : outcome);
}

/** What goes wrong is told by the client's `error` event. */
function unlock() {
  client.unlock().catch(() => {});
}

/** @param {Element} target a button that talks would only talk again */
function takesSpace(target) {
  return target.id !== 'talk' && target.matches?.('textarea, input, select, button, a, summary');
}

/** @param {typeof client.state} state */
function showState(state) {
  document.documentElement.dataset.state = state;
  // A button that is disabled would lose the focus to nobody.
  stop.setAttribute('aria-disabled', String(!canStop()));
  if (isHeard() && request === 0) request = requestAnimationFrame(frame);
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

/** Also what waits for a connection can be given up. */
function canStop() {
  return isHeard() || (client.state === 'reconnecting' && latest?.utterance.settled === false);
}

function progress() {
  if (client.state === 'ready' && outcome) return outcome;
  if (client.state !== 'speaking') return STATUS[client.state];
  if (last.advice) return 'The connection broke. This is the last of what has arrived…';
  if (!outcome) return 'Thinking…';
  return client.dryMs > DRY_MS ? 'Waiting for the server…' : outcome;
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
  write(status, words);
  status.classList.toggle('failed', failed);
  status.classList.toggle('told', latest !== undefined && !failed);
}

/** While something is heard: what runs along with it. A page that is hidden rests until it is seen again. */
function frame() {
  request = 0;
  const { utterance, sample } = client.face.mouth(weights);
  if (utterance) {
    skew.drawn(looks.sketched ? undefined : canvas.stats().shown);
    if (utterance === latest?.utterance) {
      caption.say(utterance.wordAt(sample));
      score.show(latest.tape, sample);
    }
  }
  vitals.show();
  tellProgress();
  if (isHeard()) request = requestAnimationFrame(frame);
  else if (latest) score.show(latest.tape, latest.utterance.heard);
}

/** @param {string} path */
async function offered(path) {
  const answer = await ask(path);
  return answer.ok ? answer.json() : {};
}

carryKey();
markPassed($('place'));
new Rough(network, client);
showCode($('code'), $('copy'));
showState(client.state);
offered('/v1/faces').then(
  ({ faces = [] }) => looks.offer(faces),
  () => {},
);
offered('/v1/voices').then(
  ({ voices = [] }) => manner.offer(voices.map(nameOf)),
  () => {},
);
client.connect().catch(() => {});

/** @param {{name: string}} named */
function nameOf({ name }) {
  return name;
}
