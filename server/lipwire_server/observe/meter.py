"""What is counted of every connection, for Prometheus: read off the messages that come and go.

One place counts everything that a peer can see, so that no room of the house knows of it.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from lipwire_protocol import (
    Chunk,
    ClientMessage,
    Error,
    Interrupt,
    Played,
    Ready,
    SegmentEnded,
    ServerMessage,
    Speak,
    UtteranceEnded,
    Warning,
    Watch,
)

__all__ = ["Meter", "Tap"]

_SOUND_S: Final = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_WAIT_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Meter:
    """The counters of a server. Units are those of Prometheus: seconds, and names in the singular
    end with what they count."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"lipwire_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"lipwire_{name}", text, buckets=buckets, registry=registry)

        self.sessions = counter("sessions", "Connections that were let in.", "how")
        self.characters = counter("characters", "Characters that came to be spoken.")
        self.interrupts = counter("interrupts", "Times that somebody was interrupted.")
        self.utterances = counter(
            "utterances", "Utterances that ended, however many watch.", "reason"
        )
        self.segments = counter("segments", "Segments that were sent.", "cached")
        self.samples = counter("audio_samples", "Samples that were sent.")
        self.frames = counter("frames", "Frames of the face.", "what")
        self.errors = counter("errors", "What clients were told that went wrong.", "code")
        self.warnings = counter("warnings", "What clients were warned of.", "code")
        self.underruns = counter("underruns", "Gaps in the sound that players reported.")
        self.first_chunk = histogram(
            "first_chunk_seconds",
            "From the last character of an utterance's first segment to its first chunk.",
            _SOUND_S,
        )
        self.first_sound = histogram(
            "first_sound_seconds", "From speak to the first sound, as players report it.", _SOUND_S
        )
        self.encoding = histogram(
            "encoding_seconds", "From a segment's text to its timing, waits and all.", _WAIT_S
        )


class Tap:
    """Counts what goes over one connection."""

    __slots__ = ("_meter", "_played", "_watches")

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._watches = False
        """What was made for another is sent to it once more: that tells nothing of making it."""
        self._played: tuple[int, int, bool] = (-1, 0, False)
        """Utterance, gaps and whether its first sound was counted, of the last report."""

    def sent(self, message: ServerMessage) -> None:
        meter = self._meter
        match message:
            case Chunk():
                meter.samples.inc(message.count)
            case SegmentEnded():
                self._segment(message)
            case UtteranceEnded() if not self._watches:
                meter.utterances.labels(message.reason).inc()
            case Ready():
                meter.sessions.labels("resumed" if message.session.resumed else "opened").inc()
            case Error():
                meter.errors.labels(message.code).inc()
            case Warning():
                meter.warnings.labels(message.code).inc()
            case _:
                pass

    def received(self, message: ClientMessage) -> None:
        match message:
            case Played():
                self._report(message)
            case Speak():
                self._meter.characters.inc(len(message.text))
            case Interrupt():
                self._meter.interrupts.inc()
            case Watch():
                self._watches = True
            case _:
                pass

    def _report(self, played: Played) -> None:
        utterance, gaps, counted = self._played
        if played.utterance != utterance:
            gaps, counted = 0, False
        if played.underruns is not None and played.underruns > gaps:
            self._meter.underruns.inc(played.underruns - gaps)
            gaps = played.underruns
        if played.first_ms is not None and not counted:
            self._meter.first_sound.observe(played.first_ms / 1000)
            counted = True
        self._played = played.utterance, gaps, counted

    def _segment(self, ended: SegmentEnded) -> None:
        ledger, meter = ended.ledger, self._meter
        meter.segments.labels("yes" if ended.cached else "no").inc()
        meter.frames.labels("sent").inc(ended.frames.sent)
        meter.frames.labels("dropped").inc(ended.frames.dropped)
        if self._watches:
            return
        meter.encoding.observe(max(0, ledger.encoded - ledger.queued) / 1000)
        if ended.segment == 0 and ledger.first_chunk is not None:
            meter.first_chunk.observe(max(0, ledger.first_chunk - ledger.received) / 1000)
