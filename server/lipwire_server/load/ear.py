"""A listener who hears in real time, and holds the server to what it promised.

Everything is told with the moment at which it came: nothing here reads a clock.
"""

from typing import Final

from lipwire_protocol import (
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Interrupted,
    Ready,
    Segment,
    SegmentEnded,
    ServerMessage,
    UtteranceEnded,
    UtteranceStarted,
)
from lipwire_protocol.server_messages import VisemeTiming

from .broadcast import Broadcast
from .tally import Sample, Tally

__all__ = ["CUSHION_S", "Ear"]

CUSHION_S: Final = 0.06
"""What a player waits for before it begins: as the browser client does."""

_FAILURES: Final = {ErrorCode.INTERNAL, ErrorCode.SYNTHESIS_FAILED}
"""Errors that are the server's own; the others say no to something."""


class Ear:
    """Hears one connection. `heard` and `done_at` are what a player with a perfect clock would
    have played, and when it would have come to the end of what is there."""

    def __init__(self, tally: Tally, broadcast: Broadcast | None = None) -> None:
        """`broadcast`: where others hear the same."""
        self._tally = tally
        self._broadcast = broadcast
        self._joined = 0.0
        self._seq = 0
        self.rate = 22_050
        self.utterance: int | None = None
        """What is being spoken, or was spoken last."""
        self.segment: Segment | None = None
        self.sample = 0
        """Where its next chunk has to begin."""
        self.last_ended: int | None = None
        """Also one that never began: it was refused, or interrupted before its turn."""
        self.is_taking_up = False
        """On a new connection, and nothing has come on it yet."""
        self.went_on_well = True
        """The stream was last taken up at the sample that was wanted."""
        self._first = 0
        """Which sample of the utterance was the first that had to come."""
        self._begun: float | None = None
        """When the player was at sample 0, or would have been."""
        self._asked: float | None = None
        self._waited: Sample = tally.first_sound_ms
        self._silenced = False
        self._failed = False

    def ask(self, now: float, *, in_pieces: bool = False) -> None:
        """Something is to be spoken: what comes next is timed from now on."""
        self._asked = now
        self._waited = self._tally.streamed_sound_ms if in_pieces else self._tally.first_sound_ms

    def give_up(self, now: float) -> None:
        """Waits no longer for what was asked. That it took so long counts: otherwise a server that
        leaves the slowest unanswered would look fast."""
        if self._asked is not None:
            self._waited.add((now - self._asked) * 1000, now)

    def take_up(self) -> None:
        """A new connection goes on with what an earlier one had begun."""
        self._seq = 0
        self.is_taking_up = self.went_on_well = True

    def leave(self, now: float) -> None:
        """Hears no more. Sound that is due by now and has not come is a gap, too."""
        if self._asked is not None:
            self._tally.counts["unanswered"] += 1
        due, segment = self.done_at, self.segment
        if due is None or segment is None or self._silenced or self.last_ended == self.utterance:
            return
        if now > due and self.sample < segment.start + segment.count:
            self._tally.gap(due, now)

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
            case Chunk():
                self._play(message, now)
            case Segment():
                self._announce(message)
            case SegmentEnded():
                self._close(message)
            case UtteranceStarted():
                self._start(message)
            case UtteranceEnded():
                self._end(message)
            case Interrupted():
                self._silenced = True
            case Ready():
                self.rate, self._joined = message.audio.sample_rate, now
            case Error():
                self._failed = True
                if message.code in _FAILURES:
                    self._tally.fault(f"error {message.code}")
                else:
                    self._asked = None
            case _:
                pass

    def _start(self, message: UtteranceStarted) -> None:
        if self.utterance is not None and self.last_ended != self.utterance:
            self._tally.fault("two utterances at a time")
        self.utterance = message.utterance
        self.segment = self._begun = None
        self.sample = self._first = message.from_
        self._silenced = self._failed = self.is_taking_up = False

    def _announce(self, segment: Segment) -> None:
        # Who joins in the middle is told the whole of the segment that he comes into.
        is_joined = self.segment is None and segment.start < self._first
        if segment.utterance != self.utterance or (segment.start != self.sample and not is_joined):
            self._tally.fault("a segment is not where the one before it ended")
        self.segment = segment
        self._failed = False
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
            self._misplaced()
        self._time(chunk, now)
        self.sample = chunk.start + chunk.count
        if self.sample > segment.start + segment.count:
            self._tally.fault("more sound than was announced")
        if self._broadcast is not None:
            self._broadcast.came(chunk.utterance, chunk.start, now, self._joined)

    def _misplaced(self) -> None:
        if self.is_taking_up:
            self.went_on_well = False
            self._tally.fault("a stream was taken up at another sample")
        else:
            self._tally.fault("sound is missing, or came twice")

    def _time(self, chunk: Chunk, now: float) -> None:
        due = None if self._begun is None else self._begun + chunk.start / self.rate
        if due is None:
            self._begun = now + CUSHION_S - chunk.start / self.rate
            if self._asked is not None:
                self._waited.add((now + CUSHION_S - self._asked) * 1000, now)
                self._asked = None
        elif now <= due:
            self._tally.lead_ms.add((due - now) * 1000)
        else:
            if not self.is_taking_up:
                self._tally.gap(due, now)
            assert self._begun is not None
            self._begun += now + CUSHION_S - due
        self.is_taking_up = False

    def _close(self, message: SegmentEnded) -> None:
        segment, self.is_taking_up = self.segment, False
        if segment is None or segment.segment != message.segment:
            self._tally.fault("the end of a segment that had not begun")
        elif self._silenced:
            self._tally.fault("more than its end after an interrupt was answered")
        elif segment.start + message.count != self.sample:
            self._tally.fault("a segment ended before all its sound had come")
        elif message.count != segment.count and not self._failed:
            self._tally.fault("a segment was cut short without a word")

    def _end(self, message: UtteranceEnded) -> None:
        if message.utterance == self.last_ended:
            self._tally.fault("an utterance ended twice")
        self.last_ended = message.utterance
        self._asked = None
        is_whole = message.utterance == self.utterance and message.reason is EndReason.DONE
        if is_whole and self._first == 0 and message.count != self.sample:
            self._tally.fault("an utterance ended before all its sound had come")
        self._tally.counts["utterances"] += 1
        self._tally.counts[f"ended {message.reason}"] += 1


def _drift(segment: Segment, shapes: tuple[VisemeTiming, ...]) -> int:
    """By how many samples a track of mouth shapes misses the segment that it should fill."""
    position, most = segment.start, 0
    for shape in shapes:
        most = max(most, abs(shape.start - position))
        position = shape.start + shape.count
    return max(most, abs(segment.start + segment.count - position)) if shapes else 0
