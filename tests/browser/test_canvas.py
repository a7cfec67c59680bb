"""The canvas that shows the server's face, in a real browser, against a server that is made up."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from .stage import FPS, RATE, SIZE, Stage, coloured, frame_start, sprite

GROUND, MOUTH, HEAD = (0, 0, 60), (0, 200, 0), (250, 250, 0)
GREEN, BLUE = "0,200,0", "0,0,60"
LIPS = (24, 40, 16, 8)
"""Left, top, width and height of every mouth."""
REST = (1, 0, 0, 0, 2, 0, 0, 0)
"""The ground, and a mouth that is shut."""


@pytest.fixture
def blank(tab: Page) -> Iterator[Page]:
    yield tab
    tab.goto("about:blank")
    tab.unroute_all()


@pytest.fixture
def stage(blank: Page) -> Iterator[Stage]:
    yield from staged(blank)


def staged(page: Page) -> Iterator[Stage]:
    """Whatever the page complained about fails the test."""
    stage = Stage(page)
    stage.open()
    yield stage
    assert stage.complaints == []


def rest(stage: Stage) -> None:
    """Sends a face that says nothing, and waits until it is seen."""
    stage.send("sprites", sprites=(sprite(1, GROUND), sprite(2, MOUTH, LIPS)))
    stage.send("idle", count=RATE, frames=((0, REST),))
    stage.until(f"pixel(32, 44) === '{GREEN}'")


def colour_of(frame: int) -> tuple[int, int, int]:
    """Of the mouth in that frame, while it speaks: no two of two seconds are alike."""
    return 5 * frame, 255 - 5 * frame, 255


def mouths() -> tuple[dict[str, Any], ...]:
    return tuple(sprite(100 + number, colour_of(number), LIPS) for number in range(2 * FPS))


def speaking(frames: range, dx: int = 0) -> tuple[Any, ...]:
    return tuple((frame_start(k), (1, 0, 0, 0, 100 + k, 16 * dx, 0, 0)) for k in frames)


def test_a_face_is_seen_as_soon_as_its_sprites_are_there(stage: Stage) -> None:
    assert stage.received[0]["frames"] == {"mode": "sprites", "size": SIZE}
    assert stage.page.evaluate("face.stats().drawn") == 0
    rest(stage)
    assert stage.pixel(4, 4) == BLUE
    assert [stage.pixel(x, 44) for x in (22, 25, 38, 41)] == [BLUE, GREEN, GREEN, BLUE]


def test_every_picture_is_the_one_of_the_sample_that_is_heard(stage: Stage) -> None:
    rest(stage)
    stage.send("sprites", sprites=mouths())
    stage.page.evaluate(
        """() => {
            window.seen = [];
            const { frame } = client.face;
            const heard = () => client.position()?.sample;
            let before, after;
            client.face.frame = () => {
                before = heard();
                const chosen = frame.call(client.face);
                after = heard();
                return chosen;
            };
            const look = () => {
                if (before > 0) seen.push([before, after, pixel(32, 44)]);
                requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        }"""
    )
    stage.speak(speaking(range(2 * FPS)))
    stage.until(f"client.position()?.sample > {RATE * 1.9}")

    frames = {",".join(map(str, colour_of(k))): k for k in range(2 * FPS)}
    drawn = [
        (before, after, frames[colour])
        for before, after, colour in stage.page.evaluate("seen")
        if colour in frames
    ]
    assert len({frame for _, _, frame in drawn}) > FPS / 2
    for before, after, frame in drawn:
        assert frame_start(frame) <= after, (after, frame)
        assert before < frame_start(frame + 1), (before, frame)


def test_after_an_interrupt_the_mouth_is_shut_with_the_next_picture(stage: Stage) -> None:
    rest(stage)
    stage.send("sprites", sprites=mouths())
    stage.speak(speaking(range(2 * FPS)))
    colour = stage.page.evaluate(
        f"""new Promise((resolve) => {{
            const look = () => {{
                const isOpen = pixel(32, 44) !== '{GREEN}';
                if (!isOpen || client.position()?.sample < {RATE // 2})
                    return requestAnimationFrame(look);
                client.interrupt();
                requestAnimationFrame(() => requestAnimationFrame(() => resolve(pixel(32, 44))));
            }};
            requestAnimationFrame(look);
        }})"""
    )
    assert colour == GREEN


def test_where_frames_do_not_follow_each_other_the_face_glides(stage: Stage) -> None:
    rest(stage)
    stage.send("sprites", sprites=mouths())
    # A screen that is never late, whatever else this machine has to do.
    stage.page.evaluate(
        """() => {
            const real = requestAnimationFrame;
            let last, moment = performance.now();
            window.requestAnimationFrame = (callback) => real((now) => {
                if (now !== last) moment += 16;
                last = now;
                callback(moment);
            });
        }"""
    )
    stage.speak(speaking(range(2 * FPS), dx=16))
    lefts = stage.page.evaluate(
        f"""new Promise((resolve) => {{
            const lefts = [];
            const look = () => {{
                const left = [...Array(64).keys()].find((x) => pixel(x, 44) === '{GREEN}');
                if (lefts.push(left) < 30) requestAnimationFrame(look);
                else resolve(lefts);
            }};
            const interrupt = () => {{
                const isThere = pixel(30, 44) === '{BLUE}' && pixel(44, 44) !== '{BLUE}';
                if (!isThere || client.position()?.sample < {RATE // 2})
                    return requestAnimationFrame(interrupt);
                client.interrupt();
                requestAnimationFrame(() => requestAnimationFrame(look));
            }};
            requestAnimationFrame(interrupt);
        }})"""
    )
    assert lefts == sorted(lefts, reverse=True)
    assert lefts[0] > LIPS[0] + 2
    assert lefts[-1] == LIPS[0]
    assert len(set(lefts)) > 3


def test_what_is_missing_or_broken_is_left_out(stage: Stage) -> None:
    rest(stage)
    broken = {**sprite(3, HEAD, (0, 0, 9, 9)), "data": b"no picture", "key": "broken"}
    stage.send("sprites", sprites=(broken, sprite(4, HEAD, (0, 0, 16, 16))))
    stage.send("idle", count=RATE, frames=((0, (1, 0, 0, 0, 77, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0)),))
    stage.until("pixel(4, 4) === '250,250,0'")
    assert stage.pixel(32, 44) == BLUE


def test_sprites_are_turned_about_their_centres(stage: Stage) -> None:
    stage.send("sprites", sprites=(sprite(1, GROUND), sprite(2, MOUTH, (24, 28, 16, 8))))
    stage.send("idle", count=RATE, frames=((0, (1, 0, 0, 0, 2, 0, 0, 1571)),))
    stage.until(f"pixel(32, 26) === '{GREEN}'")
    assert [stage.pixel(x, 32) for x in (26, 29, 35, 38)] == [BLUE, GREEN, GREEN, BLUE]


def test_whole_pictures_are_shown_in_time(stage: Stage) -> None:
    stage.send("configured", frames={"mode": "full", "size": SIZE, "mime": "image/png"})
    stage.send("idle", count=RATE, pictures=((0, True, coloured(MOUTH, SIZE, SIZE)),))
    stage.until(f"pixel(32, 44) === '{GREEN}'")
    pictures = [(frame_start(k), True, coloured(colour_of(k), SIZE, SIZE)) for k in range(2 * FPS)]
    stage.speak((), pictures=pictures)
    seen = stage.page.evaluate(
        f"""new Promise((resolve) => {{
            const seen = [];
            const look = () => {{
                const {{ sample = {2 * RATE} }} = client.position() ?? {{}};
                if (sample > 0) seen.push([sample, pixel(32, 44)]);
                if (sample < {RATE * 1.9}) requestAnimationFrame(look);
                else resolve(seen);
            }};
            requestAnimationFrame(look);
        }})"""
    )
    frames = {",".join(map(str, colour_of(k))): k for k in range(2 * FPS)}
    late = sorted(
        sample - frame_start(frames[colour]) for sample, colour in seen if colour in frames
    )
    assert late[0] >= 0
    # A page that was busy for a while has not decoded them yet.
    assert late[len(late) // 2] < 3 * RATE // FPS
    stage.page.evaluate("client.interrupt()")
    stage.until(f"pixel(32, 44) === '{GREEN}'")


def test_each_whole_picture_is_decoded_once(stage: Stage) -> None:
    stage.page.evaluate(
        """() => {
            globalThis.decoded = 0;
            const real = globalThis.createImageBitmap;
            globalThis.createImageBitmap = (...all) => (decoded++, real(...all));
        }"""
    )
    stage.send("configured", frames={"mode": "full", "size": SIZE, "mime": "image/png"})
    pictures = [(frame_start(k), True, coloured(colour_of(k), SIZE, SIZE)) for k in range(FPS)]
    stage.speak((), pictures=pictures)
    stage.until(f"client.position()?.sample > {RATE}")
    assert 0 < stage.page.evaluate("decoded") <= FPS


def test_who_wants_little_motion_sees_the_mouth_move_and_nothing_else(browser: Browser) -> None:
    page = browser.new_page(reduced_motion="reduce")
    for stage in staged(page):
        stage.send("sprites", sprites=(sprite(1, GROUND), sprite(2, MOUTH, LIPS), *mouths()))
        idle = ((0, REST), (frame_start(2), (1, 0, 0, 0, 2, 320, 0, 0)))
        stage.send("idle", count=RATE // 5, frames=idle)
        stage.until(f"pixel(32, 44) === '{GREEN}'")
        stage.page.wait_for_timeout(300)
        assert stage.page.evaluate("face.stats().drawn") == 1
        stage.speak(speaking(range(2 * FPS), dx=16))
        stage.until(f"pixel(32, 44) !== '{GREEN}' && client.position()?.sample > {RATE // 4}")
        assert stage.pixel(32, 44) not in (BLUE, GREEN)
        assert stage.pixel(44, 44) == BLUE
    page.close()


def test_a_screen_with_more_pixels_gets_more(browser: Browser) -> None:
    page = browser.new_page(device_scale_factor=2)
    for stage in staged(page):
        rest(stage)
        assert stage.page.evaluate("[canvas.width, canvas.height]") == [128, 128]
        assert [stage.pixel(x, 44) for x in (22, 25, 38, 41)] == [BLUE, GREEN, GREEN, BLUE]
        stage.page.evaluate("canvas.style.width = '96px'")
        stage.until("canvas.width === 192")
        assert stage.pixel(16 + 32, 44) == GREEN
        assert stage.pixel(8, 44) == "0,0,0"
    page.close()


def test_a_canvas_without_a_size_does_not_grow(browser: Browser) -> None:
    page = browser.new_page(device_scale_factor=2)
    for stage in staged(page):
        rest(stage)
        stage.page.evaluate("canvas.style.cssText = 'width: auto; height: auto'")
        stage.until("canvas.width === 256")
        stage.page.wait_for_timeout(200)
        assert stage.page.evaluate("[canvas.clientWidth, canvas.width]") == [128, 256]
        assert stage.pixel(64, 88) == GREEN
    page.close()


def test_a_face_that_is_disposed_of_draws_no_more(stage: Stage) -> None:
    rest(stage)
    stage.page.evaluate("face.dispose()")
    assert stage.page.evaluate("face.stats().sprites") == 0
    drawn = stage.page.evaluate("face.stats().drawn")
    stage.send("idle", count=RATE, frames=((0, (1, 0, 0, 0)),))
    stage.page.wait_for_timeout(100)
    assert stage.page.evaluate("face.stats().drawn") == drawn
    assert stage.pixel(32, 44) == GREEN


def test_a_canvas_that_comes_later_shows_the_same_face(stage: Stage) -> None:
    rest(stage)
    module = "import('./canvas.js')"
    stage.page.evaluate(
        f"""async () => {{
            face.dispose();
            canvas.getContext('2d').clearRect(0, 0, 64, 64);
            const {{ CanvasFace }} = await {module};
            window.face = new CanvasFace(canvas, client);
        }}"""
    )
    stage.until(f"pixel(32, 44) === '{GREEN}'")
