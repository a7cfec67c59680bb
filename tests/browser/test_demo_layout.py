"""Where things are on the demo page, how it is used without a mouse, and how often it is drawn."""

import pytest
from playwright.sync_api import Browser

from .page import TalkingPage

LONG = " ".join(f"This is sentence {number}, and it goes on for a while." for number in range(30))
SIZES = [(1200, 640), (640, 360), (600, 320), (360, 640), (390, 844)]

_PLACES = """Object.fromEntries(['face', 'spoken', 'talk', 'stop'].map((id) => {
    const { top, bottom } = document.getElementById(id).getBoundingClientRect();
    return [id, [top, bottom]];
}))"""


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_all_that_talks_is_in_sight_and_stays_where_it_is(
    page: TalkingPage, width: int, height: int
) -> None:
    page.page.set_viewport_size({"width": width, "height": height})
    before = page.ask(_PLACES)
    page.talk(LONG)
    page.until("document.getElementById('spoken').scrollTop > 0")

    assert page.ask(_PLACES) == before
    for what, (top, bottom) in before.items():
        assert 0 <= top < bottom <= height, what
    assert page.ask("document.documentElement.scrollWidth") <= width
    seen = page.ask(
        """(() => {
            const [word] = CSS.highlights.get('word');
            const { top, bottom } = word.getBoundingClientRect();
            const frame = document.getElementById('spoken').getBoundingClientRect();
            return frame.top <= top && bottom <= frame.bottom;
        })()"""
    )
    assert seen


def test_the_face_is_drawn_30_times_a_second_and_10_when_it_rests(page: TalkingPage) -> None:
    page.ask(
        """(() => {
            globalThis.drawn = 0;
            const pose = lipwire.client.pose.bind(lipwire.client);
            lipwire.client.pose = (...given) => (drawn++, pose(...given));
        })()"""
    )
    count = "(drawn = 0, new Promise((done) => setTimeout(() => done(drawn / 2), 2000)))"
    assert 3 < page.ask(count) < 15
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > 2000")
    assert 12 < page.ask(count) < 40


def test_nothing_is_written_that_changes_nothing(browser: Browser, server_url: str) -> None:
    calm = browser.new_page(reduced_motion="reduce")
    page = TalkingPage(calm)
    page.open(server_url)
    page.wait_for("ready")
    written = page.ask(
        """new Promise((done) => {
            let written = 0;
            const observer = new MutationObserver((changes) => { written += changes.length; });
            const all = { attributes: true, childList: true, characterData: true, subtree: true };
            observer.observe(document, all);
            setTimeout(() => done(written), 5000);
        })"""
    )
    calm.close()
    # Not even a blink, which comes every few seconds.
    assert written == 0


def test_the_focus_stays_on_stop(page: TalkingPage) -> None:
    page.talk(LONG)
    page.until("lipwire.client.position()?.sample > 2000")
    page.page.focus("#stop")
    page.page.keyboard.press("Enter")

    assert page.finished()["reason"] == "interrupted"
    page.wait_for("ready")
    assert page.page.get_attribute("#stop", "aria-disabled") == "true"
    assert page.ask("document.activeElement.id") == "stop"


def test_a_key_that_is_held_down_talks_once(page: TalkingPage) -> None:
    page.page.focus("#text")
    for _ in range(3):
        page.page.keyboard.down("Enter")
    page.page.keyboard.up("Enter")

    assert page.ask("lipwire.utterances.length") == 1


def test_an_empty_text_is_answered_by_the_page_itself(page: TalkingPage) -> None:
    page.talk("  ")
    assert page.page.inner_text("#status") == "Type something first."


def test_a_text_beyond_the_limit_is_not_cut_but_refused(page: TalkingPage) -> None:
    limit = page.ask("lipwire.client.session.limits.utterance_text")
    page.talk("a " * limit)
    assert f"{limit} can be said" in page.page.inner_text("#status.failed")
    assert page.ask("lipwire.utterances.length") == 0
