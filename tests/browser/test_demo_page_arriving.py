"""Whoever comes to the demo page: before anything has loaded or was clicked, on a phone, with a key
or without one, and when nobody answers."""

import msgspec
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from .page import TalkingPage, wait_until

SHORT = "Papa may buy a big map. Bob, move the bowl."


def test_there_is_a_face_before_anything_has_loaded(browser: Browser, server_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server_url)
    assert page.is_visible("#poster")
    context.close()


def test_the_first_click_lets_the_sound_out(strict_browser: Browser, server_url: str) -> None:
    page = TalkingPage(strict_browser.new_page())
    # All in a script of the page: whatever Playwright evaluates, and it does so to wait for a
    # selector, counts as a click.
    page.page.add_init_script(
        """new MutationObserver(() => {
            const { state } = document.documentElement.dataset;
            console.log(`state ${state}`);
            if (state !== 'ready' || document.getElementById('spoken').textContent) return;
            document.getElementById('text').value = 'Papa may buy a big map. '.repeat(4);
            document.getElementById('form').requestSubmit();
        }).observe(document, { attributeFilter: ['data-state'], subtree: true });"""
    )
    with page.page.expect_console_message(lambda message: message.text == "state blocked"):
        page.open(server_url)
    assert "press Talk" in page.page.inner_text("#status")

    page.page.click("h1")
    page.wait_for("ready")
    finished = page.finished()
    assert finished["reason"] == "done"
    # Until the click the face spoke without a sound.
    stats = page.stats()
    assert stats["played"] > 0
    assert stats["played"] + stats["silent"] == finished["count"]


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_jumps(blank: Page, server_url: str, width: int) -> None:
    page = TalkingPage(blank)
    blank.set_viewport_size({"width": width, "height": 800})
    blank.add_init_script(
        """globalThis.jumps = [];
        new PerformanceObserver((list) => jumps.push(...list.getEntries()
            .flatMap(({ value, sources }) => [value, ...sources.map(({ node }) => node?.id)])))
            .observe({ type: 'layout-shift', buffered: true });"""
    )
    page.open(server_url)
    page.wait_for("ready")
    page.talk(SHORT, tokens_per_second=40)
    page.finished()
    page.wait_for("ready")
    assert page.ask("jumps") == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (360, 640), (667, 375)])
def test_on_a_phone_nothing_lies_over_what_is_pressed(
    blank: Page, server_url: str, width: int, height: int
) -> None:
    blank.set_viewport_size({"width": width, "height": height})
    page = TalkingPage(blank)
    page.open(server_url)
    page.wait_for("ready")
    for name in ("talk", "stop", "status", "rate", "voice", "cut"):
        hit = blank.evaluate(
            """async (name) => {
                const wanted = document.getElementById(name);
                wanted.scrollIntoView({ block: 'start', behavior: 'instant' });
                await new Promise((next) => requestAnimationFrame(() => setTimeout(next, 50)));
                const { x, y, width, height } = wanted.getBoundingClientRect();
                return document.elementFromPoint(x + width / 2, y + height / 2)?.id;
            }""",
            name,
        )
        assert hit == name


def test_says_what_to_do_when_the_server_goes_away(blank: Page, server_url: str) -> None:
    def refuse(socket: WebSocketRoute) -> None:
        socket.close(code=1012)

    blank.route_web_socket("**/v1/stream", refuse)
    page = TalkingPage(blank)
    page.open(server_url)
    page.wait_for("idle")

    page.page.wait_for_selector("#status.failed")
    assert "Press Talk" in page.page.inner_text("#status")


def test_a_key_behind_the_address_is_shown_to_the_server(blank: Page, server_url: str) -> None:
    shown: list[str] = []

    def read(data: str | bytes) -> None:
        assert isinstance(data, bytes)
        shown.append(msgspec.msgpack.decode(data)["token"])

    def take(socket: WebSocketRoute) -> None:
        socket.on_message(read)

    blank.route_web_socket("**/v1/stream", take)
    with blank.expect_request("**/v1/faces") as asked:
        blank.goto(f"{server_url}/#key=a-key")
    assert asked.value.headers["authorization"] == "Bearer a-key"
    page = TalkingPage(blank)
    page.wait_for("connecting")
    wait_until(blank, lambda: bool(shown))
    # The page of the REST API cannot pass it on: who comes back is not asked for it again.
    blank.get_by_role("link", name="REST API").click()
    blank.get_by_role("link", name="Lipwire", exact=True).click()
    wait_until(blank, lambda: len(shown) > 1)
    assert shown == ["a-key", "a-key"]


@pytest.mark.parametrize("path", ["/", "/interview"])
def test_a_page_of_a_locked_server_says_how_to_come_in(
    blank: Page, server_url: str, path: str
) -> None:
    def refuse(socket: WebSocketRoute) -> None:
        socket.on_message(lambda _: socket.close(code=4401))

    blank.route_web_socket("**/v1/stream", refuse)
    blank.goto(server_url + path)
    status = blank.locator("#status.failed")
    expect(status).to_contain_text(f"wants a key. Ask whoever runs it for one, and open {path}#key")

    # A key that is put behind the address counts at once, and goes along to other pages.
    blank.evaluate("location.hash = 'key=wrong'")
    expect(status).to_contain_text("does not know the key")
    assert [
        str(link.get_attribute("href")).partition("#")[2] for link in blank.locator("nav a").all()
    ] == ["key=wrong", "key=wrong"]


def test_a_second_screen_without_a_session_says_where_to_get_one(
    blank: Page, server_url: str
) -> None:
    blank.goto(f"{server_url}/demo/watch.html")
    expect(blank.locator("#status")).to_contain_text("Open a second screen from the demo")
    blank.get_by_role("link", name="Go to the demo").click()
    expect(blank).to_have_url(f"{server_url}/")

    nobody = "00000000-0000-4000-8000-000000000000"
    blank.goto(f"{server_url}/demo/watch.html#session={nobody}&secret=none")
    expect(blank.locator("#status.failed")).to_contain_text("is over")
    assert not blank.locator("#canvas").is_visible()
