import asyncio

import pytest
from starlette.websockets import WebSocket

from lipwire_protocol import (
    JSON,
    MSGPACK,
    Chunk,
    Flow,
    FlowMode,
    Hello,
    Ready,
    Speak,
    UtteranceEnded,
    WireFormat,
)
from lipwire_server.ws.posting import post_of
from tests.server.ws.peer import Peer, connected

pytestmark = pytest.mark.virtual_time

OFF = Hello(flow=Flow(mode=FlowMode.OFF))
SPEAK = Speak(utterance=1, text="Hello there. Good bye.", end=True)


async def chunks(format_: WireFormat, *, posts: bool) -> tuple[list[Chunk], int]:
    """What one hears, and how many messages were posted."""
    async with connected(format_, posts=posts) as peer:
        peer.say(OFF, SPEAK)
        await peer.hears(UtteranceEnded)
        return peer.all(Chunk), peer.posted


async def test_a_client_hears_the_same_whether_or_not_messages_can_be_posted() -> None:
    posted, count = await chunks(MSGPACK, posts=True)
    assert count >= len(posted) > 0
    assert await chunks(MSGPACK, posts=False) == (posted, 0)


async def test_text_is_not_posted() -> None:
    heard, count = await chunks(JSON, posts=False)
    assert (await chunks(JSON, posts=True)) == (heard, count) == (heard, 0)


async def test_what_cannot_be_posted_comes_in_order_when_the_client_reads_again() -> None:
    async with connected() as peer:
        peer.say(OFF)
        await peer.hears(Ready)
        peer.stall()
        peer.say(SPEAK)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.hears(UtteranceEnded), 5)
        peer.read()
        await peer.hears(UtteranceEnded)
        assert [message.seq for message in peer.heard] == [*range(1, len(peer.heard) + 1)]


def test_another_server_s_socket_cannot_post() -> None:
    peer = Peer(MSGPACK, posts=False)
    socket = WebSocket({"type": "websocket"}, receive=peer.receive, send=peer.send)
    assert post_of(socket) is post_of(peer.socket([])) is None
