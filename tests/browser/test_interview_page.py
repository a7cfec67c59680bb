"""The interview page: it asks, is interrupted, and knows what was heard; now and later."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server_process import running_server

from .page import PATIENCE_MS, wait_until

LONG = "Tell me, as slowly as you like, about everything that you have ever built with your hands."


class Interviewed:
    """The page as the person sees it who is asked; whatever it complains about is noted."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type in ("error", "warning")
                else None
            ),
        )
        page.goto(f"{url}/interview")
        page.wait_for_selector("html[data-state=ready]")

    def begin(self, *questions: str) -> None:
        for index, question in enumerate(questions, 1):
            self.page.get_by_label(f"Question {index}", exact=True).fill(question)
        self.page.get_by_text("Begin the interview").click()

    def hear_some(self) -> None:
        """Until a few words were heard of what is being said."""
        self.page.wait_for_selector("#live .turn-heard:not(:empty)")

    def listen(self) -> str:
        """The last turn of the face, once it is over."""
        self.page.wait_for_selector("body[data-turn=person]")
        return self.page.locator("#log .face-turn > p").nth(-1).inner_text()

    def answer(self, text: str) -> None:
        self.page.get_by_label("Your answer").fill(text)
        self.page.keyboard.press("Enter")

    @property
    def cut(self) -> dict[str, Any]:
        """What the page knows of the last turn of the face."""
        turns: list[dict[str, Any]] = self.page.evaluate("lipwire.interview.turns")
        return next(turn for turn in reversed(turns) if turn["who"] == "face")

    @property
    def told(self) -> list[dict[str, str]]:
        """What a language model would be told."""
        messages: list[dict[str, str]] = json.loads(
            self.page.locator("#messages").text_content() or ""
        )
        return messages

    def stored(self, session: str, number: int) -> dict[str, Any]:
        """What the database has of an utterance; it is written a moment later."""
        for _ in range(600):
            address = f"{self.url}/v1/sessions/{session}/utterances"
            try:
                with urllib.request.urlopen(address) as answer:
                    items: list[dict[str, Any]] = json.load(answer)["items"]
            except urllib.error.HTTPError as busy:
                if busy.code != 503:
                    raise
                items = []
            found = [item for item in items if item["number"] == number]
            if found:
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"utterance {number} of {session} is not stored")


@pytest.fixture
def blank(tab: Page, server_url: str) -> Iterator[Page]:
    """A tab that remembers no interview."""
    tab.goto(f"{server_url}/healthz")
    tab.evaluate("sessionStorage.clear()")
    yield tab
    tab.goto("about:blank")


@pytest.fixture
def interview(blank: Page, server_url: str) -> Iterator[Interviewed]:
    interviewed = Interviewed(blank, server_url)
    yield interviewed
    # Beside other tests a database may be too busy to list what was before; the page says that.
    assert [text for text in interviewed.complaints if "503" not in text] == []


def test_asks_follows_up_and_tells_the_model_all_of_it(interview: Interviewed) -> None:
    interview.begin("What did you build?")
    asked = interview.listen()
    assert asked.endswith("What did you build?")

    interview.answer("I built a lighthouse out of matches.")
    followed = interview.listen()
    assert "lighthouse" in followed
    assert [message["content"] for message in interview.told[1:]] == [
        asked,
        "I built a lighthouse out of matches.",
        followed,
    ]


def test_typing_interrupts_and_what_was_not_heard_is_struck(interview: Interviewed) -> None:
    interview.begin(LONG)
    interview.hear_some()
    interview.page.keyboard.type("W")
    interview.listen()

    turn = interview.cut
    assert turn["cut"] is True
    assert turn["text"].startswith(turn["heard"])
    assert 0 < len(turn["heard"]) < len(turn["text"])
    struck = (interview.page.locator("#log s").text_content() or "").removeprefix("Not heard: ")
    assert struck == turn["text"][len(turn["heard"]) :].lstrip()
    assert interview.told[-1] == {"role": "assistant", "content": turn["heard"]}
    # Nothing that was typed is lost, and the database says the same.
    expect(interview.page.get_by_label("Your answer")).to_have_value("W")
    assert interview.stored(turn["session"], turn["number"])["text_spoken"] == turn["heard"]


@pytest.mark.parametrize("key", ["Space", "Escape"])
def test_a_key_interrupts(interview: Interviewed, key: str) -> None:
    interview.begin(LONG)
    interview.hear_some()
    interview.page.keyboard.press(key)
    interview.listen()
    assert interview.cut["cut"] is True
    expect(interview.page.get_by_label("Your answer")).to_have_value("")


def test_the_button_interrupts_and_the_question_is_asked_again(interview: Interviewed) -> None:
    interview.begin(LONG)
    interview.hear_some()
    interview.page.get_by_role("button", name="Interrupt").click()
    interview.listen()
    interview.page.get_by_text("Ask again").click()
    interview.hear_some()
    expect(interview.page.locator("#live")).to_contain_text(LONG)


def test_the_interview_goes_on_after_a_reload(interview: Interviewed) -> None:
    interview.begin("What did you build?", "And why?", "Was it fun?")
    interview.listen()
    interview.answer("I built a lighthouse out of matches.")
    interview.hear_some()
    interview.page.reload()
    # In the middle of its second turn the face goes on, on the session that it had.
    log = interview.page.locator("#log")
    expect(log.locator(".turn")).to_have_count(3)
    followed = interview.listen()
    expect(log).to_contain_text("What did you build?")
    expect(log).to_contain_text("I built a lighthouse out of matches.")
    turn = interview.cut
    assert (turn["cut"], turn["heard"]) == (False, followed)
    stored = interview.stored(turn["session"], turn["number"])
    assert (stored["reason"], stored["text"]) == ("done", followed)
    assert interview.told[-1] == {"role": "assistant", "content": followed}
    interview.answer("Skip.")
    assert interview.listen()


def test_a_page_that_comes_back_too_late_knows_what_was_heard(interview: Interviewed) -> None:
    interview.begin(LONG)
    interview.hear_some()
    session = interview.page.evaluate("lipwire.client.session.session.id")
    interview.page.goto(f"{interview.url}/healthz")
    interview.page.evaluate(
        """async () => {
            const { LipwireClient } = await import('/client/lipwire.js');
            const kept = JSON.parse(sessionStorage.getItem('lipwire.interview'));
            const other = new LipwireClient('/v1/stream', { resume: kept.bookmark });
            await other.connect();
            await other.close();
        }"""
    )
    interview.page.goto(f"{interview.url}/interview")

    assert interview.listen()
    interview.page.wait_for_selector("html[data-state=ready]")
    turn = interview.cut
    assert turn["cut"] is True
    assert 0 < len(turn["heard"]) < len(turn["text"])
    assert interview.told[-1] == {"role": "assistant", "content": turn["heard"]}
    expect(interview.page.locator("#status")).to_have_text("Listening to you.")
    assert interview.page.evaluate("lipwire.client.session.session.id") != session


def test_earlier_interviews_are_read_heard_and_forgotten(interview: Interviewed) -> None:
    interview.begin(LONG)
    interview.hear_some()
    interview.page.keyboard.press("Escape")
    interview.listen()
    turn = interview.cut
    interview.stored(turn["session"], turn["number"])
    # A database that is busy is asked again.
    address = f"{interview.url}/v1/sessions/{turn['session']}"
    with interview.page.expect_response(lambda found: found.url == address and found.ok):
        interview.answer("A boat.")
    interview.hear_some()
    interview.page.keyboard.press("Escape")
    interview.listen()
    interview.stored(turn["session"], interview.cut["number"])
    interview.page.get_by_role("button", name="Finish").click()
    interview.page.get_by_text("New interview").click()

    entry = interview.page.locator("#earlier li").first
    expect(entry).to_contain_text("2 turns, 2 interruptions")
    entry.locator("summary").click()
    expect(entry.locator("s").first).to_be_visible()
    expect(entry.locator(".person-turn")).to_contain_text("A boat.")
    assert (entry.locator(".face-turn > p").first.text_content() or "").startswith(turn["heard"])

    with interview.page.expect_response("**/content") as sound:
        entry.get_by_text("Listen").first.click()
    assert sound.value.ok
    assert sound.value.headers["content-type"] == "audio/wav"

    # All are there that are looked up at once.
    expect(interview.page.locator("#earlier-status")).to_be_hidden()
    before = interview.page.locator("#earlier li").count()
    entry.get_by_text("Forget this interview").click()
    entry.get_by_text("Press again").click()
    expect(interview.page.locator("#earlier li")).to_have_count(before - 1)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address)


def test_the_questions_can_be_changed_and_there_has_to_be_one(interview: Interviewed) -> None:
    page = interview.page
    for _ in range(3):
        page.get_by_label("Remove question 1").click()
    page.get_by_text("Begin the interview").click()
    expect(page.locator("#status")).to_contain_text("needs a question")

    page.keyboard.type("Is there anything else?")
    page.get_by_text("Begin the interview").click()
    assert interview.listen().endswith("Is there anything else?")


def test_works_without_a_database_and_says_so(browser: Browser) -> None:
    with running_server({"DATABASE_URL": "postgresql://127.0.0.1:1/none"}) as server:
        page = browser.new_page()
        interview = Interviewed(page, server.url)
        expect(page.locator("#earlier-status")).to_contain_text("no database")
        interview.begin("What did you build?")
        assert interview.listen().endswith("What did you build?")
        page.reload()
        expect(page.locator("#log")).to_contain_text("What did you build?")
        page.close()
    # Only the browser complains, of the 503s.
    assert all("503" in complaint for complaint in interview.complaints), interview.complaints


def test_the_face_says_a_turn_again_without_asking_the_model(interview: Interviewed) -> None:
    interview.begin("What did you build?")
    interview.listen()
    told = interview.told
    interview.page.evaluate(
        """() => {
            globalThis.said = [];
            const status = document.getElementById('status');
            const note = () => said.push(status.textContent);
            new MutationObserver(note).observe(status, { childList: true });
        }"""
    )
    interview.page.get_by_role("button", name="Replay").click()
    wait_until(interview.page, lambda: "Saying it again." in interview.page.evaluate("said"))
    expect(interview.page.locator("#status")).to_have_text("Listening to you.")
    assert interview.told == told
