"""Going on where a connection broke off: in the same process, and in another one."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lipwire_protocol import (
    AudioFormat,
    Chunk,
    Codec,
    Configure,
    EndReason,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Interrupted,
    LipwireError,
    Played,
    Pose,
    Posed,
    Position,
    Segment,
    SegmentEnded,
    ServerMessage,
    Speak,
    Split,
    TextOptions,
    Treatment,
    Urls,
    UtteranceEnded,
    UtteranceStarted,
    tag,
)
from lipwire_server.session.resuming import check_position, flushes_for, steps
from lipwire_server.speech.text.reader import Reader
from lipwire_server.speech.text.segment import Segment as TextSegment
from lipwire_server.store.records import UtteranceRecord
from tests.conftest import VirtualTimeLoop
from tests.fakes import WIRE_VOICE
from tests.server.session.lines import Line, Lines, audio_of, lines, position_after

pytestmark = pytest.mark.virtual_time

TEXT = "Hello there. Good bye now, my friend. And more."
MARKED = "Some *words. In* italics, and **bold. Yes**. # No. [Go on](https://a.example) then."
OFF = Flow(mode=FlowMode.OFF)
SAME = pytest.mark.parametrize("killed", [False, True], ids=["same process", "another process"])


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return [text[a:b] for a, b in pairwise(places)]


async def undisturbed(pieces: list[str], hello: Hello, **synthesis: Any) -> list[ServerMessage]:
    async with lines(**synthesis) as server:
        line = server.open(hello)
        tell(line, pieces)
        await until_ended(line)
        return line.heard


def tell(line: Line, pieces: list[str]) -> None:
    for index, piece in enumerate(pieces):
        line.speak(1, piece, end=index == len(pieces) - 1)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def until_ended(line: Line) -> None:
    await until(lambda: bool(line.all(UtteranceEnded)))


async def lost(server: Lines, line: Line, *, killed: bool) -> None:
    if killed:
        server.killed()
    else:
        server.lose(line)


def spans(*heard: list[ServerMessage]) -> list[tuple[int, int]]:
    return [m.span for part in heard for m in part if isinstance(m, Segment)]


@SAME
async def test_a_stream_goes_on_at_the_sample_at_which_it_broke_off(killed: bool) -> None:
    whole = await undisturbed([TEXT], Hello(flow=OFF))
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, TEXT)
        await asyncio.sleep(1.2)
        await lost(server, first, killed=killed)
        assert first.all(Chunk)
        assert not first.all(SegmentEnded)
        second = await server.resume(first.ready, first.heard)
        await until_ended(second)
        assert second.ready.session.resumed
        assert second.ready.session.id == first.ready.session.id
        assert isinstance(second.heard[1], Chunk)
        assert second.heard[1].start == sum(chunk.count for chunk in first.all(Chunk))
        assert audio_of(1, first.heard, second.heard) == audio_of(1, whole)
        assert spans(first.heard, second.heard) == spans(whole)
        assert second.one(UtteranceEnded).reason is EndReason.DONE


CODECS = [
    AudioFormat(),
    AudioFormat(codec=Codec.PCM_F32LE, sample_rate=11_025),
    AudioFormat(codec=Codec.MULAW, chunk_ms=70),
]
PLAIN, MARKDOWN = TextOptions(), TextOptions(markdown=Treatment.STRIP)


@settings(max_examples=100, deadline=None)
@given(
    text=st.sampled_from([TEXT, "One two three.", "Yes. No. Why? Go on and on!", MARKED]),
    cuts=st.lists(st.integers(0, 100), max_size=4),
    losses=st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=5),
    audio=st.sampled_from(CODECS),
    options=st.sampled_from([PLAIN, MARKDOWN]),
)
def test_wherever_it_is_cut_the_bytes_are_the_same(
    text: str,
    cuts: list[int],
    losses: list[tuple[float, bool]],
    audio: AudioFormat,
    options: TextOptions,
) -> None:
    async def run() -> None:
        hello, voice = Hello(flow=OFF, audio=audio, text=options), {"known": [WIRE_VOICE]}
        pieces = pieces_of(text, cuts)
        whole = await undisturbed(pieces, hello, **voice)
        async with lines(window_after=0.5, known=[WIRE_VOICE]) as server:
            line = server.open(hello)
            tell(line, pieces)
            for seconds, killed in losses:
                await asyncio.sleep(seconds)
                await lost(server, line, killed=killed)
                everything = [message for line in server.live for message in line.heard]
                line = await server.resume(line.ready, everything)
            await asyncio.sleep(120)
            heard = [line.heard for line in server.live]
            assert audio_of(1, *heard) == audio_of(1, whole)
            assert spans(*heard) == spans(whole)
            ends = [m for part in heard for m in part if isinstance(m, UtteranceEnded)]
            assert [end.reason for end in ends] == [EndReason.DONE]
            assert ends[0].count == sum(
                c.count for part in heard for c in part if isinstance(c, Chunk)
            )

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


@SAME
async def test_opus_goes_on_with_the_packet_that_would_have_come(killed: bool) -> None:
    hello = Hello(flow=OFF, audio=AudioFormat(codec=Codec.OPUS, sample_rate=8_000, chunk_ms=100))

    def packets(*heard: list[ServerMessage]) -> list[bytes]:
        return [
            p
            for part in heard
            for m in part
            if isinstance(m, Chunk)
            for p in list(m.audio)
            if isinstance(p, bytes)
        ]

    whole = await undisturbed([TEXT], hello, known=[WIRE_VOICE], per_character=1_000)
    async with lines(known=[WIRE_VOICE], per_character=1_000, window_after=1) as server:
        first = server.open(hello)
        first.speak(1, TEXT)
        await until(lambda: len(first.all(Chunk)) == 5)
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, first.heard)
        await until_ended(second)
        assert packets(first.heard, second.heard) == packets(whole)


@SAME
async def test_where_the_client_flushed_the_segments_stay_cut(killed: bool) -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, "I think that ", end=False)
        await asyncio.sleep(5)  # It stood still: it was spoken.
        first.speak(1, "you are right, and I am not.", end=False)
        await asyncio.sleep(2)
        assert spans(first.heard) == [(0, 12), (13, 41)]
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, first.heard)
        second.speak(1, " Good.")
        await until_ended(second)
        assert spans(second.heard) == [(42, 47)]
        assert sum(c.count for c in (*first.all(Chunk), *second.all(Chunk))) == 4_500


@SAME
async def test_a_segment_is_spoken_on_as_it_was_begun_whatever_was_configured_since(
    killed: bool,
) -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, TEXT)
        await asyncio.sleep(0.6)
        first.say(Configure(rate_percent=150, noise_percent=50))
        await lost(server, first, killed=killed)
        if not killed:
            server.synthesis.jobs.clear()
        second = await server.resume(first.ready, first.heard)
        assert second.ready.rate_percent == 150
        await until_ended(second)
        assert [(job.rate_percent, job.noise_percent) for job in server.synthesis.jobs] == [
            (100, 100),
            (150, 50),
            (150, 50),
        ]


@SAME
async def test_utterances_that_wait_come_after_it_and_those_before_are_over(killed: bool) -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        for number in (1, 2, 3):
            first.speak(number, "Hello there.")
        await until_ended(first)
        await asyncio.sleep(0.7)
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, first.heard)
        await asyncio.sleep(60)
        assert [end.utterance for end in second.all(UtteranceEnded)] == [2, 3]
        assert [m.utterance for m in second.all(UtteranceStarted)] == [3]
        assert second.one(UtteranceStarted).at == 2_400
        for number in (1, 2, 3):
            assert len(audio_of(number, first.heard, second.heard)) == 2_400


@SAME
async def test_what_was_sent_to_its_end_but_did_not_arrive_is_spoken_again(killed: bool) -> None:
    async with lines() as server:
        first = server.open()
        first.speak(1, TEXT)
        await until_ended(first)
        arrived = first.heard[:4]
        assert isinstance(arrived[-1], Chunk)
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, arrived)
        await until_ended(second)
        assert audio_of(1, arrived, second.heard) == audio_of(1, first.heard)
        records = [r for r in server.records if isinstance(r, UtteranceRecord)]
        assert {r.reason for r in records} == {"done"}


@SAME
async def test_who_has_heard_everything_hears_nothing_again(killed: bool) -> None:
    async with lines() as server:
        first = server.open()
        first.speak(1, TEXT)
        await until_ended(first)
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, first.heard)
        await asyncio.sleep(60)
        assert [tag(m) for m in second.heard] == ["ready"]
        second.speak(1, "Late.")
        second.speak(2, "New.")
        await until_ended(second)
        assert second.one(UtteranceStarted).at == 4_700 - 200
        assert "utterance_closed" in str(second.heard)


@SAME
async def test_after_the_end_of_a_segment_its_end_is_told_again(killed: bool) -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, TEXT)
        await until(lambda: bool(first.all(SegmentEnded)))
        heard = [m for m in first.heard if not isinstance(m, Segment) or m.segment == 0]
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, heard)
        await until_ended(second)
        assert isinstance(second.heard[1], SegmentEnded)
        assert second.all(SegmentEnded)[0].count == first.one(SegmentEnded).count


async def test_without_a_position_what_has_not_ended_is_spoken_from_its_start() -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, "One.")
        first.speak(2, TEXT)
        await asyncio.sleep(1.6)
        assert first.one(UtteranceEnded).utterance == 1
        server.lose(first)
        wish = Position(utterance=0, segment=0, span=(0, 0), start=0, sample=0)
        second = await server.resume(first.ready, [], position=wish)
        await asyncio.sleep(60)
        assert [m.utterance for m in second.all(UtteranceStarted)] == [1, 2]


@SAME
async def test_what_was_interrupted_is_not_spoken_on_but_told_again(killed: bool) -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, TEXT)
        first.speak(2, "And another one.")
        await asyncio.sleep(1.2)
        arrived = list(first.heard)
        first.say(Interrupt(utterance=1, heard=300))
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, arrived)
        await asyncio.sleep(60)
        assert [tag(m) for m in second.heard[1:3]] == ["interrupted", "utterance_ended"]
        told = second.one(Interrupted)
        assert (told.utterance, told.heard) == (1, first.one(Interrupted).heard) == (1, 300)
        assert [m.utterance for m in second.all(UtteranceStarted)] == [2]


@SAME
async def test_an_interrupt_after_it_knows_what_was_heard(killed: bool) -> None:
    async with lines(window_after=0.5) as server:
        first = server.open(Hello(flow=Flow(mode=FlowMode.PLAYED, lead_ms=4_000)))
        first.speak(1, TEXT)
        first.say(Played(utterance=1, sample=0))
        await asyncio.sleep(4)
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, first.heard)
        await asyncio.sleep(2)
        sent = sum(c.count for c in (*first.all(Chunk), *second.all(Chunk)))
        second.say(Interrupt(utterance=1, heard=1_800))
        told = second.one(Interrupted)
        assert (told.heard, told.sent) == (1_800, sent)
        assert (told.text_spoken, told.character) == ("Hello there. Good", 17)
        assert second.one(UtteranceEnded).count == sent


async def test_an_interrupt_places_words_of_a_dead_process_in_proportion() -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, TEXT)
        await asyncio.sleep(4)
        await lost(server, first, killed=True)
        second = await server.resume(first.ready, first.heard)
        await asyncio.sleep(0.1)
        second.say(Interrupt(utterance=1, heard=700))
        told = second.one(Interrupted)
        assert (told.text_spoken, told.estimated) == ("Hello", True)


async def test_what_arrived_counts_as_heard_so_that_a_listener_who_ran_dry_goes_on() -> None:
    async with lines() as server:
        first = server.open(Hello(flow=Flow(mode=FlowMode.PLAYED, lead_ms=1_000)))
        first.speak(1, TEXT)
        await asyncio.sleep(60)
        assert sum(c.count for c in first.all(Chunk)) == 1_000
        server.lose(first)
        second = await server.resume(first.ready, first.heard)
        await asyncio.sleep(60)
        assert 750 < sum(c.count for c in second.all(Chunk)) <= 1_000
        second.say(Played(utterance=1, sample=1_500))
        await asyncio.sleep(60)
        assert 1_250 < sum(c.count for c in second.all(Chunk)) <= 1_500


@SAME
@pytest.mark.parametrize(
    "wrong",
    [
        {"span": (3, 9)},
        {"span": (0, 47)},
        {"span": (0, 5_000)},
        {"utterance": 0},
        {"start": 2_000},
        {"sample": 2**50},
        {"segment": 7},
    ],
    ids=str,
)
async def test_a_position_that_the_text_has_not_is_refused_and_the_session_stays(
    killed: bool, wrong: dict[str, object]
) -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, TEXT)
        await asyncio.sleep(1.2)
        await lost(server, first, killed=killed)
        right = position_after(first.heard)
        fields = {name: getattr(right, name) for name in right.__struct_fields__}
        with pytest.raises(LipwireError) as refused:
            await server.resume(first.ready, first.heard, position=Position(**{**fields, **wrong}))
        assert refused.value.code is ErrorCode.NOT_FOUND
        second = await server.resume(first.ready, first.heard)
        await until_ended(second)
        assert len(audio_of(1, first.heard, second.heard)) == 9_000


@SAME
async def test_a_segment_that_fails_when_it_is_made_again_ends_where_it_broke_off(
    killed: bool,
) -> None:
    async with lines(window_after=0.5, fail_plan=[0] if killed else [1]) as server:
        if killed:
            server.synthesis.fail_plan = ()
        first = server.open()
        first.speak(1, TEXT)
        await asyncio.sleep(1.2)
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, first.heard)
        await until_ended(second)
        assert [tag(m) for m in second.heard[1:4]] == ["error", "segment_ended", "segment"]
        assert second.all(SegmentEnded)[0].count == sum(c.count for c in first.all(Chunk))


@SAME
async def test_text_that_was_lost_with_the_server_may_come_after_the_resume(killed: bool) -> None:
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.say(Speak(utterance=1, text="Hello ", number=1))
        first.say(Speak(utterance=1, text="there. Good bye.", end=True, number=2))
        await asyncio.sleep(1.2)
        await lost(server, first, killed=killed)
        if killed:  # The second one had not been recorded.
            server.records[:] = [r for r in server.records if getattr(r, "number", 1) != 2]
        second = await server.resume(first.ready, first.heard)
        assert second.ready.session.received == ((1,) if killed else (1, 2))
        await asyncio.sleep(0)
        second.say(Speak(utterance=1, text="there. Good bye.", end=True, number=2))
        await until_ended(second)
        assert spans(first.heard, second.heard) == [(0, 12), (13, 22)]
        assert len(audio_of(1, first.heard, second.heard)) == 4_200


async def test_the_text_alone_says_where_its_segments_are() -> None:
    pieces = ["Hello the", "re. Good ", "bye."]
    assert await flushes_for(Reader(), pieces, True, (13, 22)) == frozenset()


async def test_a_flush_is_found_between_two_pieces() -> None:
    pieces = ["One two ", "three four ", "five."]
    assert await flushes_for(Reader(), pieces, True, (0, 18)) == frozenset({1})
    assert await flushes_for(Reader(), pieces, True, (8, 24)) == frozenset({0})
    assert await flushes_for(Reader(), pieces, True, (8, 18)) == frozenset({0, 1})
    assert await flushes_for(Reader(), pieces, True, (4, 18)) is None


async def test_what_needs_more_text_than_there_is_may_still_come() -> None:
    assert await flushes_for(Reader(), ["One two"], False, (0, 10)) == frozenset()
    assert await flushes_for(Reader(), [], False, (0, 10)) == frozenset()
    assert await flushes_for(Reader(), ["One two"], True, (0, 10)) is None


words = st.sampled_from(
    [
        "Oh. ",
        "yes, ",
        "Mr. ",
        "and so it is ",
        "why?",
        "a",
        " ",
        "*b*",
        "[[",
        "]]",
        ",",
        "— ",
        "<p>",
        "<b",
        "&",
        "www.a.b/c",
    ]
)


@given(
    st.lists(words, max_size=80),
    st.sets(st.integers(0, 80), max_size=3),
    st.sampled_from(Split),
    st.sampled_from(
        [
            TextOptions(),
            TextOptions(markdown=Treatment.STRIP, emoji=Treatment.STRIP, urls=Urls.HOST),
            TextOptions(ssml=True),
        ]
    ),
)
@settings(deadline=None)
def test_pieces_are_put_together_only_where_that_changes_no_segment(
    pieces: list[str], flushes: set[int], split: Split, options: TextOptions
) -> None:
    def reader() -> Reader:
        return Reader(structs.replace(options, split=split), {"so it": "thus"})

    singly, together = reader(), reader()
    expected, found = list[TextSegment](), list[TextSegment]()
    for index, piece in enumerate(pieces):
        expected += singly.push(piece, last=index == len(pieces) - 1)
        expected += singly.flush() if index in flushes else []
    for step in steps(together, pieces, flushes, complete=True):
        found += together.push(step.text, last=step.last)
        found += together.flush() if step.flushes else []
    assert found == expected


LONG = "Yes, this is the first sentence. " + "And [[mɔːɹ]] of it, as it goes on. " * 1_000
CLAUSES, SPEAKING = TextOptions(split=Split.CLAUSE), TextOptions(ssml=True)


@pytest.mark.parametrize("options", [TextOptions(), CLAUSES, MARKDOWN, SPEAKING])
def test_a_text_that_came_letter_by_letter_is_not_read_so_again(options: TextOptions) -> None:
    pieces = list(LONG)
    reader, pushed = Reader(options), list[str]()
    for step in steps(reader, pieces, set(), complete=False):
        pushed.append(step.text)
        reader.push(step.text)
    assert "".join(pushed) == "".join(pieces)
    assert len(pushed) < 100


@pytest.mark.parametrize("flushed", [False, True])
async def test_a_place_is_looked_for_in_one_reading_whatever_the_guess(
    monkeypatch: pytest.MonkeyPatch, flushed: bool
) -> None:
    pieces = list(LONG)
    read = 0
    push = Reader.push

    def count(reader: Reader, text: str, *, last: bool = False) -> list[TextSegment]:
        nonlocal read
        read += len(text)
        return push(reader, text, last=last)

    monkeypatch.setattr(Reader, "push", count)
    end = len(LONG) - 10
    span = (end - 7, end) if flushed else (end - 3, end - 2)
    found = await flushes_for(Reader(), pieces, False, span)
    assert found == (frozenset({end - 8, end - 1}) if flushed else None)
    assert read < len(LONG) + 4 * 5_000


@pytest.mark.parametrize(
    ("span", "start", "sample"),
    [((9, 8), 5, 5), ((1, 2), 5, 5), ((9, 12), 5, 4), ((9, 12), 5, 2**40), ((9, 12), 2**41, 2**41)],
    ids=["backwards", "too many segments", "before it", "far behind it", "far away"],
)
def test_a_position_is_held_against_what_any_utterance_can_be(
    span: tuple[int, int], start: int, sample: int
) -> None:
    check_position(Position(utterance=1, segment=2, span=(9, 12), start=5, sample=5), 8_000)
    with pytest.raises(LipwireError):
        check_position(
            Position(utterance=1, segment=2, span=span, start=start, sample=sample), 8_000
        )


@SAME
async def test_the_face_goes_on_looking_as_it_did(killed: bool) -> None:
    async with lines() as server:
        first = server.open()
        first.say(Pose(emotion="happy"), Pose(gaze=(100, 0)))
        await lost(server, first, killed=killed)
        second = await server.resume(first.ready, first.heard)
        second.say(Pose(head=(1, 2, 3)))
        posed = second.one(Posed)
        assert (posed.emotion, posed.gaze, posed.head) == ("happy", (100, 0), (1, 2, 3))
