"""A listener who hears in real time, and holds the server to what it promised.

Everything is told with the moment at which it came: nothing here reads a clock.
"""

from typing import Final

from lipwire_protocol import (
    Chunk,
    Interrupted,
    Ready,
    Segment,
    SegmentEnded,
    ServerMessage,
    UtteranceEnded,
    UtteranceStarted,
)
from lipwire_protocol.server_messages import VisemeTiming

from .tally import Tally

__all__ = ["Ear"]

_CUSHION_S: Final = 0.06
"""What a player waits for before it begins: as the browser client does."""


class Ear:
    """Hears one connection. `heard` and `done_at` are what a player with a perfect clock would
    have played, and when it would have come to the end of what is there."""

    def __init__(self, tally: Tally, *, watching: bool = False) -> None:
        """A watcher may join an utterance in its middle."""
        self._tally = tally
        self._watching = watching
        self._seq = 0
        self.rate = 22_050
        self.utterance: int | None = None
        """What is being spoken, or was spoken last."""
        self.segment: Segment | None = None
        self.sample = 0
        """Where its next chunk has to begin."""
        self.last_ended: int | None = None
        """Also one that never began: it was refused, or interrupted before its turn."""
        self._begun: float | None = None
        """When the player was at sample 0, or would have been."""
        self._asked: float | None = None
        self._silenced = False

    def ask(self, now: float) -> None:
        """Something is to be spoken: what comes next is timed from now on."""
        self._asked = now

    def take_up(self) -> None:
        """A new connection goes on with what an earlier one had begun."""
        self._seq = 0

    def heard(self, now: float) -> int:
        """Samples of this utterance that a player has played."""
        if self._begun is None:
            return 0
        return max(0, min(self.sample, int((now - self._begun) * self.rate)))

    @property
    def done_at(self) -> float | None:
        """When a player will have played all that is there."""
        return None if self._begun is None else self._begun + self.sample / self.rate

    def hear(self, message: ServerMessage, now: float) -> None:
        self._seq += 1
        if message.seq != self._seq:
            self._tally.fault("a message was left out or came twice")
            self._seq = message.seq or self._seq
        match message:
            case Ready():
                self.rate = message.audio.sample_rate
            case UtteranceStarted():
                self._start(message)
            case Segment():
                self._announce(message)
            case Chunk():
                self._play(message, now)
            case SegmentEnded():
                self._close(message)
            case Interrupted():
                self._silenced = True
            case UtteranceEnded():
                self._end(message)
            case _:
                pass

    def _start(self, message: UtteranceStarted) -> None:
        if self.utterance is not None and self.last_ended != self.utterance:
            self._tally.fault("two utterances at a time")
        self.utterance = message.utterance
        self.segment = self._begun = None
        self.sample = 0
        self._silenced = False

    def _announce(self, segment: Segment) -> None:
        joins = self._watching and self.segment is None
        if segment.utterance != self.utterance or (segment.start != self.sample and not joins):
            self._tally.fault("a segment is not where the one before it ended")
        self.segment = segment
        if joins:
            self.sample = segment.start
        for shapes in segment.visemes.values():
            self._tally.drift_samples = max(self._tally.drift_samples, _drift(segment, shapes))

    def _play(self, chunk: Chunk, now: float) -> None:
        self._tally.counts["chunks"] += 1
        segment = self.segment
        if self._silenced:
            self._tally.fault("sound after an interrupt was answered")
        known = segment is not None and segment.utterance == chunk.utterance
        if segment is None or not known or chunk.segment != segment.segment:
            self._tally.fault("sound before its timing")
            return
        if chunk.start != self.sample:
            if not (self._watching and self._begun is None and chunk.start > self.sample):
                self._tally.fault("sound is missing, or came twice")
            self.sample = chunk.start
        self._time(chunk, now)
        self.sample = chunk.start + chunk.count
        if self.sample > segment.start + segment.count:
            self._tally.fault("more sound than was announced")

    def _time(self, chunk: Chunk, now: float) -> None:
        due = self.done_at
        if due is None:
            self._begun = now + _CUSHION_S - chunk.start / self.rate
            if self._asked is not None:
                self._tally.first_sound_ms.add((now + _CUSHION_S - self._asked) * 1000)
                self._asked = None
        elif now > due:
            assert self._begun is not None
            self._tally.gap_ms.add((now - due) * 1000)
            self._begun += now + _CUSHION_S - due
        else:
            self._tally.lead_ms.add((due - now) * 1000)

    def _close(self, message: SegmentEnded) -> None:
        segment = self.segment
        if segment is None or segment.segment != message.segment:
            self._tally.fault("the end of a segment that had not begun")
        elif segment.start + message.count != self.sample and not self._silenced:
            self._tally.fault("a segment ended before all its sound had come")

    def _end(self, message: UtteranceEnded) -> None:
        if message.utterance == self.last_ended:
            self._tally.fault("an utterance ended twice")
        self.last_ended = message.utterance
        self._tally.counts["utterances"] += 1
        self._tally.counts[f"ended {message.reason}"] += 1


def _drift(segment: Segment, shapes: tuple[VisemeTiming, ...]) -> int:
    """By how many samples a track of mouth shapes misses the segment that it should fill."""
    position, most = segment.start, 0
    for shape in shapes:
        most = max(most, abs(shape.start - position))
        position = shape.start + shape.count
    return max(most, abs(segment.start + segment.count - position)) if shapes else 0
