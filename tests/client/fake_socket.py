"""A socket that is two lists, and what is heard on it when somebody says Hi."""

import asyncio
from typing import cast

import websockets
from msgspec import structs
from websockets.asyncio.client import ClientConnection
from websockets.frames import Close

from lipwire_client import Session
from lipwire_protocol import (
    MSGPACK,
    Chunk,
    ClientMessage,
    EndReason,
    FrameCounts,
    Ledger,
    Segment,
    SegmentEnded,
    ServerMessage,
    UtteranceEnded,
    UtteranceStarted,
)

LEDGER = Ledger(received=0, queued=0, phonemized=0, encoded=0)
HI: list[ServerMessage] = [
    UtteranceStarted(utterance=1, at=0),
    Segment(
        utterance=1,
        segment=0,
        start=0,
        count=2,
        text="Hi.",
        span=(0, 3),
        visemes={},
        ledger=LEDGER,
    ),
    Chunk(utterance=1, segment=0, start=0, count=2, audio=b"abcd"),
    SegmentEnded(
        utterance=1,
        segment=0,
        count=2,
        ledger=LEDGER,
        frames=FrameCounts(sent=0, dropped=0),
        cached=False,
    ),
    UtteranceEnded(utterance=1, count=2, reason=EndReason.DONE),
]


class FakeSocket:
    """Gives `answers` numbered, then is closed with `code`; keeps what was sent."""

    def __init__(self, *answers: ServerMessage, code: int | None = 1000) -> None:
        self.answers = [structs.replace(answer, seq=n) for n, answer in enumerate(answers, 1)]
        self.close = None if code is None else Close(code, "")
        self.sent: list[ClientMessage] = []
        self.patience = 8
        """Turns of the loop before each answer."""

    async def send(self, data: bytes) -> None:
        self.sent.append(MSGPACK.decode_client(data))

    async def recv(self, *, decode: bool) -> bytes:
        assert not decode
        for _ in range(self.patience):
            await asyncio.sleep(0)
        if not self.answers:
            raise websockets.ConnectionClosedOK(self.close, None)
        return MSGPACK.encode(self.answers.pop(0))


def session(socket: FakeSocket) -> Session:
    return Session(cast(ClientConnection, socket))
