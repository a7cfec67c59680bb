import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cue } from '../../src/adapters/vtt.js';

const CLOCK = { rate: 1000, past: 0 };
const SENTENCE = {
  text: 'Hello there, you.',
  words: [
    { from: 0, start: 0 },
    { from: 6, start: 400 },
    { from: 13, start: 900 },
  ],
  cut: 17,
  start: 0,
  end: 1500,
};

test('a caption has the time of every word after the first', () => {
  const expected = '00:00:00.000 --> 00:00:01.500\nHello <00:00:00.400>there, <00:00:00.900>you.';
  assert.equal(cue(SENTENCE, 1500, CLOCK), expected);
});

test('what went before moves it', () => {
  const late = cue(SENTENCE, 1500, { rate: 1000, past: 3_600_000 + 61_001 });
  assert.match(late, /^01:01:01.001 --> 01:01:02.501\n/);
});

test('of a sentence that was cut off there is what was heard', () => {
  const expected = '00:00:00.000 --> 00:00:00.800\nHello <00:00:00.400>there,';
  assert.equal(cue({ ...SENTENCE, cut: 13 }, 800, CLOCK), expected);
  assert.equal(cue({ ...SENTENCE, cut: 0 }, 100, CLOCK), '');
  assert.equal(cue({ ...SENTENCE, start: 500 }, 500, CLOCK), '');
});

test('text cannot become markup, nor end the caption', () => {
  const text = 'A <b> & -->\n\nB.';
  const made = cue({ ...SENTENCE, text, words: [], cut: text.length }, 1500, CLOCK);
  assert.equal(made.split('\n').slice(1).join('|'), 'A &lt;b&gt; &amp; --&gt; B.');
});
