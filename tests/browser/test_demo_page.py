"""The demo page in a real browser against the real server: what is heard and what is seen."""

import io
import json
import re
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from lipwire_protocol import Oculus

from .page import TalkingPage

SHORT = "Papa may buy a big map. Bob, move the bowl."
LONG = " ".join(f"This is sentence {number}, and it goes on for a while." for number in range(30))

TALE = (
    "Once upon a time there was a face that had nothing to say. One morning somebody gave it a"
    " voice, and it has not stopped talking ever since. Nobody minds: its lips are always right."
)
INKED = """(() => {
    const { width, height } = document.getElementById('score');
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(document.getElementById('score'), 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    return data.filter((value, place) => place % 4 === 3 && value > 0).length;
})()"""

DRAWN = """(() => {
    globalThis.drawn = [];
    const { sketch } = lipwire;
    const { draw } = sketch;
    sketch.draw = (mouthing, ...rest) => {
        draw.call(sketch, mouthing, ...rest);
        drawn.push([mouthing.sample, sketch.stats().shape.gap]);
    };
})()"""
"""Has the page write down each drawing: for which sample it is, and the gap between its lips."""

OPEN = 6
"""The gap between the lips, in the units of the drawing, from which a mouth counts as open."""
SEALED = 0.01


@pytest.fixture
def blank(tab: Page) -> Iterator[Page]:
    yield tab
    tab.goto("about:blank")


def test_opens_with_a_voice_and_without_a_complaint(page: TalkingPage) -> None:
    assert page.page.inner_text("#status") == "Ready."
    assert page.page.input_value("#voice")
    assert page.page.get_attribute("#stop", "aria-disabled") == "true"


def test_every_sample_that_is_sent_is_played(page: TalkingPage) -> None:
    page.talk(SHORT)
    finished = page.finished()

    announced = sum(segment["count"] for segment in page.segments())
    stats = page.stats()
    assert finished["reason"] == "done"
    assert finished["count"] == finished["sample"] == announced > 0
    assert stats["written"] == stats["played"] == announced
    assert stats["overflow"] == 0
    assert re.fullmatch(r"Spoke after \d+ ms\.", page.page.inner_text("#status"))


def test_the_sketch_seals_its_lips_on_closures_and_opens_them_on_vowels(page: TalkingPage) -> None:
    page.pick("Sketch")
    page.page.wait_for_selector("#sketch", state="visible")
    page.ask(DRAWN)
    page.talk(SHORT)
    page.finished()

    drawn, rate = page.ask("drawn"), page.stats()["sampleRate"]
    sealed = opened = 0
    for segment in page.segments():
        for viseme, start, count, weight in segment["visemes"]["oculus"]:
            gaps = [gap for sample, gap in drawn if start <= sample < start + count]
            if viseme == Oculus.PP and weight == 255:
                assert all(gap < SEALED for gap in gaps), f"{gaps} in the closure at {start}"
                sealed += bool(gaps)
            elif viseme in (Oculus.AA, Oculus.E, Oculus.OH) and count * 1000 > 60 * rate:
                opened += any(gap > OPEN for gap in gaps)
    assert sealed >= 3
    assert opened >= 3


def test_the_word_that_is_heard_is_marked(page: TalkingPage) -> None:
    page.ask(
        """(() => {
            globalThis.marked = new Set();
            const look = () => {
                for (const range of CSS.highlights.get('word') ?? []) marked.add(String(range));
                requestAnimationFrame(look);
            };
            look();
        })()"""
    )
    page.talk(SHORT)
    page.finished()

    marked = set(page.ask("[...marked]")) - {""}
    words = {word[0] for segment in page.segments() for word in segment["words"]}
    assert page.page.inner_text("#spoken") == SHORT
    assert len(marked) > len(words) / 2
    assert marked <= words | set(SHORT.split())


def test_stop_silences_and_tells_what_was_heard(page: TalkingPage) -> None:
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > lipwire.client.stats().sampleRate")
    page.page.click("#stop")
    finished = page.finished()

    assert finished["reason"] == "interrupted"
    assert finished["textSpoken"].startswith("This is")
    assert finished["textSpoken"] + finished["textRemaining"] == LONG
    page.wait_for("ready")
    silent = page.stats()
    assert silent["bufferedMs"] == 0
    assert silent["played"] < silent["written"]
    page.until(f"lipwire.client.audioNode.context.currentTime > {page.context_time() + 0.3}")
    assert page.stats()["played"] == silent["played"]


def test_speaks_again_after_an_end_and_after_a_stop(page: TalkingPage) -> None:
    page.talk("One.")
    assert page.finished()["reason"] == "done"
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > 2000")
    page.page.click("#stop")
    assert page.finished()["reason"] == "interrupted"
    page.talk("Three.")

    last = page.finished()
    assert last["reason"] == "done"
    assert last["sample"] == sum(segment["count"] for segment in page.segments())


def test_a_new_text_takes_the_place_of_the_one_that_is_spoken(page: TalkingPage) -> None:
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > 2000")
    page.talk("Enough.")

    assert page.finished()["reason"] == "done"
    first = page.ask("lipwire.utterances[0].finished")
    assert first["reason"] == "interrupted"


def test_a_text_that_breaks_off_does_not_hold_up_the_next(page: TalkingPage) -> None:
    page.ask(
        """(() => {
            async function* dying() {
                yield 'This is the first sentence. This is the second. And this';
                await new Promise((resolve) => {
                    const look = () => lipwire.client.position()?.sample > 2000
                        ? resolve() : requestAnimationFrame(look);
                    look();
                });
                throw new Error('the model died');
            }
            const utterance = lipwire.client.speak(dying());
            globalThis.cut = new Promise((resolve) => utterance.on('interrupted', resolve));
            globalThis.failed = utterance.finished.then(() => 'done', (error) => error.code);
        })()"""
    )
    assert page.ask("failed") == "internal"
    assert page.ask("cut")["sample"] > 2000
    page.wait_for("ready")
    page.talk("One.")
    assert page.finished()["reason"] == "done"


def test_a_text_longer_than_the_server_takes_at_once_is_taken(page: TalkingPage) -> None:
    page.talk("This is a sentence. " * 1500)
    page.until("lipwire.client.position()?.sample > 2000")
    assert not page.page.query_selector("#status.failed")
    page.page.click("#stop")
    assert page.finished()["reason"] == "interrupted"

    # White space becomes no segment, and is told of by none.
    page.ask("lipwire.utterances.push(lipwire.client.speak('One.' + ' '.repeat(30000) + 'Two.'))")
    assert page.finished()["reason"] == "done"
    assert [segment["text"] for segment in page.segments()] == ["One.", "Two."]


def test_it_speaks_while_the_text_is_still_written(page: TalkingPage) -> None:
    page.talk(TALE, tokens_per_second=5)
    page.until("lipwire.utterances.at(-1).firstSoundMs !== undefined")
    assert len(page.page.inner_text("#spoken")) < len(TALE)

    assert page.finished()["textSpoken"] == TALE
    assert page.page.inner_text("#spoken") == TALE
    sentence = page.page.inner_text("#status")
    assert re.fullmatch(
        r"Spoke \d+ ms after its first words, with \d+ of \d+ tokens unwritten\.", sentence
    )


def test_tells_where_the_time_went(page: TalkingPage) -> None:
    page.talk(SHORT)
    finished = page.finished()

    names = page.page.locator("#stages .name").all_inner_texts()
    figures = page.page.locator("#stages .figure").all_inner_texts()
    assert len(names) == len(figures) == 6
    assert names[-1] == "last sound"
    spent = sum(int(figure.removesuffix(" ms")) for figure in figures[:-1])
    # Each is rounded.
    assert abs(spent - finished["firstSoundMs"]) <= 5


def test_sound_and_mouth_run_past_one_line(page: TalkingPage) -> None:
    empty = page.ask(INKED)
    page.talk(SHORT)
    page.until("lipwire.client.position()?.sample > lipwire.client.stats().sampleRate")
    assert page.ask(INKED) > 2 * empty
    page.finished()

    assert re.fullmatch(r"[+−]?\d+ ms", page.page.inner_text("#skew"))


def test_every_sentence_is_told_once_to_who_cannot_see_it(page: TalkingPage) -> None:
    page.talk(SHORT, tokens_per_second=80)
    page.finished()
    sentences = page.page.locator("#log p").all_inner_texts()
    assert " ".join(sentences) == SHORT
    assert page.page.get_attribute("#log", "aria-live") == "polite"


@pytest.mark.parametrize("focus", ["#text", "#talk"])
def test_the_keyboard_is_enough(page: TalkingPage, focus: str) -> None:
    page.page.fill("#text", LONG)
    page.page.focus(focus)
    page.page.keyboard.press("Enter")
    page.until("lipwire.client.position()?.sample > 2000")
    page.page.keyboard.press("Escape" if focus == "#text" else "Space")

    assert page.finished()["reason"] == "interrupted"
    page.wait_for("ready")
    assert len(page.ask("lipwire.utterances")) == 1


def test_a_space_in_the_text_stops_nothing(page: TalkingPage) -> None:
    page.talk(SHORT)
    page.until("lipwire.client.position()?.sample > 2000")
    page.page.focus("#text")
    page.page.keyboard.press("Space")
    assert page.finished()["reason"] == "done"


def test_an_interrupt_shows_where_the_voice_was_cut(page: TalkingPage) -> None:
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > lipwire.client.stats().sampleRate")
    page.page.keyboard.press("Escape")
    finished = page.finished()
    page.wait_for("ready")

    assert page.page.text_content("#spoken .heard") == finished["textSpoken"]
    assert page.page.text_content("#spoken .unsaid") == finished["textRemaining"]
    page.page.get_by_text(re.compile(r"^Stopped in \d+ ms\.$")).wait_for()


@pytest.mark.parametrize("fault", ["#jitter", "#jank"])
def test_nothing_is_lost_when_it_is_made_hard(page: TalkingPage, fault: str) -> None:
    page.page.check(fault)
    page.talk(SHORT)
    finished = page.finished()

    announced = sum(segment["count"] for segment in page.segments())
    assert finished["reason"] == "done"
    assert page.stats()["played"] == announced == finished["count"]


def test_a_connection_that_is_cut_is_taken_up_again(page: TalkingPage) -> None:
    page.talk(TALE)
    page.until("lipwire.client.position()?.sample > 2000")
    page.page.click("#cut")
    finished = page.finished()
    assert finished["reason"] == "done"
    assert finished["count"] == sum(segment["count"] for segment in page.segments())
    assert page.page.inner_text("#roughNews").startswith("Back after ")
    page.wait_for("ready")


def test_what_waits_for_a_connection_can_be_stopped(page: TalkingPage) -> None:
    page.talk(TALE)
    page.until("lipwire.client.position()?.sample > 2000")
    page.ask("lipwire.network.cut(Infinity)")
    page.wait_for("reconnecting")
    page.page.wait_for_selector("#stop[aria-disabled=false]")
    # In silence: where the loudspeaker only stood still for a moment, something is heard again.
    page.until(
        """lipwire.client.state === 'reconnecting'
            && (document.querySelector('#stop').click(), true)"""
    )
    finished = page.finished()
    assert finished["reason"] == "interrupted"
    assert finished["textSpoken"] + finished["textRemaining"] == TALE
    page.page.wait_for_selector("#stop[aria-disabled=true]")
    assert page.page.inner_text("#status") == "Stopped. Reconnecting…"
    page.ask("lipwire.network.cut(0)")
    page.wait_for("ready")
    assert page.page.inner_text("#status") == "Stopped."


def test_the_speed_holds_from_the_next_sentence_on(page: TalkingPage) -> None:
    page.talk(SHORT)
    slow = page.finished()["count"]
    page.page.fill("#rate", "200")
    page.until("lipwire.client.session.rate_percent === 200")
    page.talk(SHORT)
    assert page.finished()["count"] < 0.7 * slow


def test_every_face_and_voice_of_the_server_can_be_picked(page: TalkingPage) -> None:
    faces = page.ask("fetch('/v1/faces').then((answer) => answer.json())")["faces"]
    voices = page.ask("fetch('/v1/voices').then((answer) => answer.json())")["voices"]
    offered = page.page.eval_on_selector_all("#faces input", "all => all.map(one => one.value)")
    assert set(offered) == {face["name"] for face in faces} | {"sketch"}
    shown = page.page.eval_on_selector_all("#faces label", "all => all.map(one => one.textContent)")
    assert {face["title"] for face in faces} <= {each.strip() for each in shown}
    # The page has asked before, and may be answered later.
    page.until(f"document.querySelectorAll('#voice option').length === {len(voices)}")
    options = page.page.eval_on_selector_all("#voice option", "all => all.map(one => one.value)")
    assert set(options) == {voice["name"] for voice in voices}


def test_a_wall_of_faces_speaks_in_chorus(page: TalkingPage) -> None:
    page.page.set_checked("#typed", False)
    page.page.fill("#text", SHORT)
    page.page.click("#gather")
    page.page.locator("#wall").scroll_into_view_if_needed()
    mouths = "document.querySelectorAll('#wall [data-part=seam]')"
    shapes = f"new Set([...{mouths}].map((mouth) => mouth.getAttribute('d')))"
    assert page.ask(f"{mouths}.length") == 24
    shut = page.ask(f"{mouths}[0].getAttribute('d')")
    page.until(f"{mouths}[0].getAttribute('d') !== {json.dumps(shut)}")
    # The last of them may not have been in view for long enough to be drawn anew.
    assert page.ask(f"{shapes}.size") <= 2
    page.finished()

    page.page.click("#gather")
    assert page.ask(f"{mouths}.length") == 0


def test_a_second_screen_sees_and_hears_the_same(page: TalkingPage) -> None:
    with page.page.expect_popup() as opened:
        page.page.click("#screen")
    screen = TalkingPage(opened.value)
    screen.wait_for("ready")
    screen.ask(
        """(() => {
            globalThis.said = new Promise((resolve) => lipwire.client.on('utterance',
                (utterance) => resolve(utterance.finished)));
        })()"""
    )
    page.talk(SHORT)
    assert screen.ask("said")["count"] == page.finished()["count"]
    assert screen.ask("lipwire.canvas.stats().drawn") > 0
    assert screen.complaints == []
    screen.page.close()


def test_what_was_said_can_be_taken_along(page: TalkingPage) -> None:
    page.page.dispatch_event("[data-take=wav]", "click")
    page.page.get_by_text("Let it say something first.").wait_for()
    page.talk(SHORT)
    count = page.finished()["count"]

    with wave.open(io.BytesIO(taken(page, "wav"))) as sound:
        assert sound.getnframes() == count
    captions = taken(page, "webvtt").decode()
    assert captions.startswith("WEBVTT")
    assert "Bob, move the bowl." in captions
    assert json.loads(taken(page, "json"))["visemes"]["oculus"]


def taken(page: TalkingPage, kind: str) -> bytes:
    with page.page.expect_download() as download:
        page.page.click(f"[data-take={kind}]")
    return Path(download.value.path()).read_bytes()


def test_the_page_in_15_lines_is_a_page_that_talks(
    page: TalkingPage, browser: Browser, server_url: str
) -> None:
    page.page.wait_for_selector("#code:not(:empty)")
    code = page.page.inner_text("#code")
    assert len(code.strip().splitlines()) == 15
    assert code.count(server_url.rstrip("/")) == 3
    other = browser.new_page()
    words: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "log":
            words.append(message.text)

    other.on("console", note)
    # An answer of the same server, and no page: what is written over it has the policy of nobody.
    other.goto(f"{server_url}/v1/voices")
    other.set_content(code)
    with other.expect_console_message(lambda message: message.text.startswith("mine")):
        other.click("#talk")
    other.close()
    assert words[0].startswith("Hello")


def test_every_word_on_the_timeline_is_written_and_the_last_one_too(page: TalkingPage) -> None:
    # A canvas keeps silent about a width that is not finite.
    page.page.evaluate(
        """() => {
            globalThis.drawn = new Set();
            const { fillText } = CanvasRenderingContext2D.prototype;
            CanvasRenderingContext2D.prototype.fillText = function (text, x, y, room = 1) {
                if ([x, y, room].every(Number.isFinite)) drawn.add(text);
                return fillText.apply(this, arguments);
            };
        }"""
    )
    page.talk("Hello there.")
    page.finished()
    page.wait_for("ready")
    assert {"Hello", "there"} <= set(page.ask("[...drawn]"))
