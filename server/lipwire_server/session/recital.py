"""One text, spoken by a conversation of its own to somebody who takes it as it comes."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from lipwire_protocol import (
    Bye,
    Chunk,
    CloseCode,
    Error,
    ErrorCode,
    Flush,
    Hello,
    Idle,
    Interrupt,
    LipwireError,
    Pose,
    Ready,
    Segment,
    ServerMessage,
    Speak,
    Warning,
)

from .host import Host

__all__ = ["Recital"]

_PAUSE_S: Final = 0.02
_UTTERANCE: Final = 1


class Recital:
    """The session of a listener who wants all of a text, and nothing else.

    `hello` has its flow off: what paces the conversation is how fast `take` takes what is heard
    and seen. Leaving the context ends the session, whether the text was spoken or not.
    """

    def __init__(
        self, host: Host, hello: Hello, take: Callable[[Chunk | Idle], Awaitable[None]]
    ) -> None:
        """Raises LipwireError for what cannot be agreed on."""
        self.segments: list[Segment] = []
        self.errors: list[Error] = []
        self.warnings: list[Warning] = []
        self.samples = 0
        """So many were taken."""
        self.congested = False
        self._host = host
        self._take = take
        self._ready: Ready | None = None
        self._session = host.open(hello, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        code = CloseCode.NORMAL if kind is None else CloseCode.GOING_AWAY
        self._host.leave(self._session, code, over=True)
        del self._session, self._take  # Both have this.

    @property
    def ready(self) -> Ready:
        """What was agreed on."""
        assert self._ready is not None
        return self._ready

    async def speak(
        self,
        *parts: str,
        emotion: str | None = None,
        first: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Returns when everything is spoken and taken; `first` is waited for before it begins.

        The parts, none of them empty, are one text; no sentence goes on from one into the next.

        A segment that fails is left out, and among the errors. Raises what `take` raises, in a
        group, and LipwireError (`not_found`) for an emotion that nobody has.
        """
        conversation = self._session.conversation
        if emotion is not None:
            conversation.receive(Pose(emotion=emotion))
        async with asyncio.TaskGroup() as group:
            group.create_task(conversation.run())
            if first is not None:
                await first()
            for part in parts[:-1]:
                await self._hand_over(part, last=False)
                conversation.receive(Flush(utterance=_UTTERANCE))
            await self._hand_over(parts[-1], last=True)
            conversation.receive(Bye())

    def stop(self) -> None:
        """Nothing more is wanted: what is not spoken yet is not."""
        self._session.conversation.receive(Interrupt())

    def fault(self) -> LipwireError | None:
        """Why less than the whole text was spoken, if it was."""
        trouble: list[Error | Warning] = [*self.errors]
        if not self.segments:
            trouble += self.warnings
        if trouble:
            worst = trouble[0]
            retry = worst.retry_after_ms if isinstance(worst, Error) else None
            return LipwireError(worst.code, worst.message, retry_after_ms=retry)
        if not self.segments:
            return LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say in this text")
        return None

    async def _hand_over(self, text: str, *, last: bool) -> None:
        """In pieces, so that a whole book is not too much for a session."""
        conversation, limits = self._session.conversation, self._host.limits
        size = min(limits.message_text, limits.waiting_text // 2)
        for begin in range(0, len(text), size):
            # There is no event for it: what is taken and cannot be spoken gives no message.
            while conversation.busy and conversation.waiting > limits.waiting_text // 2:  # noqa: ASYNC110
                await asyncio.sleep(_PAUSE_S)
            piece, end = text[begin : begin + size], last and begin + size >= len(text)
            conversation.receive(Speak(utterance=_UTTERANCE, text=piece, end=end))

    # What the conversation says

    def control(self, message: ServerMessage) -> None:
        if isinstance(message, Ready):
            self._ready = message
        elif isinstance(message, Warning):
            self.warnings.append(message)

    async def media(self, message: ServerMessage, left: Callable[[], None] = lambda: None) -> None:
        left()
        match message:
            case Segment():
                self.segments.append(message)
            case Chunk():
                await self._take(message)
                self.samples += message.count
            case Idle():
                await self._take(message)
            case Error():
                self.errors.append(message)
            case Warning():
                self.warnings.append(message)

    def withdraw(self, utterance: int) -> list[ServerMessage]:
        return []
