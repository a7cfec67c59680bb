"""People of a load test for those who test with Locust: `from lipwire_server.load.locust import
LipwireUser`.

Needs the extra `load`. Locust runs each user in a greenlet of its own, where what blocks lets the
others run: a plain socket, whose protocol is that of the library `websockets`.
"""

import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from locust import User
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from lipwire_protocol import (
    MSGPACK,
    Bye,
    ClientMessage,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    Played,
    Ready,
    ServerMessage,
    Speak,
)

from .ear import Ear
from .tally import Tally
from .target import stream_url, trusting_any

__all__ = ["LipwireUser", "ProtocolFault", "SoundGap"]

_PATIENCE_S: Final = 30.0
_REPORT_S: Final = 0.25
_LEAD_MS: Final = 3_000
_AT_ONCE: Final = 65_536
_NORMAL: Final = 1000
_DATA: Final = {Opcode.BINARY, Opcode.CONT}
_FLOW: Final = Flow(mode=FlowMode.PLAYED, lead_ms=_LEAD_MS)


class ProtocolFault(Exception):
    """The server did what it must not do."""


class SoundGap(Exception):
    """The sound ran out before all had come."""


class LipwireUser(User):  # type: ignore[misc]  # Locust is not there to be checked.
    """Has texts spoken, and hears them in real time. Subclass it and give it tasks that `say`.

    It tells Locust of `connect` (until it is let in), `first_sound` (from the text until a player
    would begin to be heard) and `utterance` (until all of it was heard); a gap in the sound, or
    anything that the protocol forbids, makes the `utterance` a failure.
    """

    abstract = True
    token: str | None = None
    """A key that may speak, where one is wanted."""
    voice: str | None = None
    """Whose voice; the server's without it."""
    insecure = False
    """Take any certificate of an https:// server."""

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._line: _Line | None = None
        self._spoken = 0

    def on_start(self) -> None:
        self._connect()

    def on_stop(self) -> None:
        if self._line is not None:
            self._line.leave()
            self._line = None

    def say(self, text: str, name: str = "utterance") -> None:
        """Has this spoken, and hears it to its end. Comes again where the connection was lost.

        `name` is that of the row in Locust's tables, where several kinds of texts have their own.
        """
        if self._line is None and not self._connect():
            return
        line = self._line
        assert line is not None
        self._spoken += 1
        tally, began, received = line.tally, time.perf_counter(), line.received_bytes
        sounds, gaps, faults = tally.first_sound_ms.count, tally.gap_ms.count, tally.faults.copy()
        failure: Exception | None = None
        try:
            line.say(self._spoken, text)
        except (LipwireError, OSError) as error:
            failure = error
        for waited in tally.first_sound_ms.values[sounds:]:
            self._tell("first_sound", waited)
        if failure is None and tally.faults != faults:
            failure = ProtocolFault("; ".join(tally.faults - faults))
        elif failure is None and tally.gap_ms.count > gaps:
            failure = SoundGap(f"{tally.gap_ms.count - gaps} gaps in the sound")
        taken, size = (time.perf_counter() - began) * 1000, line.received_bytes - received
        self._tell(name, taken, failure, size)
        if isinstance(failure, OSError) or line.is_lost:
            self.on_stop()

    def _connect(self) -> bool:
        began, failure = time.perf_counter(), None
        try:
            url = stream_url(self.host or "http://127.0.0.1:8000")
            self._line = _Line(url, trusting_any() if self.insecure else None)
            self._line.greet(Hello(token=self.token, voice=self.voice, flow=_FLOW, persist=False))
            self._spoken = 0
        except (LipwireError, OSError) as error:
            failure = error
            self.on_stop()
        self._tell("connect", (time.perf_counter() - began) * 1000, failure)
        return failure is None

    def _tell(
        self, name: str, milliseconds: float, failure: Exception | None = None, size: int = 0
    ) -> None:
        self.environment.events.request.fire(
            request_type="lipwire",
            name=name,
            response_time=milliseconds,
            response_length=size,
            exception=failure,
            context={},
        )


class _Line:
    """A connection that blocks, and the ear at its end."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        """Raises OSError, or LipwireError where it is not opened."""
        uri = parse_uri(url)
        self._protocol = ClientProtocol(
            uri, subprotocols=[Subprotocol(MSGPACK.subprotocol)], max_size=None
        )
        plain = socket.create_connection((uri.host, uri.port), timeout=_PATIENCE_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = (tls or ssl.create_default_context()) if uri.secure else None
        self._socket = context.wrap_socket(plain, server_hostname=uri.host) if context else plain
        self._parts: list[bytes] = []
        self._messages: deque[ServerMessage] = deque()
        self.received_bytes = 0
        self.tally = Tally()
        self._ear = Ear(self.tally)
        try:
            self._protocol.send_request(self._protocol.connect())
            self._flush()
            self._receive(_PATIENCE_S, lambda: self._protocol.state is State.OPEN)
        except BaseException:
            self._socket.close()
            raise

    @property
    def is_lost(self) -> bool:
        return self._protocol.state is not State.OPEN

    def greet(self, hello: Hello) -> None:
        """Raises LipwireError where it is not let in."""
        self._send(hello)
        answer = self._next(_PATIENCE_S)
        if isinstance(answer, Error):
            raise LipwireError(answer.code, answer.message)
        if not isinstance(answer, Ready):
            raise ConnectionError("it opens, and does not answer")

    def say(self, number: int, text: str) -> None:
        """Plays it as it comes, and ends when all was heard. Raises LipwireError or OSError."""
        last = time.perf_counter()
        self._ear.ask(last)
        self._send(Speak(utterance=number, text=text, end=True))
        reported = 0
        while not self._is_heard_out(number):
            message, now = self._next(_REPORT_S), time.perf_counter()
            if isinstance(message, Error):
                raise LipwireError(message.code, message.message)
            heard = self._ear.heard(now) if self._ear.utterance == number else 0
            if heard >= reported + self._ear.rate * _REPORT_S:
                reported = heard
                self._send(Played(utterance=number, sample=heard))
            if message is not None or (heard and heard < self._ear.sample):
                last = now
            elif now > last + _PATIENCE_S:
                raise TimeoutError(f"nothing came for {_PATIENCE_S:.0f} s")

    def leave(self) -> None:
        try:
            if self._protocol.state is State.OPEN:
                self._send(Bye())
                self._protocol.send_close(_NORMAL)
                self._flush()
        except OSError:
            pass
        finally:
            self._socket.close()

    def _is_heard_out(self, number: int) -> bool:
        if self._ear.last_ended != number:
            return False
        never_began = self._ear.utterance != number
        return never_began or self._ear.heard(time.perf_counter()) >= self._ear.sample

    def _next(self, seconds: float) -> ServerMessage | None:
        """What comes within that time, heard already. Raises OSError when it is closed."""
        if not self._messages:
            self._receive(seconds, lambda: bool(self._messages))
        return self._messages.popleft() if self._messages else None

    def _receive(self, seconds: float, is_enough: Callable[[], bool]) -> None:
        until = time.perf_counter() + seconds
        while not is_enough() and (left := until - time.perf_counter()) > 0:
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(_AT_ONCE)
            except TimeoutError:
                return
            self.received_bytes += len(data)
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            for event in self._protocol.events_received():
                self._take(event)
            if not data or self._protocol.state in (State.CLOSING, State.CLOSED):
                self._flush()
                if not is_enough():
                    raise ConnectionError(f"closed with {self._protocol.close_code}")
        self._flush()

    def _take(self, event: Any) -> None:
        if isinstance(event, Response) and self._protocol.handshake_exc is not None:
            reason = f"it answers {event.status_code}, and is no Lipwire that lets us in"
            raise LipwireError(ErrorCode.INTERNAL, reason)
        if not isinstance(event, Frame) or event.opcode not in _DATA:
            return
        self._parts.append(bytes(event.data))
        if event.fin:
            whole, self._parts = b"".join(self._parts), []
            message = MSGPACK.decode_server(whole)
            self._ear.hear(message, time.perf_counter())
            self._messages.append(message)

    def _send(self, message: ClientMessage) -> None:
        if self._protocol.state is not State.OPEN:
            raise ConnectionError("the connection is closed")
        self._protocol.send_binary(MSGPACK.encode(message))
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.settimeout(_PATIENCE_S)
                self._socket.sendall(data)
