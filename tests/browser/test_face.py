"""The server's face on the demo page: the real server, its avatars, a real browser."""

import base64
import io
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, WebSocket

from .page import TalkingPage, wait_until

TEXT = "Papa may buy a big map. Bob, move the bowl, and open your mouth wide."
FPS = 25
SAME, LIKE, OTHER = 50, 36, 25
"""Decibels of likeness: above the first two pictures are one, above the second one that was
drawn by other means, below the third they show somebody else."""

Pixels = NDArray[np.float64]

RECORD = """(() => {
    const { face } = lipwire.client;
    const { frame } = face;
    const heard = () => lipwire.client.position()?.sample;
    let chosen;
    face.frame = (aheadMs) => {
        if (aheadMs) return frame.call(face, aheadMs);
        const before = heard();
        const found = frame.call(face);
        chosen = { found, before, after: heard() };
        return found;
    };
    const scratch = new OffscreenCanvas(12, 8);
    const context = scratch.getContext('2d', { willReadFrequently: true });
    globalThis.mouth = () => {
        const canvas = document.getElementById('canvas');
        const { width, height } = canvas;
        context.drawImage(
            canvas, width * 0.38, height * 0.55, width * 0.24, height * 0.18, 0, 0, 12, 8);
        return context.getImageData(0, 0, 12, 8).data.join();
    };
    globalThis.seen = [];
    const look = () => {
        const { shown } = lipwire.canvas.stats();
        const current = lipwire.client.position();
        if (current && chosen?.before && shown?.reel === current.utterance.reel) {
            const { found, before, after } = chosen;
            const late = shown !== found;
            seen.push({ before, after, late, start: shown.start, mouth: mouth() });
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})()"""
"""Has the page write down each frame that is seen, and what was heard when it was chosen."""


@pytest.fixture
def blank(tab: Page) -> Iterator[Page]:
    yield tab
    tab.goto("about:blank")


@pytest.fixture
def face(page: TalkingPage) -> TalkingPage:
    page.until("lipwire.canvas.stats().drawn > 0")
    return page


@pytest.fixture
def calm(browser: Browser, server_url: str) -> Iterator[TalkingPage]:
    """The page of somebody who wants little motion: the face stands still while it is silent."""
    page = TalkingPage(browser.new_page(reduced_motion="reduce"))
    page.open(server_url)
    page.until("lipwire.canvas.stats().drawn > 0")
    yield page
    assert page.complaints == []
    page.page.close()


def picture(page: TalkingPage) -> Pixels:
    """What is on the canvas, once it has settled."""
    url: str = page.ask(
        """new Promise((resolve) => requestAnimationFrame((since) => {
            const look = (now) => now - since < 500 ? requestAnimationFrame(look)
                : resolve(document.getElementById('canvas').toDataURL());
            requestAnimationFrame(look);
        }))"""
    )
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB"), dtype=np.float64)


def picked(page: TalkingPage, choice: str) -> Pixels:
    """What is on the canvas after a face or a mood was picked."""
    page.ask("void (globalThis.before = lipwire.client.face.rest)")
    page.pick(choice)
    rest = "lipwire.client.face.rest"
    page.until(f"{rest} !== before && lipwire.canvas.stats().shown === {rest}")
    return picture(page)


def likeness(a: Pixels, b: Pixels) -> float:
    error = float(np.mean((a - b) ** 2))
    return 10 * math.log10(255**2 / max(error, 1e-9))


def test_a_face_is_there_a_moment_after_the_connection(face: TalkingPage) -> None:
    drawn = picture(face)
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 1000
    assert face.page.is_hidden("#sketch")


def test_it_lives_while_it_says_nothing(face: TalkingPage) -> None:
    drawn = face.ask("lipwire.canvas.stats().drawn")
    face.until(f"lipwire.canvas.stats().drawn > {drawn + 10}")


def test_each_frame_is_that_of_the_sample_that_is_heard(face: TalkingPage) -> None:
    face.ask(RECORD)
    face.talk(TEXT)
    assert face.finished()["reason"] == "done"

    seen, rate = face.ask("seen"), face.stats()["sampleRate"]
    length = -(-rate // FPS)
    # Where pictures were not decoded in time, the frame before is still seen.
    in_time = [s for s in seen if not s["late"]]
    assert len(in_time) > len(seen) / 2
    assert all(s["start"] <= s["after"] and s["before"] < s["start"] + length for s in in_time)
    assert len({s["start"] for s in seen}) > 20
    assert len({s["mouth"] for s in seen}) > 20


def test_sprites_come_once_and_before_they_are_used(blank: Page, server_url: str) -> None:
    messages: list[dict[str, Any]] = []

    def receive(data: str | bytes) -> None:
        assert isinstance(data, bytes)
        messages.append(msgspec.msgpack.decode(data))

    def connect(socket: WebSocket) -> None:
        socket.on("framereceived", receive)

    blank.on("websocket", connect)
    page = TalkingPage(blank)
    page.open(server_url)
    page.wait_for("ready")
    page.talk(TEXT)
    rest = "lipwire.client.face.rest"
    page.until(f"(globalThis.before = {rest}) !== undefined")
    page.pick("Happy")
    page.finished()
    page.until(f"{rest} !== before")
    # The browser tells of what came when it likes.
    known = page.ask("lipwire.canvas.stats().sprites")
    wait_until(blank, lambda: sum(len(m.get("sprites", ())) for m in messages) >= known)
    blank.remove_listener("websocket", connect)

    sent: Counter[int] = Counter()
    for message in messages:
        if message["type"] == "sprites":
            sent.update(sprite["id"] for sprite in message["sprites"])
        frames = message.get("frames", ()) if message["type"] in ("chunk", "idle") else ()
        for _, draws in frames:
            assert set(draws[::4]) <= set(sent)
    assert len(sent) > 30
    assert set(sent.values()) == {1}
    # What the server said is what the page has, and all of it could be decoded.
    assert page.ask("lipwire.canvas.stats().sprites") == len(sent)
    assert page.complaints == []


def test_after_stop_the_mouth_is_shut_at_once(face: TalkingPage) -> None:
    face.talk(TEXT)
    face.until("lipwire.client.position()?.sample > lipwire.client.stats().sampleRate")
    assert face.ask(
        """new Promise((resolve) => {
            lipwire.client.interrupt();
            const look = () => resolve(
                lipwire.canvas.stats().shown.reel === lipwire.client.face.rest.reel
                && lipwire.client.position() === undefined);
            requestAnimationFrame(() => requestAnimationFrame(look));
        })"""
    )
    assert face.finished()["reason"] == "interrupted"


def test_moods_and_faces_are_seen(calm: TalkingPage) -> None:
    neutral = picture(calm)
    assert likeness(neutral, picture(calm)) > SAME
    happy = picked(calm, "Happy")
    assert likeness(neutral, happy) < SAME
    assert likeness(happy, picked(calm, "Ida")) < OTHER
    picked(calm, "Joe")
    assert likeness(neutral, picked(calm, "Neutral")) > SAME


def test_moods_are_picked_with_the_keyboard(face: TalkingPage) -> None:
    face.page.focus("[name=emotion][value=neutral]")
    face.page.keyboard.press("ArrowRight")
    assert face.page.is_checked("[value=happy]")
    face.page.focus("[name=face][value=joe]")
    face.page.keyboard.press("ArrowRight")
    face.page.keyboard.press("ArrowRight")
    face.page.wait_for_selector("#sketch", state="visible")
    assert face.page.is_disabled("[value=happy]")


def test_whole_pictures_show_the_same_face(calm: TalkingPage) -> None:
    sprites = picture(calm)
    granted = calm.ask("lipwire.client.configure({ frames: { mode: 'full', size: 512, fps: 10 } })")
    assert granted["frames"]["mode"] == "full"
    calm.until("lipwire.canvas.stats().shown?.picture !== undefined")
    assert likeness(sprites, picture(calm)) > LIKE
    calm.ask(RECORD)
    calm.talk(TEXT)
    assert calm.finished()["reason"] == "done"

    seen, rate = calm.ask("seen"), calm.stats()["sampleRate"]
    assert len({s["mouth"] for s in seen}) > 10
    ages = sorted(s["after"] - s["start"] for s in seen)
    assert ages[0] >= 0
    # A page that had no time to draw shows an older one: of a tenth of a second each, most do not.
    assert ages[len(ages) // 2] < 3 * rate // 10


def test_a_face_of_the_servers_own_can_be_picked_again(face: TalkingPage) -> None:
    face.ask("lipwire.client.emit('ready', { ...lipwire.client.session, avatar: 'my-robot' })")
    assert face.page.is_checked("[value=my-robot]")
    face.pick("Ida")
    face.until("!document.querySelector('[value=my-robot]').checked")
    assert face.page.get_by_text("my-robot").is_visible()


def test_the_sketch_has_a_face_before_it_is_first_seen(face: TalkingPage) -> None:
    assert face.page.is_hidden("#sketch")
    assert all(
        path.get_attribute("d") for path in face.page.locator("#sketch path[data-part]").all()
    )


def test_a_face_that_the_server_has_not_is_refused_and_nothing_changes(face: TalkingPage) -> None:
    face.page.eval_on_selector("[value=ida]", "input => { input.value = 'nobody'; }")
    face.pick("Ida")
    face.until("document.querySelector('[value=joe]').checked")
    assert face.page.is_visible("#canvas")
