from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from lipwire_protocol import (
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Interrupt,
    Played,
    SegmentEnded,
    Speak,
    UtteranceEnded,
    Warning,
    Watch,
)
from lipwire_protocol.server_messages import FrameCounts, Ledger
from lipwire_server.observe.meter import Meter, Tap


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def tap(registry: CollectorRegistry) -> Tap:
    return Tap(Meter(registry))


def segment_ended(segment: int) -> SegmentEnded:
    ledger = Ledger(received=100, queued=110, phonemized=120, encoded=150, first_chunk=280)
    return SegmentEnded(
        utterance=1,
        segment=segment,
        count=1,
        ledger=ledger,
        frames=FrameCounts(sent=5, dropped=2),
        cached=segment > 0,
    )


def test_what_is_sent_is_counted(registry: CollectorRegistry, tap: Tap) -> None:
    for message in (
        Chunk(utterance=1, segment=0, start=0, count=100, audio=b""),
        segment_ended(0),
        segment_ended(1),
        UtteranceEnded(utterance=1, count=100, reason=EndReason.DONE),
        Error(code=ErrorCode.OVERLOADED, message=""),
        Warning(code=ErrorCode.UNSUPPORTED, message=""),
    ):
        tap.sent(message)
    for name, labels, value in (
        ("audio_samples_total", {}, 100),
        ("segments_total", {"cached": "no"}, 1),
        ("segments_total", {"cached": "yes"}, 1),
        ("frames_total", {"what": "sent"}, 10),
        ("frames_total", {"what": "dropped"}, 4),
        ("utterances_total", {"reason": "done"}, 1),
        ("errors_total", {"code": "overloaded"}, 1),
        ("warnings_total", {"code": "unsupported"}, 1),
        # Only of the first segment: that is what somebody waits for.
        ("first_chunk_seconds_count", {}, 1),
        ("first_chunk_seconds_sum", {}, 0.18),
        ("encoding_seconds_sum", {}, 0.08),
    ):
        assert registry.get_sample_value(f"lipwire_{name}", labels) == pytest.approx(value), name


def test_who_watches_tells_nothing_of_how_fast_it_was_made(
    registry: CollectorRegistry, tap: Tap
) -> None:
    tap.received(Watch(session=str(UUID(int=1)), watch_secret="x"))
    tap.sent(segment_ended(0))
    tap.sent(UtteranceEnded(utterance=1, count=100, reason=EndReason.DONE))
    for name, labels, value in (
        ("segments_total", {"cached": "no"}, 1),
        ("first_chunk_seconds_count", {}, 0),
        ("encoding_seconds_count", {}, 0),
        ("utterances_total", {"reason": "done"}, None),
    ):
        assert registry.get_sample_value(f"lipwire_{name}", labels) == value, name


def test_what_players_report_is_counted_once(registry: CollectorRegistry, tap: Tap) -> None:
    for played in (
        Played(utterance=1, sample=1, underruns=0, first_ms=200),
        Played(utterance=1, sample=2, underruns=2, first_ms=200),
        Played(utterance=1, sample=3, underruns=3, first_ms=200),
        Played(utterance=2, sample=1, underruns=1, first_ms=300),
        Played(utterance=2, sample=2),
    ):
        tap.received(played)
    assert registry.get_sample_value("lipwire_underruns_total") == 4
    assert registry.get_sample_value("lipwire_first_sound_seconds_count") == 2
    assert registry.get_sample_value("lipwire_first_sound_seconds_sum") == 0.5


def test_what_is_asked_for_is_counted(registry: CollectorRegistry, tap: Tap) -> None:
    tap.received(Speak(utterance=1, text="Hello."))
    tap.received(Interrupt())
    assert registry.get_sample_value("lipwire_characters_total") == 6
    assert registry.get_sample_value("lipwire_interrupts_total") == 1
