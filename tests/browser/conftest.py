"""A real Chromium, the one of the system, and the demo page in it."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect, sync_playwright

from tests.server_process import ServerProcess, running_server

from .page import PATIENCE_MS, TalkingPage
from .workshop import Workshop

_FLAGS = ["--disable-quic", "--disable-gpu"]
_SOUND_WITHOUT_A_CLICK = "--autoplay-policy=no-user-gesture-required"
expect.set_options(timeout=PATIENCE_MS)


_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; without one the tests fail, for nothing else covers the page."""
    found = filter(None, (os.environ.get("LIPWIRE_TEST_CHROMIUM"), *map(shutil.which, _NAMES)))
    path = next(found, None)
    if path is None:
        pytest.fail(
            "the browser tests need Chromium: apt-get install -y --no-install-recommends chromium,"
            " or name one in LIPWIRE_TEST_CHROMIUM",
            pytrace=False,
        )
    return path


# Playwright's loop occupies the thread, so it may not outlive its module: asyncio tests follow.
@pytest.fixture(scope="module")
def chromium_type() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="module")
def browser(chromium_type: BrowserType, chromium: str) -> Iterator[Browser]:
    flags = [*_FLAGS, _SOUND_WITHOUT_A_CLICK]
    with _launched(chromium_type, chromium, flags) as browser:
        yield browser


@pytest.fixture(scope="module")
def welcoming() -> Iterator[ServerProcess]:
    """A server that lets pages of other sites in."""
    with running_server({"LIPWIRE_ORIGINS": "*"}) as server:
        yield server


@pytest.fixture
def strict_browser(chromium_type: BrowserType, chromium: str) -> Iterator[Browser]:
    """One that plays nothing before the first click, as browsers do."""
    with _launched(chromium_type, chromium, _FLAGS) as browser:
        yield browser


def _launched(chromium_type: BrowserType, path: str, flags: list[str]) -> Browser:
    return chromium_type.launch(executable_path=path, args=flags, timeout=2 * PATIENCE_MS)


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    page.close()


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """One for a file whose tests leave nothing behind in it: each new one costs a second."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()


@pytest.fixture
def page(blank: Page, server_url: str) -> Iterator[TalkingPage]:
    """The demo page, connected; whatever it complained about fails the test."""
    talking = TalkingPage(blank)
    talking.open(server_url)
    talking.wait_for("ready")
    yield talking
    assert talking.complaints == []


@pytest.fixture
def workshop(blank: Page, server_url: str) -> Iterator[Workshop]:
    """Whatever the page complained about fails the test."""
    workshop = Workshop(blank, server_url)
    yield workshop
    assert workshop.complaints == []
