"""Everybody who watches a session in the same way: what is spoken for one goes to all."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from msgspec import UNSET, structs

from lipwire_protocol import (
    Chunk,
    Codec,
    ErrorCode,
    FrameCounts,
    Idle,
    Interrupted,
    LipwireError,
    Numbered,
    Posed,
    Segment,
    SegmentEnded,
    ServerMessage,
    Sprites,
    UtteranceEnded,
    UtteranceStarted,
    WireFormat,
)

__all__ = ["Audience", "Outlet", "Recent", "Shared"]


class Shared:
    """A message for many: it is packed once in each format."""

    def __init__(self, message: ServerMessage) -> None:
        self.message = message
        self._packed: dict[str, Numbered] = {}
        self._bare: Shared | None = None
        self._weight: tuple[int, int] | None = None

    def packed(self, format_: WireFormat) -> Numbered:
        packed = self._packed.get(format_.subprotocol)
        if packed is None:
            packed = self._packed[format_.subprotocol] = format_.pack_once(self.message)
        return packed

    def weight(self, weigh: Callable[[ServerMessage], tuple[int, int]]) -> tuple[int, int]:
        """What it weighs, which is worked out for the first one who asks."""
        if self._weight is None:
            self._weight = weigh(self.message)
        return self._weight

    def bare(self) -> "Shared":
        """The same without its frames."""
        if self._bare is None:
            message = structs.replace(self.message, frames=UNSET, pictures=UNSET)
            self._bare = Shared(message)
        return self._bare


class Outlet(Protocol):
    """Where one observer's messages go."""

    @property
    def congested(self) -> bool:
        """So much waits that frames are better left out."""

    def offer(self, message: Shared) -> bool:
        """Queues a message; False where there is no room."""

    def insist(self, message: Shared) -> bool:
        """Queues one without media though there is no room; False where very much waits."""

    async def share(self, message: Shared) -> None:
        """Queues a message; waits while there is no room."""


class _Member:
    """One who watches, and what he was not sent."""

    def __init__(self, outlet: Outlet, lose: Callable[[LipwireError], None]) -> None:
        self.outlet = outlet
        self.lose = lose
        self.dropped = 0
        """Frames of this segment."""

    def fit(self, shared: Shared) -> Shared:
        """The message as he can take it: frames are left out while much waits."""
        message = shared.message
        if isinstance(message, Chunk) and self.outlet.congested:
            self.dropped += _frames(message)
            return shared.bare() if _frames(message) else shared
        if isinstance(message, SegmentEnded) and self.dropped:
            sent = max(0, message.frames.sent - self.dropped)
            counts = FrameCounts(sent=sent, dropped=message.frames.dropped + self.dropped)
            self.dropped = 0
            return Shared(structs.replace(message, frames=counts))
        return shared


class Audience:
    """A sink whose messages go to any number of outlets, and wait for none of them.

    - Everybody is sent the same messages in the same order: nothing is taken back, and what a
      conversation would send ahead of its media stands between them here.
    - Who does not read is sent no frames; who still does not is lost (`slow_consumer`).
    - A single listener may be waited for: see `alone`.
    """

    def __init__(self, codec: Codec, heard: Callable[[], int], *, alone: bool = False) -> None:
        """`heard` tells where on their clock they are by now; `alone` says that there is one, whose
        pace is that of what is spoken for him."""
        self._recent = None if alone else Recent(codec, heard)
        self._alone = alone
        self._members: dict[Outlet, _Member] = {}

    def __len__(self) -> int:
        return len(self._members)

    def join(self, outlet: Outlet, lose: Callable[[LipwireError], None]) -> None:
        """From now on he gets everything; first what he needs to understand it.

        `lose` is called when he is given up.
        """
        member = self._members[outlet] = _Member(outlet, lose)
        for shared in self._recent.opening() if self._recent is not None else ():
            self._give(member, shared)

    def leave(self, outlet: Outlet) -> None:
        self._members.pop(outlet, None)

    # The sink

    @property
    def congested(self) -> bool:
        return self._alone and any(outlet.congested for outlet in self._members)

    async def media(self, message: ServerMessage, left: Callable[[], None] = lambda: None) -> None:
        left()
        shared = self._remember(message)
        if self._alone:
            for outlet in list(self._members):
                await outlet.share(shared)
            return
        self._give_all(shared)
        if isinstance(message, Chunk):
            await asyncio.sleep(0)  # What was made long ago comes all at once: let it be written.

    def control(self, message: ServerMessage) -> None:
        shared = self._remember(message)
        if not self._alone:
            self._give_all(shared)
            return
        # Whose pace is waited for is not lost for being full: mostly he is.
        for member in list(self._members.values()):
            if not member.outlet.insist(shared):
                self._lose(member)

    def withdraw(self, utterance: int) -> list[ServerMessage]:
        return []

    def _remember(self, message: ServerMessage) -> Shared:
        shared = Shared(message)
        if self._recent is not None:
            self._recent.add(shared)
        return shared

    def _give_all(self, shared: Shared) -> None:
        for member in list(self._members.values()):
            self._give(member, shared)

    def _give(self, member: _Member, shared: Shared) -> None:
        if member.outlet in self._members and not member.outlet.offer(member.fit(shared)):
            self._lose(member)

    def _lose(self, member: _Member) -> None:
        self.leave(member.outlet)
        text = "so much waits to be read by this observer that he cannot keep up"
        member.lose(LipwireError(ErrorCode.SLOW_CONSUMER, text))


class Recent:
    """What was sent and is not heard yet, and what it takes to begin with it.

    Whoever joins hears what the others hear. Bounded by how far media runs ahead.
    """

    def __init__(self, codec: Codec, heard: Callable[[], int]) -> None:
        self._cuts_packets = codec is Codec.OPUS
        self._heard = heard
        self._sprites: list[Shared] = []
        self._idle: Shared | None = None
        self._posed: Shared | None = None
        self._coming: deque[tuple[int, Shared]] = deque()
        """Each with its end on the clock."""
        self._started: UtteranceStarted | None = None
        """Of the utterance that `_coming` begins with."""
        self._segment: Shared | None = None
        """The one that `_coming` begins in the middle of."""
        self._open: int | None = None
        """The utterance that is being spoken."""
        self._end = 0

    def add(self, shared: Shared) -> None:
        match shared.message:
            case Sprites():
                self._sprites.append(shared)
            case Idle():
                self._idle = shared
            case Posed():
                self._posed = shared
            case Interrupted(utterance=number):
                self._forget(number)
            case UtteranceStarted() | Segment() | Chunk() | SegmentEnded() | UtteranceEnded():
                self._append(shared)

    def _append(self, shared: Shared) -> None:
        message = shared.message
        if isinstance(message, UtteranceStarted):
            self._open, self._end = message.utterance, message.at
        elif isinstance(message, Chunk):
            self._end += message.count
        elif isinstance(message, UtteranceEnded):
            if self._open is None:
                return  # It was interrupted.
            self._open = None
        self._coming.append((self._end, shared))
        self._pass()

    def _forget(self, utterance: int) -> None:
        """Nobody hears any more of it."""
        rest = (each for each in self._coming if _utterance(each[1]) != utterance)
        self._coming = deque(rest)
        if self._open == utterance:
            self._open = None
        if self._started is not None and self._started.utterance == utterance:
            self._started = self._segment = None

    def opening(self) -> Iterator[Shared]:
        """What somebody is sent who joins now."""
        self._pass()
        yield from self._sprites
        yield from (shared for shared in (self._posed, self._idle) if shared is not None)
        if self._started is not None:
            yield Shared(self._started_here(self._started))
        if self._segment is not None:
            yield self._segment
        yield from [shared for _, shared in self._coming]

    def _started_here(self, started: UtteranceStarted) -> UtteranceStarted:
        """As if its first sample were the first one that comes now."""
        for end, shared in self._coming:
            message = shared.message
            if isinstance(message, Chunk):
                return structs.replace(started, at=end - message.count, from_=message.start)
            if isinstance(message, Segment):
                return structs.replace(started, at=end, from_=message.start)
            if isinstance(message, UtteranceEnded):
                break
        return structs.replace(started, at=self._end, from_=started.from_ + self._end - started.at)

    def _pass(self) -> None:
        """Leaves behind what is heard, as far as one can begin behind it."""
        heard, count = self._heard(), 0
        coming = [shared.message for _, shared in self._coming]
        for index, (end, _) in enumerate(self._coming):
            if end > heard:
                break
            if self._can_begin(coming[index], coming[index + 1 : index + 2]):
                count = index + 1
        for _ in range(count):
            self._leave_behind(self._coming.popleft()[1])

    def _can_begin(self, behind: ServerMessage, following: list[ServerMessage]) -> bool:
        match behind:
            case Segment():
                return not self._cuts_packets
            case Chunk():
                # Behind the last one of a segment, nothing of that would be left.
                is_last = not any(isinstance(message, Chunk) for message in following)
                return not self._cuts_packets and not is_last
        return True

    def _leave_behind(self, shared: Shared) -> None:
        match shared.message:
            case UtteranceStarted() as started:
                self._started = started
            case Segment():
                self._segment = shared
            case SegmentEnded():
                self._segment = None
            case UtteranceEnded():
                self._started = self._segment = None


def _utterance(shared: Shared) -> int | None:
    return getattr(shared.message, "utterance", None)


def _frames(chunk: Chunk) -> int:
    return len(chunk.frames or ()) + len(chunk.pictures or ())
