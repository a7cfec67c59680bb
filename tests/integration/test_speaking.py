"""A real server process, its PostgreSQL and the Python client: text in, speech and rows out."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from tests.server_process import ServerProcess, running_server

from lipwire_client import Session, Spoken, connect
from lipwire_protocol import (
    Bye,
    Chunk,
    Flow,
    FlowMode,
    Flush,
    Hello,
    Interrupt,
    Ping,
    Pong,
    ServerMessage,
    Speak,
    Timing,
    samples_to_ms,
    tag,
)
from lipwire_server.store.pool import Database
from lipwire_server.store.records import PhonemeRecord, UtteranceRecord
from lipwire_server.store.sessions import get_session, utterances

FAST = Flow(mode=FlowMode.OFF)
EVERYTHING = Hello(flow=FAST, timing=Timing(words=True, phonemes=True))
PIECES = (
    "The birch canoe slid on ",
    "the smooth planks. Glue the sheet",
    " to the dark blue backg",
)
END = "round."


ONCE = ("making the database", "preparing the voice", "applying the migration")


async def test_a_first_start_makes_what_is_missing() -> None:
    with running_server(bare=True) as server:
        async with connect(server.stream, EVERYTHING) as session:
            assert (await session.say("Hello.")).audio
    log = "".join(server.log)  # All of it has come only when the server has ended.
    assert [what for what in ONCE if what not in log] == []


@pytest.mark.usefixtures("server")
def test_any_other_start_makes_nothing() -> None:
    with running_server() as other:
        log = "".join(other.log)
    assert [what for what in ONCE if what in log] == []


async def pieces() -> AsyncIterator[str]:
    for piece in (*PIECES, END):
        yield piece
        await asyncio.sleep(0.01)


async def test_text_in_pieces_comes_back_as_speech_in_the_promised_order(
    server: ServerProcess,
) -> None:
    seen: list[ServerMessage] = []
    async with connect(server.stream, EVERYTHING) as session:
        spoken = await session.say(pieces(), on_message=seen.append)

    text = "".join((*PIECES, END))
    assert [segment.text for segment in spoken.segments] == [text[:42], text[43:]]
    assert [segment.span for segment in spoken.segments] == [(0, 42), (43, len(text))]
    kinds = [tag(message) for message in seen]
    assert kinds[0] == "utterance_started" and kinds[-1] == "utterance_ended"
    # OrderChecker in the client has checked seq, the table of states and contiguity.
    for segment in spoken.segments:
        chunks = [chunk for chunk in spoken.chunks if chunk.segment == segment.segment]
        assert chunks[0].start == segment.start
        assert sum(chunk.count for chunk in chunks) == segment.count
        assert seen.index(segment) < seen.index(chunks[0])
    assert spoken.ended is not None
    assert spoken.ended.count == len(spoken.audio) // 2 == sum(s.count for s in spoken.segments)


async def test_timing_covers_the_segment_and_points_into_the_text(server: ServerProcess) -> None:
    text = "Dr. Smith paid $3.50, didn't he? Peter Piper picked a peck of pickled peppers."
    async with connect(server.stream, EVERYTHING) as session:
        spoken = await session.say(text)
    for segment in spoken.segments:
        assert text[slice(*segment.span)] == segment.text
        assert segment.words and segment.phonemes
        for word in segment.words:
            assert text[word.begin : word.end] == word.text
        phonemes = [(p.start, p.count) for p in segment.phonemes]
        visemes = [(v.start, v.count) for v in segment.visemes["oculus"]]
        for spans in (phonemes, visemes):
            assert spans[0][0] == segment.start
            assert all(start + count == after for (start, count), (after, _) in pairwise(spans))
            assert sum(spans[-1]) == segment.start + segment.count
    names = [word.text for segment in spoken.segments for word in segment.words or ()]
    assert names[:6] == ["Dr", "Smith", "paid", "$3.50", "didn't", "he"]


async def test_the_speech_can_be_heard(server: ServerProcess) -> None:
    async with connect(server.stream) as session:
        spoken = await session.say("Hello there, this is a test.")
    samples = np.frombuffer(spoken.audio, "<i2") / 32768
    assert 0.1 < np.abs(samples).max() < 1.0
    assert 0.02 < np.sqrt(np.mean(samples**2)) < 0.3


async def test_equal_requests_give_equal_bytes_whoever_asks(server: ServerProcess) -> None:
    async def ask(seed: int) -> Spoken:
        async with connect(server.stream, Hello(flow=FAST, seed=seed)) as session:
            return await session.say("These days a chicken leg is a rare dish.")

    first, second, other = await asyncio.gather(ask(0), ask(0), ask(1))
    assert first.audio == second.audio
    assert [s.visemes for s in first.segments] == [s.visemes for s in second.segments]
    assert first.audio != other.audio


async def test_the_rows_in_the_database_equal_what_was_sent(server: ServerProcess) -> None:
    async with connect(server.stream, EVERYTHING) as session:
        spoken = await session.say(pieces())
        identifier = UUID(session.ready.session.id)
        await session.send(Bye())
        async for _ in session:
            pass
    [row] = await _stored(server, identifier, lambda rows: len(rows) == 1)
    assert spoken.ended is not None
    assert (row.number, row.at, row.count, row.reason) == (1, 0, spoken.ended.count, "done")
    assert row.text == "".join((*PIECES, END))
    assert (row.voice, row.rate_percent, row.seed) == ("en_US-joe-medium", 100, 0)
    for stored, sent in zip(row.segments, spoken.segments, strict=True):
        assert (stored.number, stored.start, stored.count) == (sent.segment, sent.start, sent.count)
        assert (stored.text, stored.begin, stored.end) == (sent.text, *sent.span)
        assert [_timing(p) for p in stored.phonemes] == [tuple(p) for p in _rows(sent.phonemes)]
        timing = json.loads(stored.timing)
        assert timing["words"] == _rows(sent.words)
        assert timing["visemes"]["oculus"] == _rows(sent.visemes["oculus"])


def _timing(phoneme: PhonemeRecord) -> tuple[object, ...]:
    return (phoneme.symbol, phoneme.start, phoneme.count, phoneme.word)


def _rows(spans: object) -> list[list[object]]:
    assert isinstance(spans, tuple)
    return [[getattr(span, name) for name in span.__struct_fields__] for span in spans]


async def _stored(
    server: ServerProcess, identifier: UUID, complete: Callable[[list[UtteranceRecord]], bool]
) -> list[UtteranceRecord]:
    """The session's utterances, once the recorder has written them."""
    async with Database.open(server.dsn) as database:
        while True:
            rows = await utterances(database, identifier)
            if complete(rows):
                assert await get_session(database, identifier) is not None
                return rows
            await asyncio.sleep(0.05)


async def test_barge_in_says_what_was_heard_and_stores_it(server: ServerProcess) -> None:
    hello = Hello(flow=Flow(mode=FlowMode.PLAYED, lead_ms=1000))
    async with connect(server.stream, hello) as session:
        text = "The boy was there when the sun rose, and he was there when it went down again."
        await session.send(Speak(utterance=1, text=text, end=True))
        [segment] = (await _until_sent(session, 16_000)).segments
        assert segment.words
        heard = segment.words[2].start + segment.words[2].count
        assert heard < 16_000
        await session.send(Interrupt(utterance=1, heard=heard))
        rest = Spoken()
        while rest.ended is None:
            rest.add(await session.receive())
        identifier = UUID(session.ready.session.id)
    assert rest.interrupted is not None
    assert rest.interrupted.text_spoken == "The boy was"
    assert rest.interrupted.text_spoken + rest.interrupted.text_remaining == text
    assert (rest.interrupted.heard, rest.interrupted.estimated) == (heard, False)
    assert rest.ended.reason == "interrupted"
    [row] = await _stored(server, identifier, lambda rows: len(rows) == 1)
    assert (row.reason, row.heard, row.count) == ("interrupted", heard, rest.ended.count)


async def _until_sent(session: Session, samples: int) -> Spoken:
    spoken = Spoken()
    while sum(chunk.count for chunk in spoken.chunks) < samples:
        spoken.add(await session.receive())
    return spoken


async def test_paced_media_stays_within_the_lead(server: ServerProcess) -> None:
    hello = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=500))
    async with connect(server.stream, hello) as session:
        # First: time in which nobody could speak is nothing that is ahead.
        await session.send(Ping(stamp=1))
        await session.send(Speak(utterance=1, text="Four hours of steady work faced us.", end=True))
        began: int | None = None
        sent = 0
        while True:
            message = await session.receive()
            if isinstance(message, Pong):
                began = began or message.now_ms
                if message.stamp == 2:
                    elapsed = message.now_ms - began
                    assert samples_to_ms(sent, 22_050) <= 500 + elapsed
                    return
            if isinstance(message, Chunk):
                sent += message.count
                if samples_to_ms(sent, 22_050) > 1_000:
                    await session.send(Ping(stamp=2))


async def test_flush_speaks_a_sentence_that_has_not_ended(server: ServerProcess) -> None:
    async with connect(server.stream) as session:
        await session.send(Speak(utterance=1, text="A rod is used to catch pink"))
        await session.send(Flush(utterance=1))
        spoken = Spoken()
        kinds: list[str] = []
        while "flushed" not in kinds:
            message = await session.receive()
            spoken.add(message)
            kinds.append(tag(message))
        assert [segment.text for segment in spoken.segments] == ["A rod is used to catch pink"]
        assert kinds[-2] == "segment_ended"


async def test_a_text_that_breaks_off_does_not_keep_the_next_one_waiting(
    server: ServerProcess,
) -> None:
    async def broken() -> AsyncIterator[str]:
        yield "The source of the huge river is the clear"
        raise ConnectionResetError

    async with connect(server.stream) as session:
        with pytest.raises(ConnectionResetError):
            await session.say(broken())
        spoken = await session.say("Kick the ball straight.")
    assert [segment.text for segment in spoken.segments] == ["Kick the ball straight."]


async def test_a_text_longer_than_what_may_wait_is_spoken_whole(server: ServerProcess) -> None:
    text = "Help the woman get back to her feet. " * 12 + " " * 21_000 + "The end."
    async with connect(server.stream) as session:
        spoken = await session.say(text)
    assert len(spoken.segments) == 13
    assert spoken.segments[-1].text == "The end."


async def test_two_utterances_follow_each_other_on_the_session_clock(
    server: ServerProcess,
) -> None:
    async with connect(server.stream) as session:
        starts: list[int] = []

        def note(message: ServerMessage) -> None:
            if tag(message) == "utterance_started":
                starts.append(getattr(message, "at"))  # noqa: B009

        first = await session.say("Rice is often served in round bowls.", on_message=note)
        await session.say("The juice of lemons makes fine punch.", on_message=note)
    assert first.ended is not None
    assert starts == [0, first.ended.count]


@pytest.mark.parametrize("table", ["session", "utterance", "segment", "phoneme"])
async def test_the_tables_are_there(server: ServerProcess, table: str) -> None:
    connection = await asyncpg.connect(server.dsn)
    try:
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") >= 0
    finally:
        await connection.close()
