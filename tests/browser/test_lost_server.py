"""The demo page when the server dies or freezes while it speaks."""

import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.server_process import ServerProcess, running_server

from .page import TalkingPage

LONG = " ".join(f"This is sentence {number}, and it goes on for a while." for number in range(30))
HEARD = "lipwire.client.position()?.sample > lipwire.client.stats().sampleRate"


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    with running_server() as server:
        yield server
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGCONT)


@pytest.fixture
def speaking(blank: Page, server: ServerProcess) -> TalkingPage:
    page = TalkingPage(blank)
    page.open(server.url)
    page.wait_for("ready")
    page.talk(LONG)
    page.until(HEARD)
    return page


def _marked(page: TalkingPage) -> str:
    marked: str = page.ask("[...CSS.highlights.get('word')].join('')")
    return marked


def test_what_has_arrived_is_played_on_with_the_mouth_moving(
    speaking: TalkingPage, server: ServerProcess
) -> None:
    server.process.kill()
    speaking.until("!lipwire.client.session")
    lost_at = speaking.ask("lipwire.client.position().sample")
    assert speaking.page.get_attribute("#stop", "aria-disabled") == "false"
    assert _marked(speaking) != ""

    speaking.wait_for("idle")
    gaps = [frame["gap"] for frame in speaking.trace() if frame["sample"] > lost_at]
    assert len(gaps) > 5
    assert max(gaps) - min(gaps) > 3
    stats = speaking.stats()
    assert stats["played"] == stats["written"]
    assert _marked(speaking) == ""
    assert "connection broke" in speaking.page.inner_text("#status.failed")
    assert speaking.page.get_attribute("#stop", "aria-disabled") == "true"


def test_what_is_left_of_a_dead_server_can_be_stopped(
    speaking: TalkingPage, server: ServerProcess
) -> None:
    server.process.kill()
    speaking.until("!lipwire.client.session")
    speaking.page.keyboard.press("Escape")

    assert speaking.finished()["reason"] == "interrupted"
    speaking.wait_for("idle")
    stats = speaking.stats()
    assert stats["played"] < stats["written"]
    assert "connection broke" in speaking.page.inner_text("#status.failed")


def test_a_frozen_server_is_waited_for_and_given_up(
    speaking: TalkingPage, server: ServerProcess
) -> None:
    server.process.send_signal(signal.SIGSTOP)
    speaking.until("document.getElementById('status').textContent.startsWith('Waiting')")
    assert speaking.trace()[-1]["gap"] == 0

    speaking.wait_for("idle")
    assert "connection broke" in speaking.page.inner_text("#status.failed")
    assert _marked(speaking) == ""


def test_stop_is_final_without_the_server(speaking: TalkingPage, server: ServerProcess) -> None:
    server.process.send_signal(signal.SIGSTOP)
    speaking.page.click("#stop")
    took = speaking.ask(
        "(async (begun) => (await lipwire.utterances.at(-1).finished, performance.now() - begun))"
        "(performance.now())"
    )
    finished = speaking.finished()
    assert took < 3000
    assert finished["reason"] == "interrupted"
    assert finished["textSpoken"].startswith("This is")
    speaking.wait_for("ready")
