"""What waits to be written to a socket: two lanes, bounded."""

from collections.abc import Callable
from typing import NamedTuple

from lipwire_protocol import Chunk, Idle, ServerMessage, Sprites

from ..bell import Bell
from ..session.audience import Shared

__all__ = ["Outbox"]

_MESSAGE_BYTES = 1_024
"""What a message without media is taken to weigh."""
_MOST_MESSAGES = 4_096
"""Twice as many as a lane holds of them when it is full."""


def _unposted(item: ServerMessage | Shared) -> bool:
    return False


class _Waiting(NamedTuple):
    item: ServerMessage | Shared
    left: Callable[[], None]
    samples: int
    size: int
    """Bytes, about."""


class Outbox:
    """The messages of a connection that did not leave yet, in lists: an empty deque takes 600
    bytes, and on most connections nothing waits.

    - Control messages go first and are never refused: they answer what the client sent, and the
      client is not read from while more than `max_control` of them wait.
    - Media keeps the order of the timeline. When more than `max_samples` or `max_bytes` wait, the
      one who adds must wait, or is told that there is no room.
    - Where nothing waits, media need not be taken from here: it is posted as it comes.
    """

    def __init__(
        self,
        max_samples: int,
        max_bytes: int = 2 << 20,
        max_control: int = 256,
        post: Callable[[ServerMessage | Shared], bool] = _unposted,
    ) -> None:
        """`post` writes a message, or says that it can not."""
        self._max_samples = max_samples
        self._max_bytes = max_bytes
        self._max_control = max_control
        self._control: list[ServerMessage] = []
        self._media: list[_Waiting] = []
        self._samples = 0
        self._bytes = 0
        self._post = post
        self._awaited = False
        """Everything has left: the next message is waited for."""
        self._finished = False
        self._filled = Bell()
        self._drained = Bell()

    @property
    def finished(self) -> bool:
        return self._finished

    @property
    def samples(self) -> int:
        """Media that waits."""
        return self._samples

    @property
    def congested(self) -> bool:
        """Half of what may wait does: frames are better left out."""
        return 2 * self._bytes > self._max_bytes or 2 * self._samples > self._max_samples

    def control(self, message: ServerMessage) -> None:
        """Queues a message that goes before all media."""
        self._control.append(message)
        self._filled.set()

    async def media(self, message: ServerMessage, left: Callable[[], None] = lambda: None) -> None:
        """Queues a message in the order of the timeline; waits while the lane is full.

        `left` is called when it is taken to be written.
        """
        await self._add(message, left)

    async def share(self, message: Shared) -> None:
        """The same with a message that others are sent, too."""
        await self._add(message, lambda: None)

    def offer(self, message: Shared) -> bool:
        """The same, but waits for nothing: False where the lane is full.

        Sprites have room always: an avatar has so many, and there is no frame without them.
        """
        if self._posted(message):
            return True
        if isinstance(message.message, Sprites):
            self._put(message, lambda: None, 0, 0)
            return True
        if not self._has_room():
            return False
        self._put(message, lambda: None, *message.weight(_weight))
        return True

    def insist(self, message: Shared) -> bool:
        """The same with one that has no media, though the lane is full; False where so many
        messages wait that nobody seems to read them."""
        if self._posted(message):
            return True
        if len(self._media) >= _MOST_MESSAGES:
            return False
        self._put(message, lambda: None, *message.weight(_weight))
        return True

    async def _add(self, item: ServerMessage | Shared, left: Callable[[], None]) -> None:
        await self._until(self._has_room)
        if self._posted(item):
            left()
            return
        weight = item.weight(_weight) if isinstance(item, Shared) else _weight(item)
        self._put(item, left, *weight)

    def _has_room(self) -> bool:
        return self._samples <= self._max_samples and self._bytes <= self._max_bytes

    def _put(
        self, item: ServerMessage | Shared, left: Callable[[], None], samples: int, size: int
    ) -> None:
        if not self._finished:
            self._samples += samples
            self._bytes += size
            self._media.append(_Waiting(item, left, samples, size))
            self._filled.set()

    def _posted(self, item: ServerMessage | Shared) -> bool:
        """Whether it has left already, as nothing waits before it."""
        is_next = self._awaited and not (self._control or self._media or self._finished)
        return is_next and self._post(item)

    async def room(self) -> None:
        """Returns when the control lane can take the answers to another message."""
        await self._until(lambda: len(self._control) < self._max_control)

    def withdraw(self, utterance: int) -> list[ServerMessage]:
        """Takes back the media of an utterance that did not leave, but for what others are sent."""
        kept: list[_Waiting] = []
        withdrawn: list[ServerMessage] = []
        for waiting in self._media:
            item = waiting.item
            if isinstance(item, Shared) or getattr(item, "utterance", None) != utterance:
                kept.append(waiting)
            else:
                withdrawn.append(item)
                self._take_off(waiting)
        self._media = kept
        self._drained.set()
        return withdrawn

    def finish(self, *, discard: bool = False) -> None:
        """No media is added any more; with `discard` what waits of it is dropped."""
        if discard:
            self._media.clear()
            self._samples = self._bytes = 0
        self._finished = True
        self._post = _unposted  # It belongs to the connection, which has this.
        self._filled.set()
        self._drained.set()

    async def next(self) -> ServerMessage | Shared | None:
        """The next message to write, as soon as there is one; None after the last."""
        while not self._control and not self._media:
            if self._finished:
                return None
            self._filled.clear()
            self._awaited = True
            await self._filled.wait()
            self._awaited = False
        message: ServerMessage | Shared
        if self._control:
            message = self._control.pop(0)
        else:
            waiting = self._media.pop(0)
            message = waiting.item
            self._take_off(waiting)
            waiting.left()
        self._drained.set()
        return message

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition() and not self._finished:
            self._drained.clear()
            await self._drained.wait()

    def _take_off(self, waiting: _Waiting) -> None:
        self._samples -= waiting.samples
        self._bytes -= waiting.size


def _weight(message: ServerMessage) -> tuple[int, int]:
    """Samples and bytes, about."""
    samples = message.count if isinstance(message, Chunk) else 0
    return samples, _MESSAGE_BYTES + _media_bytes(message)


def _media_bytes(message: ServerMessage) -> int:
    """About what the media in a message weigh."""
    match message:
        case Chunk():
            audio = [message.audio] if isinstance(message.audio, bytes) else message.audio
            return sum(map(len, audio)) + _frame_bytes(message)
        case Idle():
            return _frame_bytes(message)
        case Sprites():
            return sum(len(sprite.data) for sprite in message.sprites)
        case _:
            return 0


def _frame_bytes(message: Chunk | Idle) -> int:
    pictures = sum(len(picture.data) for picture in message.pictures or ())
    return pictures + sum(2 * len(frame.draws) for frame in message.frames or ())
