"""Everybody can use the pages: axe-core finds nothing serious, and the keyboard is enough.

axe-core (MPL-2.0) is a development dependency of the browser client: it is run, and never shipped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from .page import PATIENCE_MS

ROOT = Path(__file__).parents[2]
AXE = ROOT / "client-js" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("/", "/v1/docs", "/interview")
SCHEMES = ("light", "dark")
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
DRAWN = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
GRAVE = ("serious", "critical")


@pytest.fixture(params=[f"{size} {scheme}" for size in SIZES for scheme in SCHEMES])
def looked_at(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page of that size and in those colours, of which nothing moves."""
    with context_of(str(request.param), browser) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def pages(browser: Browser, server_url: str) -> Iterator[dict[str, Page]]:
    """By path: each is opened once and looked at in all ways, for opening takes longest."""
    with context_of("phone light", browser) as context:
        found = {path: context.new_page() for path in PAGES}
        for path, page in found.items():
            opened(page, server_url + path)
        yield found


@pytest.fixture(
    scope="module",
    params=[f"{size} {scheme} {path}" for size in SIZES for scheme in SCHEMES for path in PAGES],
)
def shown(request: pytest.FixtureRequest, pages: dict[str, Page]) -> Page:
    """Each of the pages so, for those who only look at it."""
    size, scheme, path = str(request.param).split(" ")
    width, height = SIZES[size]
    page = pages[path]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.evaluate(
        "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    )
    return page


@contextmanager
def context_of(looks: str, browser: Browser) -> Iterator[BrowserContext]:
    size, scheme = looks.split()
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        # The page's own policy forbids scripts of others, and axe is one.
        bypass_csp=True,
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def opened(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_load_state("networkidle")


def violations(page: Page) -> list[str]:
    """What axe-core calls serious or critical: the rule, the element, and what is wrong with it."""
    page.add_script_tag(path=AXE)
    found: dict[str, Any] = page.evaluate(
        "axe.run(document, { resultTypes: ['violations'] }).then((told) => told)"
    )
    return [
        f"{violation['id']}: {node['html'][:120]}: {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def test_nothing_has_to_be_scrolled_sideways(shown: Page) -> None:
    wide, room = shown.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room


def test_axe_finds_nothing_serious(shown: Page) -> None:
    assert violations(shown) == []


def test_axe_finds_nothing_serious_in_an_interview(looked_at: Page, server_url: str) -> None:
    opened(looked_at, f"{server_url}/interview")
    looked_at.get_by_role("button", name="Begin the interview").press("Enter")
    looked_at.get_by_role("textbox", name="Your answer").wait_for()
    looked_at.get_by_role("button", name="Interrupt", exact=True, disabled=False).wait_for()
    assert violations(looked_at) == []


def test_axe_finds_nothing_serious_while_a_face_speaks(looked_at: Page, server_url: str) -> None:
    opened(looked_at, server_url)
    looked_at.get_by_role("button", name="Talk", exact=True).press("Enter")
    looked_at.wait_for_selector("html[data-state=speaking]")
    assert violations(looked_at) == []


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_button_that_has_the_focus_does_its_work(
    browser: Browser, server_url: str, key: str
) -> None:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    opened(page, server_url)
    page.get_by_role("button", name="Talk", exact=True).press(key)
    page.wait_for_selector("html[data-state=speaking]")
    page.get_by_role("button", name="Stop", exact=True).press(key)
    page.wait_for_selector("html[data-state=ready]")
    page.get_by_role("button", name="Talk", exact=True).press(key)
    page.wait_for_selector("html[data-state=speaking]")
    page.keyboard.press("Escape")
    page.wait_for_selector("html[data-state=ready]")
    page.close()


@pytest.mark.parametrize("path", (*PAGES, "/demo/watch.html"))
def test_every_link_is_as_high_as_a_finger_needs(blank: Page, server_url: str, path: str) -> None:
    opened(blank, server_url + path)
    heights = blank.evaluate(
        """[...document.querySelectorAll('a[href]')].filter((link) => link.checkVisibility())
            .map((link) => [link.getBoundingClientRect().height, link.textContent])"""
    )
    assert heights
    assert [name for height, name in heights if height < 24] == []


def test_axe_is_there_and_finds_what_is_wrong(blank: Page) -> None:
    blank.set_content("<html lang=en><title>x</title><main><h1>x</h1><button></button></main>")
    assert [found.split(":")[0] for found in violations(blank)] == ["button-name"]


OPERABLE = (
    "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1']), "
    "[contenteditable=true]"
)
REACHED = """(selector) => {
    const shown = (element) => element.checkVisibility({ visibilityProperty: true })
        && !element.disabled && !element.closest('[inert]');
    // Of a group of radio buttons one is reached; arrows do the rest.
    const known = new Set();
    return [...document.querySelectorAll(selector)].filter(shown).filter((element) => {
        if (element.type !== 'radio') return true;
        const group = `${element.form?.id} ${element.name}`;
        return !known.has(group) && known.add(group);
    }).length;
}"""
FOCUSED = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    globalThis.places ??= new Map();
    const key = element.type === 'radio' ? `${element.form?.id} ${element.name}` : element;
    if (!places.has(key)) places.set(key, places.size);
    const style = getComputedStyle(element);
    const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none'
        || element.matches(':focus-visible');
    return [places.get(key), seen, element.outerHTML.slice(0, 100)];
}"""


@pytest.mark.parametrize("path", ["/", "/interview"])
def test_everything_is_reached_with_tab_and_seen_when_it_is(
    blank: Page, server_url: str, path: str
) -> None:
    opened(blank, server_url + path)
    wanted = blank.evaluate(REACHED, OPERABLE)
    assert wanted > 3
    reached: dict[int, str] = {}
    for _ in range(3 * wanted):
        blank.keyboard.press("Tab")
        focused = blank.evaluate(FOCUSED)
        if focused is None:
            continue
        place, seen, html = focused
        assert seen, f"nobody sees where the focus is: {html}"
        reached[place] = html
    assert len(reached) >= wanted, reached


def test_a_page_for_people_who_want_little_motion_keeps_still(
    browser: Browser, server_url: str
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    opened(page, server_url)
    running = page.evaluate(
        """document.getAnimations().filter((animation) => animation.playState === 'running'
            && animation.effect.getComputedTiming().duration > 100).length"""
    )
    assert running == 0
    context.close()
