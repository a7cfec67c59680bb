"""A page that is loaded again in the middle of a word goes on with the sample after it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.server_process import ServerProcess

_PATIENCE_MS = 60_000
_SCRIPT = """async (options) => {
    const { LipwireClient } = await import('/client/lipwire.js');
    const resume = JSON.parse(sessionStorage.getItem('mark'));
    sessionStorage.removeItem('mark');
    const client = new LipwireClient('/v1/stream', { ...options, resume });
    const said = [], errors = [], words = [];
    client.on('error', ({ code }) => errors.push(code));
    client.on('utterance', (utterance) => {
        const pcm = [];
        const from = utterance.heard;
        utterance.on('audio', ({ start, samples }) => {
            pcm.push({ start, samples: samples.slice() });
        });
        utterance.on('word', ({ text, begin }) => words.push([begin, text]));
        said.push({ utterance, pcm, from });
    });
    addEventListener('pagehide', () => {
        const mark = client.bookmark();
        sessionStorage.setItem('mark', JSON.stringify(mark));
        sessionStorage.setItem('left', JSON.stringify({ ...samplesOf(mark), words }));
    });
    const samplesOf = (mark) => {
        const { pcm } = said[0];
        const { sample } = mark.session.position;
        const before = ({ start, samples }) => samples.subarray(0, Math.max(0, sample - start));
        const heard = pcm.flatMap((part) => [...before(part)]);
        return { sample, heard };
    };
    Object.assign(window, { client, said, words, errors });
    const failed = await client.connect().then(() => undefined, ({ code }) => code);
    return { resumed: client.session?.session.resumed, failed };
}"""
TEXT = "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background."
SECOND = "So there."


class Reloading:
    """A page, any number of times."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.set_default_timeout(_PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.url = url

    def load(self, **options: Any) -> dict[str, Any]:
        """As a person who presses F5: what there was leaves its bookmark behind."""
        # Any address will do: what matters is whose page it is.
        self.page.goto(f"{self.url}/client/lipwire.js")
        told: dict[str, Any] = self.page.evaluate(_SCRIPT, options)
        return told

    def say(self, *texts: str) -> None:
        for text in texts:
            self.page.evaluate("(text) => { client.speak(text) }", text)

    def until_heard(self, sample: int, utterance: int = 0) -> None:
        self.page.evaluate(
            f"""() => new Promise((resolve) => {{
                const look = () => {{
                    client.position();
                    const {{ heard = 0 }} = said[{utterance}]?.utterance ?? {{}};
                    if (heard > {sample}) resolve(); else setTimeout(look, 10);
                }};
                look();
            }})"""
        )

    def finished(self) -> list[dict[str, Any]]:
        """What became of everything that this page was told of."""
        told: list[dict[str, Any]] = self.page.evaluate(
            """async () => {
                const all = [];
                for (const { utterance, pcm, from } of said) {
                    const finished = await utterance.finished;
                    const samples = pcm.flatMap(({ samples }) => [...samples]);
                    all.push({ ...finished, from, first: pcm[0]?.start, samples });
                }
                return all;
            }"""
        )
        assert self.errors == []
        return told

    @property
    def left(self) -> dict[str, Any]:
        """What the page before had heard."""
        left: dict[str, Any] = json.loads(self.page.evaluate("sessionStorage.getItem('left')"))
        return left

    @property
    def words(self) -> list[list[Any]]:
        words: list[list[Any]] = self.page.evaluate("words")
        return words


@pytest.fixture
def reloading(blank: Page, server_url: str) -> Iterator[Reloading]:
    yield Reloading(blank, server_url)


@pytest.fixture(scope="module")
def undisturbed(browser: Browser, server: ServerProcess) -> tuple[dict[str, Any], list[Any]]:
    page = browser.new_page()
    reloading = Reloading(page, server.url)
    reloading.load()
    reloading.say(TEXT)
    [told] = reloading.finished()
    words = reloading.words
    page.close()
    return told, words


def test_a_reload_in_the_middle_of_a_sentence_costs_no_sample_and_no_word(
    reloading: Reloading, undisturbed: tuple[dict[str, Any], list[Any]]
) -> None:
    whole, all_words = undisturbed
    assert reloading.load() == {"resumed": False, "failed": None}
    reloading.say(TEXT, SECOND)
    heard, words = [], []
    for sample in (20_000, 40_000):
        reloading.until_heard(sample)
        assert reloading.load() == {"resumed": True, "failed": None}
        left = reloading.left
        assert left["sample"] > sample
        heard += left["heard"]
        words += left["words"]

    first, second = reloading.finished()
    assert first["first"] == left["sample"]
    assert heard + first["samples"] == whole["samples"]
    assert first["reason"] == second["reason"] == "done"
    assert (first["textSpoken"], first["textRemaining"]) == (TEXT, "")
    assert first["count"] == whole["count"]
    assert second["textSpoken"] == SECOND
    # The word in whose middle a page was left is told to the next one, too.
    words += [word for word in reloading.words if word[1] in TEXT]
    told = [word for index, word in enumerate(words) if index == 0 or word != words[index - 1]]
    assert told[: len(all_words)] == all_words


def test_what_a_page_says_is_not_heard_counts_from_where_the_page_before_was(
    reloading: Reloading, undisturbed: tuple[dict[str, Any], list[Any]]
) -> None:
    reloading.load()
    reloading.say(TEXT)
    reloading.until_heard(30_000)
    reloading.load()
    heard = reloading.page.evaluate("client.interrupt()")
    assert heard["sample"] >= reloading.left["sample"]
    assert heard["textSpoken"] + heard["textRemaining"] == TEXT
    spoken = [word for word in undisturbed[1] if word[0] < heard["character"]]
    assert heard["textSpoken"].endswith(spoken[-1][1])
    assert [told["reason"] for told in reloading.finished()] == ["interrupted"]


def test_opus_is_taken_up_too(reloading: Reloading) -> None:
    reloading.load(codec="opus")
    reloading.say(TEXT)
    reloading.until_heard(60_000)
    assert reloading.load(codec="opus") == {"resumed": True, "failed": None}
    [told] = reloading.finished()
    assert told["first"] == reloading.left["sample"]
    assert (told["reason"], told["textSpoken"]) == ("done", TEXT)


def test_a_session_that_was_ended_is_not_found_and_the_page_begins_anew(
    reloading: Reloading,
) -> None:
    reloading.load()
    reloading.say(TEXT)
    reloading.until_heard(20_000)
    mark = reloading.page.evaluate("JSON.stringify(client.bookmark())")
    reloading.page.evaluate("client.close()")
    reloading.page.goto(f"{reloading.url}/client/canvas.js")
    reloading.page.evaluate("(mark) => sessionStorage.setItem('mark', mark)", mark)
    assert reloading.load() == {"resumed": None, "failed": "not_found"}
    assert reloading.page.evaluate("errors") == ["not_found"]

    assert (
        reloading.page.evaluate("client.connect().then(({ session }) => session.resumed)") is False
    )
    reloading.say(SECOND)
    [told] = reloading.finished()
    assert (told["reason"], told["textSpoken"]) == ("done", SECOND)
