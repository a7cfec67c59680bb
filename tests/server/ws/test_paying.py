"""What is spoken a second time, and whose key counts it."""

import asyncio

import pytest
from msgspec import structs

from lipwire_protocol import (
    Accepted,
    Chunk,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Ready,
    Speak,
    UtteranceEnded,
    WatchFrom,
)
from lipwire_server.access.gate import Gate
from tests.server.access.keys import Cupboard, stored
from tests.server.ws.peer import Peer
from tests.server.ws.test_resuming_sockets import Server, resume, sockets
from tests.server.ws.test_watching_sockets import watch

pytestmark = pytest.mark.virtual_time

KEY = "lipwire_ours"
OFF = Hello(token=KEY, flow=Flow(mode=FlowMode.OFF))
TEXT = "Hello there. Good bye."


def limited(characters: int) -> Gate:
    return Cupboard(stored(characters_per_minute=characters)).gate()


async def spoken(server: Server) -> Peer:
    peer = server.socket()
    peer.say(OFF, Speak(utterance=1, text=TEXT, end=True))
    await peer.hears(UtteranceEnded)
    return peer


async def refused(peer: Peer) -> ErrorCode:
    await peer.serving
    error = peer.heard[-1]
    assert isinstance(error, Error) and peer.closed == 4429
    return error.code


async def again(server: Server, ready: Ready) -> Peer:
    """Takes it up from its start."""
    peer = server.socket()
    peer.say(structs.replace(resume(ready, 1), token=KEY))
    return peer


async def test_who_resumes_from_the_start_time_and_again_pays_for_it() -> None:
    async with sockets(limited(len(TEXT))) as server:
        first = await spoken(server)
        second = await again(server, first.one(Ready))
        await second.hears(UtteranceEnded)
        third = await again(server, second.one(Ready))
        await third.hears(UtteranceEnded)
        fourth = await again(server, third.one(Ready))
        assert await refused(fourth) is ErrorCode.RATE_LIMITED
        third.say(Speak(utterance=2, text="More.", end=True))
        assert (await third.hears(Error)).code is ErrorCode.RATE_LIMITED


async def test_who_has_had_his_share_said_can_take_his_session_up() -> None:
    async with sockets(limited(1)) as server:
        first = server.socket()
        first.say(OFF, Speak(utterance=1, text=TEXT, end=True))
        await first.hears(Chunk)
        first.leave()
        second = await again(server, first.one(Ready))
        assert (await second.hears(UtteranceEnded)).count == 2_100


@pytest.mark.parametrize(
    "wish",
    [
        {"from_": WatchFrom.START},
        {"flow": Flow(mode=FlowMode.OFF), "from_": WatchFrom.START},
    ],
    ids=["from the start", "at his own pace"],
)
async def test_who_watches_on_his_own_pays_for_what_is_spoken_to_him(
    wish: dict[str, object],
) -> None:
    async with sockets(limited(len(TEXT) - 8)) as server:
        first = await spoken(server)
        asked = structs.replace(watch(first.one(Ready)), token=KEY, **wish)
        second = server.socket()
        second.say(asked)
        await second.hears(UtteranceEnded)
        third = server.socket()
        third.say(asked)
        assert await refused(third) is ErrorCode.RATE_LIMITED


async def test_text_that_is_sent_a_second_time_to_be_safe_is_counted_once() -> None:
    async with sockets(limited(2 * len(TEXT))) as server:
        first = server.socket()
        first.say(OFF, *[Speak(utterance=1, text=TEXT, number=1)] * 5)
        await first.hears(Accepted, 5)
        first.say(Speak(utterance=1, text=TEXT, end=True, number=2))
        await first.hears(UtteranceEnded)
        assert not first.all(Error)


async def test_who_watches_with_others_pays_nothing() -> None:
    async with sockets(limited(1)) as server:
        speaker = server.socket()
        speaker.say(OFF)
        asked = structs.replace(watch(await speaker.hears(Ready)), token=KEY)
        observers = [server.socket() for _ in range(3)]
        for observer in observers:
            observer.say(asked)
            await observer.hears(Ready)
        speaker.say(Speak(utterance=1, text=TEXT, end=True))
        await asyncio.gather(*(observer.hears(UtteranceEnded) for observer in observers))
        late = server.socket()
        late.say(structs.replace(asked, from_=WatchFrom.START))
        await late.hears(UtteranceEnded)
