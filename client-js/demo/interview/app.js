import { CanvasFace } from '/client/canvas.js';
import { LipwireClient } from '/client/lipwire.js';
import { adviceOn } from '../advice.js';
import { carryKey, keyOf } from '../key.js';
import { keepAnswer, spokenIn } from './archive.js';
import { Earlier } from './earlier.js';
import { Interview } from './interview.js';
import { write } from './pretend-llm.js';
import { Questions } from './questions.js';
import { Transcript } from './transcript.js';

/** @typedef {import('/client/lipwire.js').SpokenUtterance} SpokenUtterance */
/** @typedef {import('./interview.js').FaceTurn} FaceTurn */
/** @typedef {{turn: FaceTurn, utterance: SpokenUtterance}} Said */

/** Little of what an interrupt throws away has been made by then. */
const LEAD_MS = 1000;

/** @param {string} id */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const answer = /** @type {HTMLTextAreaElement} */ ($('answer'));

const interview = Interview.ofThisTab();
const client = new LipwireClient(undefined, {
  frames: { mode: 'sprites', size: 512 },
  meta: { interview: interview.id },
  leadMs: LEAD_MS,
  token: keyOf(),
  resume: interview.bookmark,
});
const canvas = new CanvasFace(/** @type {HTMLCanvasElement} */ ($('interviewer')), client);
const transcript = new Transcript($('log'), $('live'));
const questions = new Questions($('questions'), $('add'), interview.questions);
const earlier = new Earlier(
  { list: $('earlier'), status: $('earlier-status'), further: $('further') },
  interview.id,
);
/** @type {Said | undefined} what the face is saying */
let said;

/** For a look inside: from the console, and from tests. */
Object.assign(window, { lipwire: { client, canvas, interview } });

client.on('state', showState);
client.on('ready', ({ frames }) => {
  // Until then a picture is in its place.
  if (frames.mode !== 'none') document.documentElement.dataset.face = 'served';
});
client.on('error', (error) => say(adviceOn(error, wayOn()), true));
client.on('warning', ({ message }) => say(message));
client.on('utterance', (utterance) => {
  const { open } = interview;
  if (open?.number !== utterance.number) return;
  // The page before has begun it: what that had sent is said to its end.
  interview.open = undefined;
  open.text = utterance.text;
  const live = transcript.begin();
  live.add(open.text);
  const { character } = utterance.heardAt(utterance.heard);
  live.say({ begin: character, end: character });
  follow(open, utterance, live);
});

$('setup').addEventListener('submit', (event) => {
  event.preventDefault();
  begin();
});
$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  reply();
});
$('again').addEventListener('click', () => ask());
$('interrupt').addEventListener('click', interrupt);
$('finish').addEventListener('click', finish);
$('anew').addEventListener('click', () => {
  removeEventListener('pagehide', leave);
  interview.leave();
  client.close();
  location.reload();
});
answer.addEventListener('input', interrupt);
answer.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!event.repeat) reply();
});
document.addEventListener('keydown', (event) => {
  const spaceIsFree = event.target === answer ? answer.value === '' : !isControl(event.target);
  if (event.key !== 'Escape' && !(event.key === ' ' && spaceIsFree)) return;
  if (!isHeard()) return;
  event.preventDefault();
  interrupt();
});
addEventListener('pagehide', leave);
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  interview.open = undefined;
  client.connect().catch(() => {});
});

function begin() {
  interview.questions = questions.values;
  if (interview.questions.length === 0) {
    say('It needs a question to ask.', true);
    questions.focus();
    return;
  }
  unlock();
  // Without a connection nothing begins; what went wrong is told by the client's `error` event.
  client.connect().then(start, () => {});
}

function start() {
  if (interview.stage !== 'prepared') return;
  enter('running');
  answer.focus();
  ask();
}

function finish() {
  interrupt();
  enter('finished');
  $('anew').focus();
}

function reply() {
  const text = answer.value.trim();
  if (interview.stage !== 'running') return;
  if (!text) {
    say('Type your answer first.');
    return;
  }
  interrupt();
  answer.value = '';
  // The model is told what was heard of the question, so that has to be known first.
  settled().then(() => {
    const turn = /** @type {const} */ ({ who: 'person', text });
    const asked = interview.turns.at(-1);
    // Without a database it stays in this tab.
    if (asked?.who === 'face') keepAnswer(asked.session, asked.number, text).catch(() => {});
    interview.turns.push(turn);
    transcript.add(turn);
    ask();
  });
}

/** Whoever comes back goes on with what was not heard until now. */
function leave() {
  interview.bookmark = client.bookmark();
  interview.open = said?.turn;
  if (said) said.turn.heard = said.utterance.heardAt(said.utterance.heard).textSpoken;
  interview.save();
}

/** Connects; a session that was left for too long is over, and there is another one. */
async function arrive() {
  try {
    await client.connect();
  } catch (error) {
    if (interview.open) close(interview.open, interview.open.heard, true);
    interview.open = undefined;
    if (/** @type {{code?: string}} */ (error).code !== 'not_found') return;
    await client.connect();
    say(progress(client.state));
  }
}

/** Has the next turn of the interviewer written, and spoken while it is written. */
async function ask() {
  unlock();
  await settled();
  earlier.hush();
  /** @type {FaceTurn} */
  const turn = { who: 'face', text: '', heard: '', cut: false, session: '', number: 0 };
  const live = transcript.begin();
  const writing = new AbortController();
  const utterance = client.speak(copied(write(interview.messages(), writing), turn, live));
  turn.number = utterance.number;
  await follow(turn, utterance, live);
  writing.abort();
}

/**
 * Shows how a turn is heard, until it is over.
 * @param {FaceTurn} turn
 * @param {SpokenUtterance} utterance
 * @param {ReturnType<Transcript['begin']>} live
 */
async function follow(turn, utterance, live) {
  const current = (said = { turn, utterance });
  utterance.on('started', () => (turn.session = client.session?.session.id ?? ''));
  utterance.on('sound', () => showState(client.state));
  utterance.on('word', (word) => live.say(word));
  showState(client.state);
  try {
    const { reason, textSpoken } = await utterance.finished;
    const cut = reason !== 'done';
    settle(current, cut ? textSpoken : turn.text, cut);
  } catch {
    // What went wrong is told by the client's `error` event.
    settle(current, utterance.heardAt(utterance.heard).textSpoken, true);
  }
}

/**
 * The tokens, on their way into the transcript.
 * @param {AsyncIterable<string>} tokens
 * @param {FaceTurn} turn
 * @param {ReturnType<Transcript['begin']>} live
 */
async function* copied(tokens, turn, live) {
  for await (const token of tokens) {
    turn.text += token;
    live.add(token);
    yield token;
  }
}

/**
 * @param {Said} ended
 * @param {string} heard
 * @param {boolean} cut
 */
function settle(ended, heard, cut) {
  if (said !== ended) return;
  said = undefined;
  close(ended.turn, heard, cut);
}

/**
 * The turn is over.
 * @param {FaceTurn} turn
 * @param {string} heard
 * @param {boolean} cut
 */
function close(turn, heard, cut) {
  Object.assign(turn, { heard, cut });
  interview.turns.push(turn);
  transcript.add(turn, repeater(turn));
  keep();
  showState(client.state);
}

/** What connects again, as the page stands. */
function wayOn() {
  if (interview.stage === 'running') return 'Press Ask again';
  return interview.stage === 'prepared' ? 'Begin the interview' : 'Reload this page';
}

/** What the face says is over: its end is heard, or it was interrupted. */
async function settled() {
  await said?.utterance.finished.catch(() => {});
}

function interrupt() {
  if (isHeard()) client.interrupt();
}

/** What the face says now, or says again. */
function isHeard() {
  return said !== undefined || client.state === 'speaking' || client.state === 'blocked';
}

/**
 * A button that has the face say a turn again: what is kept of this session.
 * @param {FaceTurn} turn
 */
function repeater({ session, number }) {
  const { features = [], session: own } = client.session ?? {};
  if (session !== own?.id || !features.includes('replay')) return undefined;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet';
  button.textContent = 'Replay';
  button.addEventListener('click', () => {
    if (said) return;
    unlock();
    client.interrupt();
    client.replay(number);
  });
  return button;
}

/** What goes wrong is told by the client's `error` event. */
function unlock() {
  client.unlock().catch(() => {});
}

/** @param {Interview['stage']} stage */
function enter(stage) {
  interview.stage = stage;
  document.body.dataset.stage = stage;
  keep();
  showState(client.state);
}

function keep() {
  interview.save();
  const messages = $('messages');
  messages.textContent = JSON.stringify(interview.messages(), null, 2);
  messages.scrollTop = messages.scrollHeight;
}

/** @param {typeof client.state} state */
function showState(state) {
  document.documentElement.dataset.state = state;
  document.body.dataset.turn = said ? 'face' : 'person';
  // A button that is disabled would lose the focus to nobody.
  $('interrupt').setAttribute('aria-disabled', String(!isHeard()));
  if (!$('status').classList.contains('failed') || state === 'speaking') say(progress(state));
}

/** @param {string} state */
function progress(state) {
  if (state === 'reconnecting') return 'The connection was lost. Taking it up again…';
  if (state === 'connecting') return 'Connecting…';
  if (state === 'blocked') return 'The browser holds the sound back: press any key to let it out.';
  if (interview.stage === 'prepared') return 'Ready when you are.';
  if (interview.stage === 'finished') return 'The interview is over. Thank you.';
  if (!said) return isHeard() ? 'Saying it again.' : 'Listening to you.';
  return said.utterance.firstSoundMs === undefined
    ? 'Thinking…'
    : 'Speaking. Interrupt at any time.';
}

/** @param {string} words */
function say(words, failed = false) {
  const status = $('status');
  if (status.textContent !== words) status.textContent = words;
  status.classList.toggle('failed', failed);
}

/** @param {EventTarget | null} target */
function isControl(target) {
  return target instanceof Element && target.closest('input, textarea, button, summary, a, audio');
}

/** Shows what was said before the page was loaded again; the database knows best what was heard. */
async function restore() {
  enter(interview.stage);
  const sessions = new Set(
    interview.turns.map((turn) => (turn.who === 'face' ? turn.session : '')),
  );
  sessions.delete('');
  const kept = await Promise.all([...sessions].map((id) => spokenIn(id).catch(() => [])));
  for (const turn of interview.turns) {
    if (turn.who === 'face') {
      const { session, number } = turn;
      const stored = kept.flat().find((one) => one.session === session && one.number === number);
      if (stored?.heard) turn.heard = stored.heard;
    }
    transcript.add(turn);
  }
  keep();
}

// The latest turn is what is to be seen.
history.scrollRestoration = 'manual';
carryKey();
restore();
earlier.look();
arrive().catch(() => {});
