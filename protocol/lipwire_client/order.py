"""Holds a server to the order that the protocol guarantees."""

from collections.abc import Iterable

from lipwire_protocol import (
    Chunk,
    Error,
    ErrorCode,
    Frame,
    Idle,
    LipwireError,
    Segment,
    SegmentEnded,
    ServerMessage,
    Sprites,
    UtteranceEnded,
    UtteranceStarted,
    UtteranceState,
)
from lipwire_protocol.utterance import advance

__all__ = ["OrderChecker"]


class OrderChecker:
    """Takes every message of a connection, in the order of arrival.

    Raises LipwireError `bad_state` for the first one that breaks a guarantee.
    """

    def __init__(self, segment: Segment | None = None, sample: int = 0) -> None:
        """`segment`: the one in the middle of which a connection before this one broke off, and
        the first `sample` that had not arrived."""
        self._seq = 0
        self._states: dict[int, UtteranceState] = {}
        self._positions: dict[int, int] = {}
        self._beginning: int | None = None
        """A replay that begins in the middle: its first segment, told whole, is still to come."""
        self._speaking: int | None = None
        self._segment: Segment | None = None
        """The last one."""
        self._failed = False
        """It was said since then that something failed."""
        self._last = -1
        """Number of the last utterance that started, and the session's clock at its end so far."""
        self._at = 0
        self._sprites: set[int] = set()
        if segment is not None:
            self._stand(segment, sample)

    def _stand(self, segment: Segment, sample: int) -> None:
        number = segment.utterance
        self._states[number] = UtteranceState.SPEAKING
        self._positions[number] = sample
        self._speaking = self._last = number
        self._segment = segment

    def check(self, message: ServerMessage) -> None:
        self._seq += 1
        if message.seq != self._seq:
            raise _broken(f"message {self._seq} has seq {message.seq}")
        self._check_frames(message)
        number = getattr(message, "utterance", None)
        if number is not None:
            state = advance(self._states.get(number, UtteranceState.QUEUED), message)
            self._states[number] = state
            self._check_turn(number, state)
            self._check_start(message)
            self._check_position(number, message)
            self._check_segment(message)

    def _check_frames(self, message: ServerMessage) -> None:
        if isinstance(message, Sprites):
            for sprite in message.sprites:
                if sprite.id in self._sprites:
                    raise _broken(f"sprite {sprite.id} comes twice")
                self._sprites.add(sprite.id)
        elif isinstance(message, Chunk | Idle):
            start = message.start if isinstance(message, Chunk) else 0
            self._check_sprites(message.frames or ())
            starts = [frame.start for frame in message.frames or message.pictures or ()]
            if starts != sorted(set(starts)):
                raise _broken(f"frames start at {starts}: not one after another")
            if starts and not start <= starts[0] <= starts[-1] < start + message.count:
                raise _broken(f"frames from {starts[0]} to {starts[-1]} do not start in their span")

    def _check_sprites(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            if len(frame.draws) % 4:
                raise _broken(f"{len(frame.draws)} numbers are no draws of four each")
            if unknown := set(frame.draws[::4]) - self._sprites:
                raise _broken(f"sprite {min(unknown)} is drawn before it was sent")

    def _check_turn(self, number: int, state: UtteranceState) -> None:
        emitting = state in (UtteranceState.STARTED, UtteranceState.SPEAKING)
        if emitting and self._speaking not in (None, number):
            raise _broken(f"utterance {number} speaks before {self._speaking} has ended")
        if emitting:
            self._speaking = number
        elif self._speaking == number:
            self._speaking = None

    def _check_start(self, message: ServerMessage) -> None:
        if isinstance(message, UtteranceStarted):
            if message.utterance <= self._last:
                raise _broken(f"utterance {message.utterance} starts after {self._last}")
            if message.at < self._at:
                raise _broken(f"utterance {message.utterance} is at {message.at}, not {self._at}")
            self._last, self._at = message.utterance, message.at
            self._positions[message.utterance] = message.from_
            self._beginning = message.utterance if message.from_ else None
        elif isinstance(message, Chunk):
            self._at += message.count

    def _check_position(self, number: int, message: ServerMessage) -> None:
        position = self._positions.setdefault(number, 0)
        if isinstance(message, Segment) and self._beginning == number:
            self._beginning = None
            if not message.start <= position < message.start + message.count:
                raise _broken(f"utterance {number} begins at {position}, not at {message.start}")
        elif isinstance(message, Segment | Chunk) and message.start != position:
            raise _broken(f"utterance {number} goes on at {message.start}, not at {position}")
        if isinstance(message, Chunk):
            self._positions[number] += message.count
        elif isinstance(message, UtteranceEnded) and message.count != position:
            raise _broken(f"utterance {number} has {position} samples, not {message.count}")

    def _check_segment(self, message: ServerMessage) -> None:
        if isinstance(message, Error):
            self._failed = True
        elif isinstance(message, Segment):
            self._segment, self._failed = message, False
        elif isinstance(message, Chunk | SegmentEnded):
            segment = self._segment
            assert segment is not None
            if message.segment != segment.segment:
                raise _broken(f"segment {message.segment} in the middle of {segment.segment}")
            sent = self._positions[message.utterance] - segment.start
            if sent > segment.count:
                raise _broken(f"segment {segment.segment} has {segment.count} samples, not {sent}")
            is_end = isinstance(message, SegmentEnded)
            if is_end and (message.count != sent or (sent < segment.count and not self._failed)):
                raise _broken(f"{sent} samples came of segment {segment.segment}")


def _broken(text: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_STATE, text)
