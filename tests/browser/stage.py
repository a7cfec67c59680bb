"""A page with a canvas, and a server made up for it: what it draws is known to the pixel."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image
from playwright.sync_api import Page, Route, WebSocketRoute

from lipwire_protocol import Limits

from .page import PATIENCE_MS, wait_until

__all__ = ["FPS", "RATE", "SIZE", "Stage", "coloured", "frame_start", "sprite"]

# A page of this machine may play sound, wherever its files come from.
_ORIGIN = "http://127.0.0.1:9"
_DIST = Path(__file__).parents[2] / "client-js" / "dist"
_PAGE = """<!doctype html><link rel="icon" href="data:," />
<style>body { margin: 0 } canvas { display: block; width: 64px; height: 64px }</style>
<canvas></canvas>
<script type="module">
  import { LipwireClient } from './lipwire.js';
  import { CanvasFace } from './canvas.js';
  const canvas = document.querySelector('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const client = new LipwireClient('/v1/stream', { frames: { mode: 'sprites', size: 64 } });
  const face = new CanvasFace(canvas, client);
  const pixel = (x, y) => context.getImageData(
    x * devicePixelRatio, y * devicePixelRatio, 1, 1).data.slice(0, 3).join();
  Object.assign(window, { canvas, client, face, pixel });
  client.connect().then(() => (document.documentElement.dataset.state = 'ready'));
</script>"""

RATE, FPS, SIZE = 22_050, 25, 64
Colour = tuple[int, int, int]


def frame_start(number: int) -> int:
    return math.ceil(number * RATE / FPS)


def coloured(colour: Colour, width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def sprite(
    number: int, colour: Colour, box: tuple[int, int, int, int] = (0, 0, SIZE, SIZE)
) -> dict[str, Any]:
    """A rectangle of the face, at left, top, width and height."""
    left, top, width, height = box
    return {
        "id": number,
        "key": f"{colour} {width}x{height}",
        "mime": "image/png",
        "width": width,
        "height": height,
        "x": 16 * left + 8 * width,
        "y": 16 * top + 8 * height,
        "data": coloured(colour, width, height),
    }


class Stage:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.received: list[dict[str, Any]] = []
        self._seq = 0
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.route(f"{_ORIGIN}/**", self._serve)
        page.route_web_socket(f"{_ORIGIN.replace('http', 'ws')}/**", self._connect)

    def open(self) -> None:
        self.page.goto(f"{_ORIGIN}/")
        self.page.wait_for_selector("html[data-state=ready]")

    def send(self, type: str, **fields: Any) -> None:
        self._seq += 1
        self._socket.send(msgspec.msgpack.encode({"type": type, "seq": self._seq, **fields}))

    def speak(self, frames: Sequence[Any], *, seconds: int = 2, **media: Any) -> None:
        """Has the page ask for an utterance, and sends one of silence with these frames."""
        utterance = self.page.evaluate("client.speak('Hello.').number")
        self.until_received("speak")
        count = seconds * RATE
        of = {"utterance": utterance, "segment": 0, "start": 0, "count": count}
        ledger = {"received": 0, "queued": 0, "phonemized": 0, "encoded": 0}
        self.send("utterance_started", utterance=utterance, at=0)
        self.send("segment", **of, text="Hello.", span=(0, 6), visemes={}, ledger=ledger)
        media = {"audio": bytes(2 * count), "frames": frames, **media}
        self.send("chunk", **of, **media)

    def until(self, condition: str) -> None:
        self.page.wait_for_function(condition, polling="raf")

    def until_received(self, type: str) -> None:
        wait_until(self.page, lambda: any(message["type"] == type for message in self.received))

    def pixel(self, x: int, y: int) -> str:
        """The colour in the canvas, in pixels of the page."""
        colour: str = self.page.evaluate(f"pixel({x}, {y})")
        return colour

    def _serve(self, route: Route) -> None:
        name = route.request.url.removeprefix(f"{_ORIGIN}/")
        if name:
            route.fulfill(path=_DIST / name, content_type="text/javascript")
        else:
            route.fulfill(body=_PAGE, content_type="text/html")

    def _connect(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        self._seq = 0
        socket.on_message(self._receive)

    def _receive(self, data: str | bytes) -> None:
        assert isinstance(data, bytes)
        message = msgspec.msgpack.decode(data)
        self.received.append(message)
        if message["type"] == "hello":
            self.send(
                "ready",
                session={"id": "s", "secret": "x", "resumed": False, "received": ()},
                voice={"name": "none", "language": "en", "sample_rate": RATE, "speakers": 1},
                audio={"codec": "pcm_s16le", "sample_rate": RATE},
                timing={},
                sets={},
                frames={"mode": "sprites", "size": SIZE},
                avatar="nobody",
                flow={"mode": "played", "lead_ms": 3000},
                text={},
                limits=Limits(),
                features=(),
            )
