/**
 * Stands for a language model, and is none: a few rules that go through a list of questions. `write` is the
 * one function that an app replaces by its own model; docs/recipes.md has one for any OpenAI-compatible server.
 *
 * @typedef {object} Message
 * @property {'system' | 'assistant' | 'user'} role
 * @property {string} content of an `assistant`: what was heard of it, and no more
 */

const TOKEN_MS = 35;
/** From so many words on, an answer has something to ask about. */
const LONG_ANSWER = 4;

const ASK_AGAIN = /^(pardon|sorry|what|again|repeat|say (that|it) again|come again)\b[^.]{0,40}$/i;
const SKIP = /^(skip|pass|next|no idea|(i )?(do not|don't) know)\b/i;
const FOLLOW_UPS = [
  'What was the hardest part of it?',
  'How did you find that out?',
  'What would you do differently today?',
];
const LINKS = ['Thank you.', 'I see.', 'Good to know.'];
/** Words of five letters and more that no question is worth asking about. */
const COMMON = new Set(
  `about above actually after again against almost along already although always another anybody anything
  around because become before being below better between could different during either enough every
  everybody everything first found going great having however instead itself kind later least little looked
  makes makes maybe might mostly myself never nothing often other others people perhaps place pretty
  probably quite rather really right shall should since small something sometimes somewhere still thing
  things think thought three through times today together tomorrow trying under until usually wanted where
  whether which while whole without working would years yesterday`.split(/\s+/),
);

/**
 * Writes what the interviewer says next, token by token.
 * @param {Message[]} messages the conversation so far; the first one is the `system`'s
 * @param {{signal?: AbortSignal}} [options] `signal`: nobody listens any more
 * @returns {AsyncGenerator<string, void, void>}
 */
export async function* write(messages, { signal } = {}) {
  for (const token of reply(messages).match(/\s*\S{1,4}/gu) ?? []) {
    await new Promise((resolve) => setTimeout(resolve, TOKEN_MS));
    if (signal?.aborted) return;
    yield token;
  }
}

/**
 * What the rules make of a conversation: equal ones get equal replies.
 * @param {Message[]} messages
 */
export function reply(messages) {
  const questions = questionsOf(messages);
  const said = messages.filter(({ role }) => role === 'assistant').map(({ content }) => content);
  const next = questions.findIndex((question) => !said.some((text) => isIn(question, text)));
  if (said.length === 0) return `Hello, and thank you for your time. ${questions[0] ?? ''}`.trim();

  const latest = said[said.length - 1];
  const current = questions.findLast((question) => said.some((text) => isIn(question, text)));
  const last = messages[messages.length - 1];
  const answer = last.role === 'user' ? last.content.trim() : '';
  if (!answer || ASK_AGAIN.test(answer)) return again(latest, current, questions[next]);
  if (answer.endsWith('?')) {
    return `That is for a real language model to answer; I am only a few rules. ${again(latest, current, questions[next])}`;
  }
  if (isCut(latest) && !questions.some((question) => isIn(question, latest)) && next >= 0) {
    return `You were faster than my question. ${questions[next]}`;
  }
  const asked = questions.findIndex((question) => isIn(question, latest));
  if (asked >= 0 && !SKIP.test(answer)) return followUp(answer, asked);
  if (next < 0) return 'Thank you. That was my last question: you can finish the interview now.';
  return `${LINKS[next % LINKS.length]} ${questions[next]}`;
}

/**
 * @param {string} latest
 * @param {string | undefined} current
 * @param {string | undefined} next
 */
function again(latest, current, next) {
  if (next && isCut(latest) && !(current && isIn(current, latest)))
    return `As I was saying. ${next}`;
  return current ? `Of course. ${current}` : (next ?? 'I have no more questions.');
}

/**
 * @param {string} answer
 * @param {number} asked
 */
function followUp(answer, asked) {
  const words = answer.match(/[\p{L}\p{N}'-]+/gu) ?? [];
  if (words.length < LONG_ANSWER) return 'Can you tell me a little more about that?';
  const subject = words
    .filter((word) => word.length >= 5 && !COMMON.has(word.toLowerCase()))
    .reduce((longest, word) => (word.length > longest.length ? word : longest), '');
  const question = FOLLOW_UPS[asked % FOLLOW_UPS.length];
  return subject ? `You mentioned “${subject}”. ${question}` : question;
}

/**
 * The items of the list in the system's message.
 * @param {Message[]} messages
 */
function questionsOf(messages) {
  const system = messages.find(({ role }) => role === 'system')?.content ?? '';
  return system
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((line) => line.slice(2).trim());
}

/**
 * Whether at least half of a question is in what was heard: who heard less cannot answer it.
 * @param {string} question
 * @param {string} heard
 */
function isIn(question, heard) {
  const words = question.split(/\s+/);
  return heard.includes(words.slice(0, Math.ceil(words.length / 2)).join(' '));
}

/** @param {string} heard */
function isCut(heard) {
  return !/[.?!]["”']?\s*$/u.test(heard);
}
