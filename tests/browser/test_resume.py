"""A page that loses its connection, or its server, in the middle of a word: nobody hears of it."""

import hashlib
import json
import signal
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.server_process import ServerProcess, server_folder

_SCRIPT = """async () => {
    const { LipwireClient } = await import('/client/lipwire.js');
    const client = new LipwireClient('/v1/stream');
    const pcm = [], words = [], states = [], ready = [];
    client.on('state', (state) => states.push(state));
    client.on('ready', ({ session }) => ready.push(session.resumed));
    const say = (text) => {
        const utterance = client.speak(text);
        utterance.on('audio', ({ samples }) => pcm.push(samples.slice()));
        utterance.on('word', ({ text }) => words.push(text));
        window.spoken = utterance.finished;
    };
    const hash = async () => {
        const all = await new Blob(pcm).arrayBuffer();
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
        return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    };
    Object.assign(window, { client, say, hash, words, states, ready });
    await client.connect();
}"""
_PATIENCE_MS = 60_000
TEXT = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
    "It is easy to tell the depth of a well, and these days a chicken leg is a rare dish."
)


class Cable:
    """A line between a page and a server that can be cut, and put into another server."""

    def __init__(self, port: int) -> None:
        self.server_port = port
        self.cut_after: int | None = None
        """So many bytes of a connection reach the page; then it is cut, once."""
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """No end is told why, as when a network is gone."""
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                page, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.server_port))
                except OSError:
                    page.close()
                    continue
                self._ends += [page, server]
                for pump in (self._up, self._down):
                    thread = threading.Thread(target=pump, args=(page, server))
                    self._threads.append(thread)
                    thread.start()

    def _up(self, page: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := page.recv(65_536):
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _down(self, page: socket.socket, server: socket.socket) -> None:
        sent = 0
        with suppress(OSError):
            while data := server.recv(4096):
                page.sendall(data)
                sent += len(data)
                if self.cut_after is not None and sent > self.cut_after:
                    self.cut_after = None
                    self.cut()
        with suppress(OSError):
            page.shutdown(socket.SHUT_WR)


@dataclass
class Told:
    """What a page came to."""

    finished: dict[str, Any]
    hash: str
    words: list[str]
    states: list[str]
    stats: dict[str, Any]
    resumed: list[bool]


class Listener:
    """A page that says the text, behind a cable."""

    def __init__(self, page: Page, cable: Cable) -> None:
        self.page = page
        page.set_default_timeout(_PATIENCE_MS)
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

        # Any address will do: what matters is whose page it is.
        page.goto(f"{cable.url}/client/lipwire.js")
        page.evaluate(_SCRIPT)

    def until(self, condition: str) -> None:
        """Playwright's own `wait_for_function` needs `eval`, which the server's policy forbids."""
        self.page.evaluate(
            f"""() => new Promise((resolve, reject) => {{
                const late = () => reject(new Error('it is still ' + client.state));
                setTimeout(late, {_PATIENCE_MS});
                const look = async () => (await ({condition})) ? resolve() : setTimeout(look, 20);
                look();
            }})"""
        )

    def say(self) -> None:
        self.page.evaluate("(text) => say(text)", TEXT)

    def told(self) -> Told:
        finished = self.page.evaluate("spoken")
        assert self.errors == []
        return Told(
            finished,
            *self.page.evaluate(
                "(async () => [await hash(), words, states, client.stats(), ready])()"
            ),
        )


@pytest.fixture
def cable(server: ServerProcess) -> Iterator[Cable]:
    cable = Cable(server.port)
    yield cable
    cable.close()


@pytest.fixture(scope="module")
def undisturbed(browser: Browser, server: ServerProcess) -> Told:
    cable, page = Cable(server.port), browser.new_page()
    try:
        listener = Listener(page, cable)
        listener.say()
        told = listener.told()
    finally:
        page.close()
        cable.close()
    assert told.resumed == [False]
    assert told.hash != hashlib.sha256().hexdigest()
    return told


def assert_same(told: Told, undisturbed: Told) -> None:
    assert told.hash == undisturbed.hash
    assert told.words == undisturbed.words
    assert told.finished["reason"] == "done"
    for each in ("count", "sample", "textSpoken"):
        assert told.finished[each] == undisturbed.finished[each]
    assert told.stats["written"] == undisturbed.stats["written"]
    assert told.stats["played"] == undisturbed.stats["played"]


@pytest.mark.parametrize("reached", [30_000, 100_000, 250_000])
def test_a_line_that_is_cut_is_not_heard(
    blank: Page, cable: Cable, undisturbed: Told, reached: int
) -> None:
    listener = Listener(blank, cable)
    cable.cut_after = reached
    listener.say()
    told = listener.told()
    assert_same(told, undisturbed)
    assert told.resumed == [False, True]
    print(f"\ncut after {reached} bytes: {told.stats['underruns']} underruns")  # noqa: T201


def test_a_line_that_is_cut_again_and_again_loses_nothing(
    blank: Page, cable: Cable, undisturbed: Told
) -> None:
    listener = Listener(blank, cable)
    listener.say()
    for second in range(1, 5):
        listener.until(f"client.position()?.sample > {second * 22_050}")
        cable.cut()
    told = listener.told()
    assert_same(told, undisturbed)
    assert told.resumed[0] is False
    assert all(told.resumed[1:])


def test_what_is_said_while_the_line_is_cut_is_said_afterwards(
    blank: Page, cable: Cable, undisturbed: Told
) -> None:
    listener = Listener(blank, cable)
    port, cable.server_port = cable.server_port, 9
    cable.cut()
    listener.until("client.state === 'reconnecting'")
    listener.say()
    cable.server_port = port
    told = listener.told()
    assert_same(told, undisturbed)
    assert told.resumed == [False, True]


def test_a_stop_while_the_line_is_cut_is_known_to_the_server_afterwards(
    blank: Page, cable: Cable
) -> None:
    listener = Listener(blank, cable)
    listener.say()
    listener.until("client.position()?.sample > 22_050")
    port, cable.server_port = cable.server_port, 9
    cable.cut()
    heard = blank.evaluate("client.interrupt()")
    told = listener.told()
    assert told.finished["reason"] == "interrupted"
    assert told.finished["textSpoken"] == heard["textSpoken"]
    cable.server_port = port
    listener.until("ready.length === 2 && client.state === 'ready'")
    session = blank.evaluate("client.session.session.id")
    spoken = json.dumps(heard["textSpoken"])
    listener.until(
        f"""fetch('/v1/sessions/{session}/utterances').then((answer) => answer.text()).then(
            (text) => text.includes('interrupted') && text.includes({spoken})
        )"""
    )


def test_a_server_that_is_killed_and_comes_back_goes_on(blank: Page, undisturbed: Told) -> None:
    with server_folder() as folder:
        server = ServerProcess(folder / "data")
        cable = Cable(server.port)
        try:
            listener = Listener(blank, cable)
            listener.say()
            listener.until("client.position()?.sample > 22_050")
            server.stop(signal.SIGKILL)
            cable.cut()
            server = ServerProcess(folder / "data")
            cable.server_port = server.port
            told = listener.told()
        finally:
            cable.close()
            server.stop()
    assert_same(told, undisturbed)
    assert told.resumed == [False, True]
    print(f"\nkilled: {told.stats['underruns']} underruns, {told.states}")  # noqa: T201
