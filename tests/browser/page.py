"""The demo page as a test sees it."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, TimeoutError

__all__ = ["PATIENCE_MS", "TalkingPage", "wait_until"]

PATIENCE_MS = 60_000
"""Only what hangs takes longer: where much else runs, a browser may stand still for seconds."""


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """For what no page knows by itself."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        page.wait_for_timeout(10)


class TalkingPage:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, url: str) -> None:
        self.page.goto(url)

    def wait_for(self, state: str) -> None:
        """Waits until the client is `ready`, `speaking`, `blocked` and so on."""
        try:
            self.page.wait_for_selector(f"html[data-state={state}]")
        except TimeoutError as late:
            now = self.page.get_attribute("html", "data-state")
            late.add_note(f"It is {now}; {self.stats()}; complaints: {self.complaints}")
            raise

    def pick(self, choice: str) -> None:
        """A face or a mood, by its name."""
        self.page.get_by_text(choice, exact=True).click()

    def talk(self, text: str, *, tokens_per_second: int | None = None) -> None:
        """Says a text: all of it is there at once, or it is written as a language model would."""
        self.page.set_checked("#typed", tokens_per_second is not None)
        if tokens_per_second is not None:
            self.page.fill("#pace", str(tokens_per_second))
        self.page.fill("#text", text)
        self.page.click("#talk")

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited, but not forever."""
        return self.page.evaluate(
            f"""() => Promise.race([
                (async () => {expression})(),
                new Promise((_, reject) => setTimeout(() => reject(new Error(
                    'still waiting in state ' + lipwire.client.state)), {PATIENCE_MS})),
            ])"""
        )

    def until(self, condition: str) -> None:
        """Waits for a condition, looked at whenever the worklet reports or a frame is drawn.

        Playwright's own `wait_for_function` needs `eval`, which the page's policy forbids.
        """
        self.ask(
            f"""new Promise((resolve) => {{
                const look = () => ({condition}) ? resolve() : requestAnimationFrame(look);
                look();
            }})"""
        )

    def finished(self) -> dict[str, Any]:
        """What the latest utterance came to, once it has."""
        result: dict[str, Any] = self.ask("lipwire.utterances.at(-1).finished")
        return result

    def segments(self) -> list[dict[str, Any]]:
        """The timing of the latest utterance."""
        result: list[dict[str, Any]] = self.ask("lipwire.utterances.at(-1).segments")
        return result

    def stats(self) -> dict[str, Any]:
        result: dict[str, Any] = self.ask("lipwire.client.stats()")
        return result

    def context_time(self) -> float:
        result: float = self.ask("lipwire.client.audioNode.context.currentTime")
        return result
