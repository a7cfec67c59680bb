"""A server that is told to stop, or stands still, with a room full of people, and people who come
back in ways that they should not."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import msgpack
import pytest
import websockets

from lipwire_client import ResumePoint, Spoken, connect
from lipwire_protocol import (
    Chunk,
    EndReason,
    ErrorCode,
    Flow,
    FlowMode,
    GoAway,
    Hello,
    LipwireError,
    Played,
    SegmentEnded,
    ServerMessage,
    Speak,
    UtteranceEnded,
)
from lipwire_server.load.socket import open_socket
from lipwire_server.store.pool import Database
from lipwire_server.store.sessions import utterances
from tests.adversity.beside import listening
from tests.patience import TO_BE_CUT, patient_connect, reporting
from tests.server_process import ServerProcess, server_folder
from tests.tiny_voice import NAME, write_tiny_voice

PEOPLE = 20
PACED = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=2_000))
TEXT = (
    "This is for number {0}. Rice is often served in round bowls, and who would mind? That is all. "
)


class Place:
    """A data folder, and one server on it after another."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self._voices = folder / "voices"
        self._voices.mkdir()
        write_tiny_voice(self._voices)
        self.server = self._start()

    def _start(self) -> ServerProcess:
        names = {"LIPWIRE_VOICES": str(self._voices), "LIPWIRE_VOICE": NAME}
        return ServerProcess(self.data, {**names, "LIPWIRE_LOAD_PERCENT": "1000"})

    async def restart(self) -> ServerProcess:
        self.server = await asyncio.to_thread(self._start)
        return self.server

    async def says(self, text: str) -> None:
        """Returns when it has said so."""
        async with asyncio.timeout(60):
            while not any(text in line for line in self.server.log):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def ended(self) -> int:
        """Its exit status. It has said nothing that it should not."""
        async with asyncio.timeout(60):
            status = await asyncio.to_thread(self.server.process.wait)
        assert not [line for line in self.server.log if "Traceback" in line], self.server.log
        return status


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with server_folder() as folder:
        place = Place(folder)
        yield place
        if place.server.process.poll() is None:
            assert place.server.stop() == 0


async def begun(server: ServerProcess, text: str) -> ResumePoint:
    """Somebody who was cut off in the middle of a text."""
    async with connect(server.stream, TO_BE_CUT) as session:
        chunks = 0

        def cut(message: ServerMessage) -> None:
            nonlocal chunks
            chunks += isinstance(message, Chunk)
            if chunks == 3:
                session._socket.transport.abort()

        with pytest.raises(LipwireError):
            await session.say(text, on_message=cut)
        return session.resume_point


def key(point: ResumePoint, **changes: Any) -> dict[str, Any]:
    """What a client shows that comes back, as it is on the wire."""
    position = point.place.position
    place = {
        "utterance": position.utterance,
        "segment": position.segment,
        "span": list(position.span),
        "start": position.start,
        "sample": position.sample,
        **changes.pop("position", {}),
    }
    return {"id": point.id, "secret": point.secret, "position": place, **changes}


async def answer_to(server: ServerProcess, session: dict[str, Any]) -> tuple[Any, int]:
    """The first message, and the close code of who stays for it. He asks again where the database
    has no time."""
    first, code = await _answered(server, session)
    while first.get("code") == "storage_unavailable":
        await asyncio.sleep(first["retry_after_ms"] / 1000)
        first, code = await _answered(server, session)
    return first, code


async def _answered(server: ServerProcess, session: dict[str, Any]) -> tuple[Any, int]:
    protocols = [websockets.Subprotocol("lipwire.v1")]
    async with websockets.connect(server.stream, subprotocols=protocols) as socket:
        await socket.send(msgpack.packb({"type": "hello", "session": session}))
        first = msgpack.unpackb(await socket.recv(decode=False))
        with suppress(websockets.ConnectionClosed):
            while first["type"] == "error":
                await socket.recv()
        return first, socket.close_code or 0


BAD_KEYS: dict[str, tuple[dict[str, Any], int]] = {
    "another secret": ({"secret": "a guess"}, 4404),
    "no secret": ({"secret": ""}, 4404),
    "a secret of 60 KB": ({"secret": "x" * 60_000}, 4400),
    "no id": ({"id": "../../etc/passwd"}, 4404),
    "a segment that is not there": ({"position": {"segment": 999, "span": [0, 7]}}, 4404),
    "a span backwards": ({"position": {"span": [9, 2]}}, 4404),
    "a negative sample": ({"position": {"sample": -1}}, 4400),
    "a sample of 2^53": ({"position": {"sample": 2**53}}, 4400),
    "a sample of 2^63": ({"position": {"sample": 2**63}}, 4400),
    "a sample of 2^64 - 1": ({"position": {"sample": 2**64 - 1}}, 4400),
    "an utterance of 2^63": ({"position": {"utterance": 2**63}}, 4400),
    "a sample with a point": ({"position": {"sample": 1.0}}, 4400),
}


async def test_who_comes_back_with_what_is_wrong_is_refused_and_its_owner_goes_on(
    place: Place,
) -> None:
    point = await begun(place.server, TEXT.format("one") * 4)
    for name, (changes, code) in BAD_KEYS.items():
        message, closed = await answer_to(place.server, key(point, **dict(changes)))
        assert (message["type"], closed) in {("error", code), ("error", 4400)}, (name, closed)
    async with connect(place.server.stream, resume=point) as session, reporting(session) as report:
        assert_whole(await session.finish(on_message=report))


async def test_of_those_who_come_back_at_once_one_goes_on(place: Place) -> None:
    point = replace(await begun(place.server, TEXT.format("two") * 4), saying=None)
    sample = point.place.position.sample
    answered: set[int] = set()
    everybody = asyncio.Event()

    def is_answered(number: int) -> None:
        answered.add(number)
        if len(answered) == 4:
            everybody.set()

    async def come(number: int) -> list[Chunk] | ErrorCode:
        """All that is left to be heard, or why it is not."""
        chunks: list[Chunk] = []
        try:
            async with connect(place.server.stream, resume=point) as session:
                is_answered(number)
                await everybody.wait()  # Else one might have heard it all before another came.
                async for message in session:
                    if isinstance(message, Chunk):
                        chunks.append(message)
                        heard = message.start + message.count
                        await session.send(Played(utterance=message.utterance, sample=heard))
                    elif isinstance(message, UtteranceEnded):
                        return chunks
        except LipwireError as error:
            is_answered(number)
            return error.code
        return ErrorCode.TAKEN_OVER

    # The secret holds until the new one is used: all of them may show it.
    outcomes = await asyncio.gather(*map(come, range(4)))
    [whole] = [outcome for outcome in outcomes if isinstance(outcome, list)]
    others = {outcome for outcome in outcomes if not isinstance(outcome, list)}
    assert others <= {ErrorCode.TAKEN_OVER, ErrorCode.NOT_FOUND, ErrorCode.GOING_AWAY}, outcomes
    assert whole[0].start == sample
    assert all(a.start + a.count == b.start for a, b in pairwise(whole))


def assert_whole(spoken: Spoken) -> None:
    assert spoken.ended is not None and spoken.ended.reason is EndReason.DONE
    assert all(a.start + a.count == b.start for a, b in pairwise(spoken.chunks))
    numbers = [segment.segment for segment in spoken.segments]
    assert numbers == [*range(numbers[0], numbers[0] + len(numbers))]
    last = spoken.chunks[-1]
    assert spoken.ended.count == last.start + last.count


async def test_a_server_that_stands_still_for_five_seconds_goes_on_where_it_was(
    place: Place,
) -> None:
    """As when a machine is paused: nobody is counted out for time in which nobody could speak."""
    pid = place.server.process
    async with listening(place.server, dry=True) as listener:
        pid.send_signal(signal.SIGSTOP)
        await asyncio.sleep(5)
        pid.send_signal(signal.SIGCONT)
        came = listener.heard
        async with asyncio.timeout(60):
            while listener.heard < came + 100:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


class Person:
    """Hears a text through whatever happens to the server."""

    def __init__(self, number: int) -> None:
        self.text = TEXT.format(number) * 3  # Of the first one, some is left when the last begins.
        self.point: ResumePoint
        self.told_to_go = False
        self.close_code: int | None = None
        self.ended: list[SegmentEnded] = []
        """Since he was told to go."""
        self.speaking = asyncio.Event()

    def _note(self, message: ServerMessage) -> None:
        self.told_to_go |= isinstance(message, GoAway)
        if self.told_to_go and isinstance(message, SegmentEnded):
            self.ended.append(message)
        if isinstance(message, Chunk):
            self.speaking.set()

    async def begin(self, server: ServerProcess) -> None:
        async with connect(server.stream, PACED) as session:
            with pytest.raises(LipwireError) as lost:
                await session.say(self.text, on_message=self._note)
            assert lost.value.code is ErrorCode.GOING_AWAY
            self.point = session.resume_point
            await session._socket.wait_closed()
            self.close_code = session._socket.close_code

    async def go_on(self, server: ServerProcess) -> None:
        async with (
            patient_connect(server.stream, resume=self.point) as session,
            reporting(session) as report,
        ):
            spoken = await session.finish(on_message=report)
        spoken.warnings.clear()
        assert_whole(spoken)
        async with connect(server.stream) as session:
            whole = await session.say(self.text)
        assert [s.span for s in spoken.segments] == [s.span for s in whole.segments]
        assert spoken.audio == whole.audio


async def test_a_server_that_is_stopped_lets_everybody_finish_and_another_one_goes_on(
    place: Place,
) -> None:
    server = place.server
    people = [Person(number) for number in range(PEOPLE)]
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(person.begin(server))
        for person in people:
            await person.speaking.wait()
        server.process.terminate()
    assert await place.ended() == 0
    assert all(person.told_to_go for person in people)
    assert {person.close_code for person in people} == {1012}
    # The segment that was being spoken has ended; of those behind it none was begun. Of an earlier
    # one the end may have waited to be written: they were told to go before that.
    assert all(len(person.ended) < 3 for person in people)

    server = await place.restart()
    await asyncio.gather(*(person.go_on(server) for person in people))
    async with Database.open(server.dsn) as database, asyncio.timeout(60):
        for person in people:
            # It broke off, says the first server, until the second has written how it went on.
            while await reasons(database, person) != [(1, "done")]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def reasons(database: Database, person: Person) -> list[tuple[int, str]]:
    rows = await utterances(database, UUID(person.point.id))
    return [(row.number, row.reason) for row in rows]


async def test_a_second_signal_waits_for_nobody(place: Place) -> None:
    """There is one who does not read: he would be waited for, for the whole five seconds."""
    socket = await open_socket(place.server.stream, lambda message: None)
    socket.send(Hello(flow=Flow(mode=FlowMode.OFF)))
    for number in range(1, 9):
        socket.send(Speak(utterance=number, text="And nobody minds at all. " * 80, end=True))
    socket.pause()
    await asyncio.sleep(1)
    place.server.process.terminate()
    await asyncio.sleep(0.5)
    assert place.server.process.poll() is None
    began = time.monotonic()
    place.server.process.terminate()
    # Its database ends after that, and takes the time that a disk takes.
    await place.says("everybody has left")
    assert time.monotonic() - began < 4.5
    assert await place.ended() == 0
    socket.cut()
    await place.restart()
    async with connect(place.server.stream) as session:
        assert (await session.say("All is well.")).ended is not None
