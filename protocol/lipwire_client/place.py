"""Where a listener is in a stream: what he says to go on with it on another connection."""

from dataclasses import dataclass, replace

from lipwire_protocol import (
    Chunk,
    EndReason,
    GoAway,
    Position,
    Segment,
    ServerMessage,
    UtteranceEnded,
    UtteranceStarted,
)

__all__ = ["Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """After everything that has arrived."""

    segment: Segment | None = None
    """The last one, unless its utterance has ended."""
    sample: int = 0
    """First sample of that utterance that has not arrived."""
    begin: int = 0
    """First sample of the utterance that started last: another one than 0 only of a replay."""
    next: int = 0
    """The lowest number of an utterance that has not ended."""
    is_last: bool = False
    """The server goes: what it breaks off can be gone on with elsewhere."""

    @property
    def position(self) -> Position:
        segment = self.segment
        if segment is None:
            return Position(utterance=self.next, segment=0, span=(0, 0), start=0, sample=0)
        return Position(
            utterance=segment.utterance,
            segment=segment.segment,
            span=segment.span,
            start=segment.start,
            sample=self.sample,
        )

    def has_ended(self, utterance: int) -> bool:
        return utterance < self.next

    def after(self, message: ServerMessage) -> "Place":
        match message:
            case UtteranceStarted():
                return replace(self, begin=message.from_)
            case Segment():
                sample = max(message.start, self.begin)
                return replace(self, segment=message, sample=sample)
            case Chunk():
                return replace(self, sample=message.start + message.count)
            case GoAway():
                return replace(self, is_last=True)
            case UtteranceEnded() if not (self.is_last and message.reason is EndReason.ERROR):
                ended = max(self.next, message.utterance + 1)
                segment = self.segment
                if segment is not None and segment.utterance < ended:
                    segment = None
                return replace(self, segment=segment, next=ended)
        return self
