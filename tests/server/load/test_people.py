import asyncio
import errno
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from lipwire_protocol import (
    Bye,
    Chunk,
    Error,
    ErrorCode,
    Ready,
    Segment,
    ServerMessage,
    UtteranceStarted,
)
from lipwire_server.load import people
from lipwire_server.load.people import Person, World
from lipwire_server.load.roles import Role
from lipwire_server.load.tally import Tally
from tests.server.load.scene import LINE, Meddler, healthy, measure, meddled


def world(url: str, seconds: float) -> World:
    now = asyncio.get_running_loop().time
    return World(
        url=url,
        lines=[LINE],
        token=None,
        voice=None,
        tally=Tally(),
        until=now() + seconds,
        now=now,
    )


async def test_everybody_goes_when_the_time_is_over(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url, asyncio.timeout(60):
        here = world(url, 1.0)
        crowd = [Person(n, role, here) for n, role in enumerate(Role) if role is not Role.LISTENER]
        await asyncio.gather(*(person.live() for person in crowd))
        assert not any(person.is_here for person in crowd)
    assert here.tally.counts["lost"] == 0
    assert here.tally.faults == {}
    assert here.tally.counts["opened"] >= len(crowd)


async def test_who_comes_to_nobody_is_lost_and_does_not_raise() -> None:
    here = world("ws://127.0.0.1:9/v1/stream", 1.0)
    await Person(1, Role.IDLE, here).live()
    assert here.tally.counts["lost"] == 1
    assert here.tally.counts["lost: nobody listens there"] == 1


async def test_who_stops_reading_is_told_apart(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url:
        tally = await measure(url, Role.SLOW)
    assert tally.counts["stalled"] == 2
    assert tally.gap_ms.count == 0
    assert tally.faults == {}


def refusing_texts(message: ServerMessage) -> list[ServerMessage]:
    """Says no to each text, which then opens no utterance."""
    if isinstance(message, UtteranceStarted):
        error = Error(
            seq=message.seq,
            code=ErrorCode.RATE_LIMITED,
            message="x",
            utterance=message.utterance,
            retry_after_ms=100,
        )
        return [error]
    return [message] if message.seq == 1 else []


async def test_a_text_that_is_refused_is_no_loss_and_is_tried_again_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "_THINK_S", (0.0, 0.1))
    make: Meddler = refusing_texts
    # On the real line each waits for its turn, so what is said must be short.
    async with (
        healthy(tmp_path, per_character=10) as url,
        meddled(url, lambda: make) as other,
        asyncio.timeout(60),
    ):
        here = world(other, 3_600.0)
        living = asyncio.create_task(Person(1, Role.SPEAKER, here).live())
        while here.tally.refused["rate_limited"] < 2 and not living.done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        living.cancel()
        await asyncio.wait([living])
    assert here.tally.refused["rate_limited"] >= 2
    assert here.tally.counts["lost"] == 0


async def test_a_server_that_goes_silent_is_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "_ANSWER_S", 0.5)

    def mute(message: ServerMessage) -> list[ServerMessage]:
        return [message] if message.seq == 1 else []

    async with healthy(tmp_path) as url, meddled(url, lambda: mute) as other, asyncio.timeout(60):
        here = world(other, 30.0)
        await Person(1, Role.SPEAKER, here).live()
    assert here.tally.counts["lost: no answer for 30 s"] == 1


async def test_a_first_sound_that_never_came_is_not_left_out_when_the_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(message: ServerMessage) -> list[ServerMessage]:
        if isinstance(message, Ready):
            monkeypatch.setattr(people, "_ANSWER_S", 1.0)
        if isinstance(message, UtteranceStarted):
            somebody._ends = 0.0
        return [] if isinstance(message, UtteranceStarted | Segment | Chunk) else [message]

    async with healthy(tmp_path) as url, meddled(url, lambda: silent) as other:
        here = world(other, 3_600.0)
        somebody = Person(1, Role.SPEAKER, here)
        async with asyncio.timeout(60):
            await somebody.live()
    assert here.tally.figure("unanswered") == here.tally.figure("lost") == 1
    assert [value >= 1_000 for value in here.tally.first_sound_ms.values] == [True]


async def test_crowds_of_neighbouring_seeds_have_nobody_in_common() -> None:
    def chances(seed: int) -> set[float]:
        here = replace(world("ws://127.0.0.1:9/v1/stream", 1.0), seed=seed)
        return {Person(number, Role.IDLE, here)._chance.random() for number in range(50)}

    assert chances(1) == chances(1)
    assert chances(1).isdisjoint(chances(2))


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EADDRNOTAVAIL, "no port is left here"),
        (errno.EMFILE, "no more files may be opened here"),
    ],
)
async def test_what_this_side_lacks_is_not_put_on_the_server(
    monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    async def none_left(*_: object, **__: object) -> None:
        raise OSError(number, "x")

    monkeypatch.setattr(people, "open_socket", none_left)
    here = world("ws://127.0.0.1:9/v1/stream", 1.0)
    await Person(1, Role.IDLE, here).live()
    assert here.tally.counts[f"lost: {reason}"] == 1


async def test_a_server_that_closes_is_a_loss_by_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A greeting that the server answers by closing, once it has let him in.
    monkeypatch.setattr(people, "Ping", Bye)
    monkeypatch.setattr(people, "_PING_S", 0.1)
    async with healthy(tmp_path) as url, asyncio.timeout(60):
        here = world(url, 30.0)
        await Person(1, Role.IDLE, here).live()
    assert here.tally.counts["lost: 1000"] == 1


async def test_a_session_that_cannot_be_taken_up_is_lost(tmp_path: Path) -> None:
    def forget(message: ServerMessage) -> list[ServerMessage]:
        if isinstance(message, Ready) and message.session.resumed:
            return [Error(seq=1, code=ErrorCode.NOT_FOUND, message="no such session", fatal=True)]
        return [message]

    async with healthy(tmp_path) as url, meddled(url, lambda: forget) as other:
        tally = await measure(other, Role.DROPPER, seconds=3)
    assert tally.figure("resume_success") == 0
    assert tally.refused["not_found"] == tally.counts["drops"] == 2
    assert tally.counts["lost: the session was not given back"] == 2
    assert tally.counts["resumed"] == 0


async def test_what_is_no_message_is_a_fault(tmp_path: Path) -> None:
    async def babble(client: ServerConnection) -> None:
        await client.send(b"\xc1")
        await client.close(1011)

    async with serve(babble, "127.0.0.1", 0) as server:
        here = world(f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/", 1.0)
        await Person(1, Role.IDLE, here).live()
    assert here.tally.faults == {"a message that cannot be read": 1}
    assert here.tally.refused == {"1011": 1}
