"""A real Chromium with a page in it that speaks and draws, and writes down what it did."""

import base64
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from ..lab import Missing
from .network import Network, network
from .pages import served
from .script import Script, script_of
from .skew import Floats, Match, Recording, found_again, heard_ms, shown

__all__ = ["Stage", "Take", "stage"]

ROOT: Final = Path(__file__).parents[3]
_PAGE: Final = Path(__file__).parent / "page"
_CLIENT: Final = ROOT / "client-js" / "dist"
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--disable-quic",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
)
_PATIENCE_MS: Final = 60_000
_ASKED: Final = f"""(how) => Promise.race([take(how), new Promise((_, reject) => setTimeout(
    () => reject(new Error('the speech did not come to its end')), {_PATIENCE_MS}))])"""
_SHAPES: Final = 15
_STEPS: Final = 32_768
_CHROMIUM_MISSING: Final = (
    "it needs Chromium: apt-get install -y --no-install-recommends chromium, or name one in"
    " LIPWIRE_TEST_CHROMIUM"
)


@dataclass(frozen=True, slots=True)
class Take:
    """One speech, as it was heard and seen."""

    match: Match
    stood_still_at_ms: tuple[float, ...]
    """Where the sound broke off and went on later."""
    pictures: int


@contextmanager
def stage(modules: Path | None = None) -> Iterator["Stage"]:
    """`modules` has the packages of the peer."""
    known = filter(None, (os.environ.get("LIPWIRE_TEST_CHROMIUM"), *map(shutil.which, _BROWSERS)))
    path = next(known, None)
    if path is None:
        raise Missing(_CHROMIUM_MISSING)
    folders = {"bench": _PAGE, "client": _CLIENT}
    if modules is not None:
        folders["modules"] = modules
    with served(folders) as pages, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_FLAGS])
        try:
            yield Stage(browser, pages)
        finally:
            browser.close()


class Stage:
    def __init__(self, browser: Browser, pages: str) -> None:
        self._browser = browser
        self._pages = pages
        self._scripts: dict[tuple[str, str], Script] = {}

    @property
    def version(self) -> str:
        return self._browser.version

    def take(
        self,
        system: str,
        url: str,
        text: str,
        way: Network,
        *,
        lead_ms: int = 3000,
        block_ms: int = 0,
        options: Mapping[str, Any] | None = None,
    ) -> Take:
        """Has `lipwire` or `talkinghead` speak; `options` are for Lipwire's client."""
        script = self._script(url, text)
        page = self._page(system)
        try:
            with network(url, way) as address:
                told = page.evaluate(
                    _ASKED,
                    {
                        "url": address,
                        "text": text,
                        "rate": script.rate,
                        "leadMs": lead_ms,
                        "blockMs": block_ms,
                        "visemes": script.visemes,
                        "options": dict(options or {}),
                    },
                )
        finally:
            page.close()
        return _take(told, script)

    def _script(self, url: str, text: str) -> Script:
        found = self._scripts.get((url, text))
        if found is None:
            found = self._scripts[url, text] = script_of(url, text)
        return found

    def _page(self, system: str) -> Page:
        page = self._browser.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.add_init_script(path=_PAGE / "listening.js")
        page.goto(f"{self._pages}/{system}")
        page.wait_for_function("globalThis.take !== undefined")
        return page


def _take(told: Mapping[str, Any], script: Script) -> Take:
    if told["blocks"] and told["heardRate"] != script.rate:
        raise RuntimeError(f"the page plays at {told['heardRate']} Hz, and not at {script.rate}")
    first, samples = _joined([(one["frame"], _floats(one["sound"])) for one in told["blocks"]])
    stamps = np.array(told["stamps"], np.float64).reshape(-1, 2)
    recording = Recording(script.rate, first, samples * _STEPS, stamps)
    rows = found_again(recording, script.speech)
    times = np.array(told["times"], np.float64)
    heard = heard_ms(recording, rows, times)
    poses = _floats(told["poses"]).reshape(-1, _SHAPES)
    curve = _floats(told["curve"]).reshape(-1, _SHAPES)
    offsets = np.diff(rows[:, 0] - rows[:, 1]) if len(rows) else np.zeros(0)
    breaks = rows[1:, 1][offsets > 0] * 1000 / script.rate
    return Take(shown(poses, heard, curve), tuple(breaks.tolist()), times.size)


def _joined(blocks: list[tuple[int, Floats]]) -> tuple[int, Floats]:
    """The frame at which the first one begins, and all of them with silence between them."""
    if not blocks:
        return 0, np.zeros(0)
    first = blocks[0][0]
    joined = np.zeros(blocks[-1][0] - first + blocks[-1][1].size)
    for frame, samples in blocks:
        joined[frame - first : frame - first + samples.size] = samples
    return first, joined


def _floats(packed: str) -> Floats:
    return np.frombuffer(base64.b64decode(packed), "<f4").astype(np.float64)
