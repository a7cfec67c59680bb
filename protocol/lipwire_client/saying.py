"""What is said, and what is heard of it."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field
from typing import Final, Self

from lipwire_protocol import (
    Chunk,
    Error,
    ErrorCode,
    Interrupted,
    Replay,
    Segment,
    SegmentEnded,
    ServerMessage,
    UtteranceEnded,
    Warning,
)

__all__ = ["Saying", "Spoken", "pieces"]

_PIECE: Final = 5_000
"""Code points of a message, well below every limit."""

_REFUSED: Final = frozenset({ErrorCode.TEXT_LIMIT, ErrorCode.UTTERANCE_LIMIT, ErrorCode.BAD_STATE})
"""What the server did not take never ends."""
_NO_REPLAY: Final = frozenset(
    {ErrorCode.NOT_FOUND, ErrorCode.STORAGE_UNAVAILABLE, ErrorCode.UNSUPPORTED}
)


@dataclass(slots=True)
class Spoken:
    """Everything that arrived of one utterance."""

    segments: list[Segment] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    warnings: list[Warning | Error] = field(default_factory=list)
    interrupted: Interrupted | None = None
    ended: UtteranceEnded | None = None
    is_speaking: bool = False
    """In the middle of a segment."""

    @property
    def reached(self) -> int:
        """Offset after the last code point whose timing is known."""
        return self.segments[-1].span[1] if self.segments else 0

    @property
    def audio(self) -> bytes:
        """The audio of all chunks, in a row; of Opus there is none, see `packets`."""
        return b"".join(c.audio for c in self.chunks if isinstance(c.audio, bytes))

    @property
    def packets(self) -> list[list[bytes]]:
        """The Opus packets of each segment, which are for a decoder that starts afresh with it.

        Of what it gives, throw the first `ready.audio.delay` samples away, and what is more than
        the segment's `count`.
        """
        packets: dict[int, list[bytes]] = {}
        for chunk in self.chunks:
            if not isinstance(chunk.audio, bytes):
                packets.setdefault(chunk.segment, []).extend(chunk.audio)
        return list(packets.values())

    def add(self, message: ServerMessage) -> Self:
        match message:
            case Segment():
                self.segments.append(message)
                self.is_speaking = True
            case SegmentEnded():
                self.is_speaking = False
            case Chunk():
                self.chunks.append(message)
            case Warning() | Error():
                self.warnings.append(message)
            case Interrupted():
                self.interrupted = message
            case UtteranceEnded():
                self.ended = message
        return self


@dataclass(slots=True)
class Saying:
    """An utterance that `say` is in the middle of."""

    number: int
    pieces: AsyncIterator[tuple[str, bool]]
    spoken: Spoken = field(default_factory=Spoken)
    piece: tuple[str, bool] | None = None
    """Taken, but not sent."""
    replay: Replay | None = None
    """What is sent in place of text."""
    sent: int = 0
    _coming: asyncio.Task[tuple[str, bool] | None] | None = None

    async def next(self) -> tuple[str, bool] | None:
        """The next piece. Whoever is cancelled while he waits for it takes it the next time."""
        if self._coming is None:
            self._coming = asyncio.create_task(self._take())
        piece = await asyncio.shield(self._coming)
        self._coming = None
        return piece

    async def _take(self) -> tuple[str, bool] | None:
        return await anext(self.pieces, None)

    def give_up(self) -> None:
        if self._coming is not None:
            self._coming.cancel()

    def is_ended_by(self, error: Error) -> bool:
        """Whether there is no use in waiting for more of it."""
        if error.fatal:
            return True
        if error.utterance != self.number:
            return False
        has_begun = bool(self.spoken.segments)
        if error.code is ErrorCode.OVERLOADED:
            # A text without its first sentence is worth nothing, one without its last a warning.
            return not has_begun
        is_no_replay = self.replay is not None and not has_begun and error.code in _NO_REPLAY
        return is_no_replay or error.code in _REFUSED

    def is_echo(self, message: ServerMessage) -> bool:
        """Whether a server only says that it had got the same `replay` on another connection."""
        is_closed = isinstance(message, Warning) and message.code is ErrorCode.UTTERANCE_CLOSED
        return is_closed and self.replay is not None


async def pieces(text: str | AsyncIterable[str]) -> AsyncIterator[tuple[str, bool]]:
    """Pieces that a message can hold, and whether nothing follows.

    That a text is complete is said with its last piece: then it is not cut at a comma.
    """
    if isinstance(text, str):
        for begin in range(0, max(1, len(text)), _PIECE):
            yield text[begin : begin + _PIECE], begin + _PIECE >= len(text)
        return
    async for part in text:
        for begin in range(0, len(part), _PIECE):
            yield part[begin : begin + _PIECE], False
    yield "", True
