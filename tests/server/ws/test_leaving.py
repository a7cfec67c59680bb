"""Who leaves is freed without a collection: those stop every stream for longer the more there are.

What has each other, and nobody else has it, is left to them. So at the end of a connection, of a
session and of what is shown to those who watch, everything that has each other lets go.
"""

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final

import pytest
from msgspec import structs

from lipwire_protocol import (
    JSON,
    Bye,
    Chunk,
    ErrorCode,
    Flow,
    FlowMode,
    FrameMode,
    Frames,
    Hello,
    Interrupt,
    Interrupted,
    Limits,
    LipwireError,
    Ready,
    Replay,
    Speak,
    Sprites,
    UtteranceEnded,
    Watch,
    WatchFrom,
)
from lipwire_server.session.conversation import Conversation
from lipwire_server.session.following import Following
from lipwire_server.session.memory import Memory
from lipwire_server.session.recital import Recital
from lipwire_server.session.registry import OpenSession
from lipwire_server.session.utterance import Utterance
from lipwire_server.session.watching import Showing, Watcher
from lipwire_server.ws.connection import Connection
from lipwire_server.ws.outbox import Outbox
from tests.fakes import WIRE_VOICE, FakeSynthesis
from tests.server.ws.peer import Peer, wire_synthesis
from tests.server.ws.test_resuming_sockets import Server, resume, sockets

WATCHED: Final = (
    Connection,
    Conversation,
    Following,
    Memory,
    OpenSession,
    Outbox,
    Recital,
    Showing,
    Utterance,
    Watcher,
)
OFF = Hello(flow=Flow(mode=FlowMode.OFF))
SEEN = Hello(flow=Flow(mode=FlowMode.OFF), frames=Frames(mode=FrameMode.SPRITES, size=64))
SPEAK = Speak(utterance=1, text="Hello there. Good bye.", end=True)
ENDLESS = Speak(utterance=1, text="Hello there. And there. And there. And I go on", end=False)
FORGOTTEN_S = Limits().resume_ms / 1000 + 1


@contextmanager
def no_collections() -> Iterator[Callable[[], Counter[str]]]:
    """Gives what counts those of `WATCHED` that are there since."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield lambda: Counter(
            type(each).__name__ for each in gc.get_objects() if isinstance(each, WATCHED)
        )
    finally:
        gc.enable()
        gc.unfreeze()


async def opened(server: Server, hello: Hello = OFF, *said: Speak) -> Peer:
    peer = server.socket()
    peer.say(hello, *said)
    await peer.hears(Ready)
    return peer


async def gone(*peers: Peer) -> None:
    for peer in peers:
        peer.leave()
        await peer.serving


# What people do


async def shows_up(server: Server) -> None:
    await gone(server.socket())


async def is_refused(server: Server) -> None:
    peer = server.socket(JSON)
    peer.say(Hello(voice="nobody"))
    await peer.serving


async def is_idle(server: Server) -> None:
    peer = await opened(server)
    peer.say(Bye())
    await peer.serving


async def speaks(server: Server) -> None:
    peer = await opened(server, OFF, SPEAK)
    peer.say(Bye())
    await peer.serving
    assert peer.closed == 1000


async def interrupts_and_asks_again(server: Server) -> None:
    peer = await opened(server, OFF, ENDLESS)
    await peer.hears(Chunk)
    peer.say(Interrupt())
    await peer.hears(Interrupted)
    peer.say(Replay(utterance=2, of=1))
    await peer.hears(UtteranceEnded, 2)
    await gone(peer)


async def is_lost_in_the_middle(server: Server) -> None:
    peer = await opened(server, OFF, ENDLESS)
    await peer.hears(Chunk)
    await gone(peer)


async def does_not_read(server: Server) -> None:
    peer = await opened(server, OFF, ENDLESS)
    await peer.hears(Chunk)
    peer.stall()
    await asyncio.sleep(Limits().stall_ms / 1000 + 1)
    await gone(peer)


async def comes_back(server: Server) -> None:
    first = await opened(server, OFF, ENDLESS)
    await first.hears(Chunk)
    await gone(first)
    second = await opened(server, resume(first.one(Ready)))
    third = await opened(server, resume(second.one(Ready)))
    await first.serving
    await gone(third)


async def is_deleted(server: Server) -> None:
    peer = await opened(server, OFF, ENDLESS)
    await peer.hears(Chunk)
    (id,) = server.host.registry.ids
    server.host.ownership.delete(id)
    await peer.serving


async def is_heard_by_a_program(server: Server) -> None:
    async def take(chunk: object) -> None:
        taken.append(recital.samples)

    taken: list[int] = []
    with Recital(server.host, OFF, take) as recital:
        await recital.speak("Hello there.")
    assert taken


def watching(speaker: Peer, from_: WatchFrom = WatchFrom.LIVE) -> Watch:
    grant = speaker.one(Ready).session
    assert grant.watch_secret is not None
    return Watch(session=grant.id, watch_secret=grant.watch_secret, from_=from_)


async def is_watched(server: Server) -> None:
    """By one who leaves, one who is lost and one on his own, until it ends for another."""
    speaker = await opened(server, OFF, ENDLESS)
    peers = [server.socket() for _ in range(4)]
    for number, peer in enumerate(peers):
        from_ = WatchFrom.START if number == 2 else WatchFrom.LIVE
        peer.say(watching(speaker, from_))
        await peer.hears(Ready)
    await peers[2].hears(Chunk)
    peers[0].say(Bye())
    await peers[0].serving
    await gone(peers[1], peers[2])
    speaker.say(Interrupt(), Bye())
    await speaker.serving
    await peers[3].serving


async def is_watched_until_it_is_deleted(server: Server) -> None:
    speaker = await opened(server, OFF, ENDLESS)
    observers = [server.socket(), server.socket()]
    for observer in observers:
        observer.say(watching(speaker))
        await observer.hears(Ready)
    (id,) = server.host.registry.ids
    server.host.ownership.delete(id)
    for peer in (speaker, *observers):
        await peer.serving
        assert peer.closed == 4404


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    "visit",
    [
        shows_up,
        is_refused,
        is_idle,
        speaks,
        interrupts_and_asks_again,
        is_lost_in_the_middle,
        does_not_read,
        comes_back,
        is_deleted,
        is_heard_by_a_program,
        is_watched,
        is_watched_until_it_is_deleted,
    ],
)
async def test_who_leaves_is_freed_without_a_collection(
    visit: Callable[[Server], Awaitable[None]],
) -> None:
    async with sockets() as server:
        with no_collections() as left:
            await visit(server)
            await asyncio.sleep(FORGOTTEN_S)
            assert not left()


async def sees_a_face(server: Server) -> None:
    peer = await opened(server, SEEN, SPEAK)
    peer.say(Bye())
    await peer.serving
    assert peer.all(Sprites)


async def loses_sight_of_it(server: Server) -> None:
    peer = await opened(server, SEEN, ENDLESS)
    await peer.hears(Chunk)
    await gone(peer)


async def is_seen_by_another(server: Server) -> None:
    peer, observer = await opened(server, OFF, ENDLESS), server.socket()
    observer.say(structs.replace(watching(peer), frames=SEEN.frames))
    await observer.hears(Sprites)
    await gone(observer, peer)


@pytest.mark.parametrize("visit", [sees_a_face, loses_sight_of_it, is_seen_by_another])
async def test_who_sees_a_face_is_freed_when_nothing_is_drawn_for_him_any_more(
    visit: Callable[[Server], Awaitable[None]],
) -> None:
    async with sockets() as server:
        limits = structs.replace(Limits(), resume_ms=10)
        server.host = replace(server.host, limits=limits, synthesis=wire_synthesis())
        with no_collections() as left:
            await visit(server)
            with suppress(TimeoutError):
                async with asyncio.timeout(60):
                    # In threads, which are in the middle of a picture.
                    while left():  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
            assert not left()


class FailingSynthesis(FakeSynthesis):
    """An error of its own for each failure, as a voice has."""

    @property
    def error(self) -> Exception:
        return LipwireError(ErrorCode.SYNTHESIS_FAILED, "the voice failed")

    @error.setter
    def error(self, error: Exception) -> None: ...


@pytest.mark.virtual_time
async def test_what_could_not_be_spoken_keeps_nobody() -> None:
    async with sockets() as server:
        failing = FailingSynthesis(fail_plan=[0], known=[WIRE_VOICE])
        server.host = replace(server.host, synthesis=failing)
        with no_collections() as left:
            await speaks(server)
            assert not left()


@pytest.mark.virtual_time
async def test_a_session_that_waits_for_another_connection_keeps_nothing_of_the_last_one() -> None:
    async with sockets() as server:
        with no_collections() as left:
            await is_lost_in_the_middle(server)
            await asyncio.sleep(1)
            assert server.host.registry.waiting == 1
            assert not left()["Connection"]
            assert left()["OpenSession"] == 1
