"""A page with a client and a tape: what leaves the client is recorded, frame by frame."""

import base64
import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import ConsoleMessage, Page, Route

from .page import PATIENCE_MS

__all__ = ["Listening", "Recording", "jittery"]

_HTML = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Listening</title>
<link rel="icon" href="data:,"><button>Talk</button><p></p>
<script type="module" src="/listening.js"></script></html>"""

_SCRIPT = """
import { LipwireClient } from '/client/lipwire.js';

/** What was said, what was rendered, and where both were whenever the screen was drawn. */
const tape = { sent: [], blocks: [], moments: [], sampleRate: 0 };
let client, utterance;

const LATER = 'registerProcessor("tape", class extends AudioWorkletProcessor {' +
  'process([[samples]]) {' +
  '  if (samples) this.port.postMessage({ frame: currentFrame, samples: samples.slice() });' +
  '  return true; } });';

async function record(node) {
  const { context } = node;
  await context.audioWorklet.addModule(
    URL.createObjectURL(new Blob([LATER], { type: 'text/javascript' })));
  const recorder = new AudioWorkletNode(context, 'tape', { outputChannelCount: [1] });
  recorder.port.onmessage = ({ data }) => tape.blocks.push(data);
  node.connect(recorder).connect(context.destination);
  tape.sampleRate = context.sampleRate;
  const look = () => {
    const current = client.position();
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    const now = performance.now();
    tape.moments.push([now, contextTime, performanceTime, current?.sample ?? -1]);
    requestAnimationFrame(look);
  };
  look();
}

function begin(options, url = '/v1/stream') {
  client = new LipwireClient(url, options);
  client.on('error', (error) => console.error(`${error.code}: ${error.message}`));
  client.on('state', (state) => console.info(`state ${state}`));
  Object.assign(globalThis, { client });
  return client.connect();
}

function talk(text) {
  utterance = client.speak(text);
  utterance.on('audio', ({ samples }) => tape.sent.push(samples.slice()));
  globalThis.utterance = utterance;
  return utterance;
}

const joined = (arrays) => {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of arrays) { all.set(each, at); at += each.length; }
  return all;
};
const packed = (samples) => {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
};
const result = () => JSON.stringify({
  rate: tape.sampleRate,
  sent: packed(joined(tape.sent)),
  first: tape.blocks[0]?.frame ?? 0,
  rendered: packed(joined(tape.blocks.map(({ samples }) => samples))),
  moments: tape.moments,
});
Object.assign(globalThis, { LipwireClient, begin, record, talk, tape, result });
document.documentElement.dataset.loaded = '';
"""

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    rate: int
    """Of the context, in Hertz."""
    sent: Samples
    first: int
    """The frame of the context that `rendered` begins with."""
    rendered: Samples
    moments: NDArray[np.float64]
    """Now, the output timestamp's two times, and the client's position: in ms, s, ms, samples."""

    def begins(self, samples: Samples | None = None) -> int:
        """The frame in which sample 0 of what was sent was rendered, or would have been."""
        sent = self.sent if samples is None else samples
        loudest = int(np.argmax(np.convolve(np.abs(sent), np.ones(512), "valid")))
        likeness = np.correlate(self.rendered, sent[loudest : loudest + 512], "valid")
        energy = np.convolve(self.rendered**2, np.ones(512), "valid")
        return self.first + int(np.argmin(energy - 2 * likeness)) - loudest

    def between(self, begin: int, end: int) -> Samples:
        """What was rendered in these frames."""
        return self.rendered[begin - self.first : end - self.first]

    def last_sound(self) -> int:
        """The last frame that was not silent."""
        return self.first + int(np.flatnonzero(self.rendered)[-1])


class Listening:
    def __init__(self, page: Page, server: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._server = server
        page.set_default_timeout(PATIENCE_MS)
        # Nobody knows where a page that was made up comes from: it may reach this machine.
        page.context.grant_permissions(["local-network-access"])
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def open(self, *, script: str = "", headers: dict[str, str] | None = None) -> None:
        """The page, with a script of its own after the one that all have."""

        def serve(route: Route) -> None:
            if route.request.url.endswith(".js"):
                body = f"{_SCRIPT}\n{script}"
                route.fulfill(body=body, content_type="text/javascript", headers=headers)
            else:
                route.fulfill(body=_HTML, content_type="text/html", headers=headers)

        self.page.route("**/listening*", serve)
        self.page.goto(f"{self._server}/listening")

    def begin(self, *, stream: str = "/v1/stream", record: bool = True, **options: Any) -> None:
        """Connects, and lets the tape run."""
        self.page.wait_for_selector("html[data-loaded]", state="attached")
        self.ask(f"begin({json.dumps(options)}, {json.dumps(stream)})")
        if record:
            self.ask("record(client.audioNode)")

    def talk(self, text: str) -> None:
        self.ask(f"void talk({json.dumps(text)})")

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited."""
        return self.page.evaluate(f"async () => {expression}")

    def until(self, condition: str) -> None:
        self.page.wait_for_function(condition)

    def finished(self) -> dict[str, Any]:
        result: dict[str, Any] = self.ask("utterance.finished")
        return result

    def stats(self) -> dict[str, Any]:
        result: dict[str, Any] = self.ask("client.stats()")
        return result

    def recording(self) -> Recording:
        raw = json.loads(self.ask("result()"))
        sent, rendered = (
            np.frombuffer(base64.b64decode(raw[name]), np.float32) for name in ("sent", "rendered")
        )
        return Recording(raw["rate"], sent, raw["first"], rendered, np.array(raw["moments"]))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def _pass_on(source: socket.socket, target: socket.socket, longest: float, seed: int) -> None:
    waiting = random.Random(seed)
    pause = threading.Event()
    try:
        while data := source.recv(65_536):
            pause.wait(waiting.uniform(0, longest))
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def jittery(port: int, longest: float) -> Iterator[int]:
    """A port that leads to `port` over a network that holds each piece up, for as long at most."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        threads: list[threading.Thread] = []
        ends: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    near, _ = listener.accept()
                except OSError:
                    return
                far = socket.create_connection(("127.0.0.1", port))
                ends.extend((near, far))
                for number, pair in enumerate(((near, far), (far, near))):
                    thread = threading.Thread(target=_pass_on, args=(*pair, longest, number))
                    thread.start()
                    threads.append(thread)

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for end in ends:
                with closing(end), suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
