import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interview } from '../demo/interview/interview.js';
import { reply, write } from '../demo/interview/pretend-llm.js';

const FIRST = 'What did you build last?';
const SECOND = 'Why did you build it?';

/** @param {...(string | [string, string])} turns what was heard, or that and what was answered */
function conversation(...turns) {
  const interview = new Interview();
  interview.questions = [FIRST, SECOND];
  for (const turn of turns) {
    const [heard, answer] = typeof turn === 'string' ? [turn, ''] : turn;
    const said = { text: heard, heard, cut: false, session: 's', number: 1 };
    interview.turns.push({ who: 'face', ...said });
    if (answer) interview.turns.push({ who: 'person', text: answer });
  }
  return interview.messages();
}

const LONG = 'I built a scheduler for trains.';

test('it begins with the first question', () => {
  assert.equal(reply(conversation()), `Hello, and thank you for your time. ${FIRST}`);
});

test('it follows up on an answer, once, by what was said in it', () => {
  const followUp = reply(conversation([`Hello. ${FIRST}`, LONG]));
  assert.match(followUp, /“scheduler”.*\?$/);
  const next = reply(conversation([`Hello. ${FIRST}`, LONG], [followUp, 'The night trains.']));
  assert.ok(next.endsWith(SECOND));
});

test('it asks for more when an answer is short, and does not when somebody would rather not', () => {
  assert.match(reply(conversation([FIRST, 'A house.'])), /more about that\?$/);
  assert.ok(reply(conversation([FIRST, 'Skip it.'])).endsWith(SECOND));
});

test('a question of which little was heard is asked again', () => {
  const said = reply(conversation([FIRST, LONG], ['Why?', 'Fun.'], ['Good to know. Why', 'Wait!']));
  assert.equal(said, `You were faster than my question. ${SECOND}`);
  const whole = reply(conversation([FIRST, LONG], ['Why?', 'Fun.'], [SECOND, 'For the night.']));
  assert.ok(!whole.includes(SECOND));
});

test('it repeats a question when it is asked to, also without a word', () => {
  assert.ok(reply(conversation([`Hello. ${FIRST}`, 'Pardon?'])).endsWith(FIRST));
  assert.ok(reply(conversation(`Hello. ${FIRST}`)).endsWith(FIRST));
  assert.ok(reply(conversation('Hello, and')).endsWith(FIRST));
});

test('it does not pretend to know the answer to a question', () => {
  assert.match(
    reply(conversation([FIRST, 'How is the weather over there?'])),
    /real language model/,
  );
});

test('it ends after the last question, and survives a list without any', () => {
  const end = reply(conversation([FIRST, 'Skip'], [SECOND, LONG], ['Why, then?', 'It was late.']));
  assert.match(end, /last question/);
  const messages = conversation();
  messages[0].content = '';
  assert.equal(reply(messages), 'Hello, and thank you for your time.');
});

test('it writes what it replies, token by token, and stops when nobody listens', async () => {
  const messages = conversation();
  let written = '';
  const listening = new AbortController();
  for await (const token of write(messages, listening)) {
    written += token;
    if (written.length > 20) listening.abort();
  }
  assert.ok(reply(messages).startsWith(written));
  assert.ok(written.length < 30);
});

test('the model is told what was heard, and of what nobody heard nothing', () => {
  const interview = new Interview();
  const said = { text: 'Hello there.', session: 's', number: 1, cut: true };
  interview.turns.push({ who: 'face', heard: 'Hello', ...said });
  interview.turns.push({ who: 'person', text: 'Hi.' });
  interview.turns.push({ who: 'face', heard: '', ...said });
  assert.deepEqual(interview.messages().slice(1), [
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Hi.' },
  ]);
});
