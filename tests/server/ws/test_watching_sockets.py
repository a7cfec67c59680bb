"""A session on one socket, and those who watch it on others."""

import asyncio
from uuid import UUID

import pytest
from msgspec import structs

from lipwire_protocol import (
    JSON,
    MSGPACK,
    Bye,
    Chunk,
    Configure,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    GoAway,
    Hello,
    Ping,
    Pong,
    Ready,
    Speak,
    UtteranceEnded,
    Watch,
    WireFormat,
)
from lipwire_server.store.recollections import Standing
from tests.server.access.keys import Cupboard, stored
from tests.server.ws.peer import Peer
from tests.server.ws.test_resuming_sockets import Server, sockets

pytestmark = pytest.mark.virtual_time

PACED = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=1_000))
SPEAK = Speak(utterance=1, text="Hello there. Good bye.", end=True)


def watch(ready: Ready) -> Watch:
    session = ready.session
    assert session.watch_secret is not None
    return Watch(session=session.id, watch_secret=session.watch_secret)


async def two(server: Server, format_: WireFormat = MSGPACK) -> tuple[Peer, Peer]:
    """One who speaks, and one who watches."""
    speaker = server.socket()
    speaker.say(PACED)
    observer = server.socket(format_)
    observer.say(watch(await speaker.hears(Ready)))
    await observer.hears(Ready)
    return speaker, observer


def audio(peer: Peer) -> list[bytes | tuple[bytes, ...]]:
    return [chunk.audio for chunk in peer.all(Chunk)]


@pytest.mark.parametrize("format_", [MSGPACK, JSON], ids=["msgpack", "json"])
async def test_an_observer_hears_what_the_speaker_hears(format_: WireFormat) -> None:
    async with sockets() as server:
        speaker, observer = await two(server, format_)
        speaker.say(SPEAK)
        await observer.hears(UtteranceEnded)
        assert audio(observer) == audio(speaker) != []


async def test_an_observer_who_would_change_something_is_told_so_and_stays() -> None:
    async with sockets() as server:
        speaker, observer = await two(server)
        observer.say(SPEAK, Configure(rate_percent=50), Ping(stamp=3))
        assert (await observer.hears(Pong)).stamp == 3
        errors = observer.all(Error)
        assert [(e.code, e.fatal) for e in errors] == [(ErrorCode.FORBIDDEN, False)] * 2
        speaker.say(SPEAK)
        await observer.hears(UtteranceEnded)


async def test_the_end_of_the_session_closes_its_observers() -> None:
    async with sockets() as server:
        speaker, observer = await two(server)
        speaker.say(SPEAK, Bye())
        await speaker.serving
        await observer.serving
        assert observer.closed == 1000
        assert audio(observer) == audio(speaker)


async def test_an_observer_who_says_bye_leaves() -> None:
    async with sockets() as server:
        speaker, observer = await two(server)
        observer.say(Bye())
        await observer.serving
        assert observer.closed == 1000
        speaker.say(SPEAK)
        await speaker.hears(UtteranceEnded)


async def test_an_observer_may_be_silent_for_as_long_as_he_likes() -> None:
    async with sockets() as server:
        speaker, observer = await two(server)
        for _ in range(10):
            speaker.say(Ping())
            await asyncio.sleep(200)
        assert observer.closed is None


async def test_an_observer_whose_socket_is_stuck_is_closed_and_the_others_hear_everything() -> None:
    async with sockets() as server:
        speaker, stuck = await two(server)
        quick = server.socket()
        quick.say(watch(speaker.one(Ready)))
        await quick.hears(Ready)
        stuck.stall()
        speaker.say(structs.replace(SPEAK, text="Hello there. " * 400))
        await asyncio.sleep(60)
        assert audio(quick) == audio(speaker)[: len(audio(quick))] != []
        assert stuck.serving.done()
        assert len(server.host.watching) == 1


async def test_observers_are_sent_away_when_the_server_goes() -> None:
    async with sockets() as server:
        speaker, observer = await two(server)
        speaker.say(SPEAK)
        await observer.hears(Chunk)
        drains = [peer.connections.drain(1_000) for peer in (speaker, observer)]
        assert await asyncio.gather(*drains) == [0, 0]
        assert observer.one(GoAway).in_ms == 1_000
        assert observer.closed == 1012


async def test_a_session_that_is_deleted_closes_who_speaks_and_who_watches() -> None:
    async with sockets() as server:
        speaker, observer = await two(server)
        speaker.say(SPEAK)
        await observer.hears(Chunk)
        server.host.ownership.delete(UUID(speaker.one(Ready).session.id))
        for peer in (speaker, observer):
            await peer.serving
            error = peer.heard[-1]
            assert isinstance(error, Error)
            assert (error.code, error.fatal, peer.closed) == (ErrorCode.NOT_FOUND, True, 4404)


async def test_a_session_that_another_server_took_up_closes_who_speaks_and_who_watches() -> None:
    async with sockets() as server:
        speaker, observer = await two(server)
        id = UUID(speaker.one(Ready).session.id)
        server.host.ownership.note(Standing(id, epoch=1, is_deleted=False))
        for peer in (speaker, observer):
            await peer.serving
            error = peer.heard[-1]
            assert isinstance(error, Error)
            assert (error.code, error.fatal, peer.closed) == (ErrorCode.TAKEN_OVER, True, 4409)


async def test_with_a_key_to_watch_one_watches_and_does_not_speak() -> None:
    keys = Cupboard(stored(scopes=("speak",)), stored("lipwire_seat", 2, scopes=("watch",)))
    async with sockets(keys.gate()) as server:
        speaker = server.socket()
        speaker.say(structs.replace(PACED, token="lipwire_ours"))
        wish = watch(await speaker.hears(Ready))
        for key in ("lipwire_seat", "lipwire_ours"):
            observer = server.socket()
            observer.say(structs.replace(wish, token=key))
            assert (await observer.hears(Ready)).watching
        refused = server.socket()
        refused.say(structs.replace(PACED, token="lipwire_seat"))
        await refused.serving
        assert refused.closed == 4403
