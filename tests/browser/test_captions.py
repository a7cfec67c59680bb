"""Captions beside a real voice: the example of docs/adapters.md, and what browsers differ in."""

import re

import pytest

from .workshop import HOST, Workshop, example


def test_captions_are_read_along(workshop: Workshop) -> None:
    watching = """
    window.words = [];
    client.on('utterance', (utterance) => utterance.on('word', () => {
      words.push([...CSS.highlights.get('lipwire-word')].map(String).join());
    }));
    Object.assign(window, { captions, client, log: document.querySelector('#host') });"""
    workshop.open(HOST, example("") + example("Captions") + watching)
    assert workshop.ask("[log.role, log.ariaLive].join()") == "log,polite"
    workshop.page.click("#talk")
    workshop.until("client.state === 'speaking' && words.length > 0")
    sentence = "Papa, mama, bubble: watch my mouth close."
    # As a whole, and in the language of the voice.
    assert workshop.ask("log.textContent") == sentence
    assert workshop.ask("log.firstChild.lang.slice(0, 2)") == "en"
    workshop.until("client.state === 'ready'")
    assert workshop.ask("words") == ["Papa", "mama", "bubble", "watch", "my", "mouth", "close"]
    assert workshop.ask("CSS.highlights.get('lipwire-word').size") == 0
    header, _, timing, cue = workshop.ask("captions.vtt()").strip().split("\n")
    assert header == "WEBVTT"
    assert timing.startswith("00:00:00.000 --> 00:00:0")
    assert re.sub(r"<[0-9:.]+>", "", cue) == sentence
    with workshop.page.expect_download() as download:
        workshop.page.click("#save")
    assert download.value.suggested_filename == "heard.vtt"


def test_what_an_interrupt_left_unheard_is_told_apart(workshop: Workshop) -> None:
    script = example("") + example("Captions") + "Object.assign(window, { captions, client });"
    workshop.open(HOST, script)
    heard = workshop.ask(
        """async () => {
            const utterance = client.speak('One two three four five six seven eight nine ten.');
            await new Promise((resolve) => utterance.on('word', ({ text }) => {
                if (text === 'three') resolve();
            }));
            await client.interrupt();
            const { textSpoken } = await utterance.finished;
            await new Promise((resolve) => setTimeout(resolve));
            return textSpoken;
        }"""
    )
    unheard = workshop.ask("document.querySelector('.lipwire-unheard').textContent")
    assert f"{heard.strip()} {unheard}" == "One two three four five six seven eight nine ten."
    assert "ten" in unheard
    said = re.sub(r"<[0-9:.]+>", "", workshop.ask("captions.vtt()").strip().split("\n")[-1])
    assert said == heard.strip()


MADE_UP = """
import { Captions } from '/client/captions.js';
HIGHLIGHTS
let begin;
const client = {
  session: { audio: { sample_rate: 1000 }, voice: { language: 'he_IL' } },
  on: (name, listener) => ((begin = listener), () => {}),
};
window.log = document.querySelector('#host');
window.captions = new Captions(log, client, { kept: 2 });
window.say = (sentences) => {
  const listeners = {};
  const tell = (name, detail) => listeners[name](detail);
  let at = 0;
  const segments = sentences.map((text) => {
    const start = at;
    const words = text.split(' ').map((word) => [word, at, at + 1, 100 * at++ + 1, 100]);
    return { text: `*${text}*`, start: 100 * start, count: 100 * (at - start), words };
  });
  const utterance = {
    segments,
    on: (name, listener) => ((listeners[name] = listener), () => delete listeners[name]),
    finished: new Promise((resolve) => (utterance_ends = resolve)),
  };
  begin(utterance);
  for (const segment of segments) tell('segment', segment);
  return (index) => {
    const [text, first, , start] = segments.flatMap(({ words }) => words)[index];
    tell('word', { text, begin: first, start });
  };
};
let utterance_ends;
window.ends = (heard) => utterance_ends(heard);
window.marked = () => CSS.highlights
  ? [...CSS.highlights.get('lipwire-word')].map(String).join()
  : (document.querySelector('mark')?.textContent ?? '');
"""


@pytest.mark.parametrize("highlights", ["", "Object.defineProperty(CSS, 'highlights', {});"])
def test_words_are_marked_in_browsers_with_and_without_highlights(
    workshop: Workshop, highlights: str
) -> None:
    workshop.open(HOST, MADE_UP.replace("HIGHLIGHTS", highlights))
    workshop.ask("() => { window.word = say(['שלום <b>', 'ב ב', 'ג ד']); word(0); }")
    # The next sentence is not there before it begins, and what is said is no markup.
    assert workshop.ask("log.textContent") == "*שלום <b>*"
    assert workshop.ask("marked()") == "שלום"
    assert workshop.ask("[log.firstChild.lang, log.firstChild.dir].join()") == "he-IL,auto"
    assert workshop.ask("getComputedStyle(log.firstChild).direction") == "rtl"
    assert workshop.ask("[1, 2, 3].map((index) => (word(index), marked())).join()") == "<b>,ב,ב"
    workshop.ask("ends({ sample: 350, ms: 350, character: 3 })")
    assert workshop.ask("marked()") == ""
    assert workshop.ask("document.querySelector('.lipwire-unheard').textContent") == "ב*"
    assert workshop.ask("captions.vtt().split('\\n\\n')[2]") == (
        "00:00:00.200 --> 00:00:00.350\n*<00:00:00.201>ב\n"
    )
    # It is bounded, and another utterance follows in time.
    workshop.ask(
        "() => { say(['one two', 'three'])(2); ends({ sample: 300, ms: 300, character: 9 }); }"
    )
    assert workshop.ask("[...log.children].map((line) => line.textContent).join()") == (
        "*one two*,*three*"
    )
    assert "00:00:00.350 --> 00:00:00.550" in workshop.ask("captions.vtt()")
    assert workshop.ask("captions.stats().sentences") == 4
    workshop.ask("captions.dispose()")
