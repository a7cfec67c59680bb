import asyncio
from pathlib import Path

import pytest
from msgspec import structs
from websockets.asyncio.server import ServerConnection, serve

from lipwire_protocol import Bye, ErrorCode, Hello, LipwireError, Ready, ServerMessage
from lipwire_server.load import performer
from lipwire_server.load.performer import Performer, greet
from lipwire_server.load.tally import Tally
from tests.server.load.scene import healthy, meddled, raw


async def test_a_performer_never_stops(tmp_path: Path) -> None:
    async with healthy(tmp_path, per_character=200) as url:
        somebody = await Performer.come(url, ["One.", "Two."], Tally(), None, None)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            speaking = group.create_task(somebody.perform())
            while somebody.ended < 4:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            speaking.cancel()
        assert somebody.stage.session and somebody.stage.secret
        somebody.go()


async def test_a_stage_that_closes_is_a_loss(tmp_path: Path) -> None:
    tally = Tally()
    async with healthy(tmp_path) as url:
        somebody = await Performer.come(url, ["One."], tally, None, None)
        somebody._socket.send(Bye())
        async with asyncio.timeout(60):
            await somebody.perform()
        somebody.go()
    assert tally.counts["lost"] == 1
    assert tally.counts["lost: 1000 on the stage"] == 1


async def test_where_nobody_can_watch_there_is_no_stage(tmp_path: Path) -> None:
    def no_secret(message: ServerMessage) -> list[ServerMessage]:
        if isinstance(message, Ready):
            session = structs.replace(message.session, watch_secret=None)
            return [structs.replace(message, session=session)]
        return [message]

    async with healthy(tmp_path) as url, meddled(url, lambda: no_secret) as other:
        with pytest.raises(LipwireError, match="lets nobody watch"):
            await Performer.come(other, ["One."], Tally(), None, None)


async def test_a_voice_that_there_is_not_is_told_by_the_server(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url:
        with pytest.raises(LipwireError) as caught:
            await Performer.come(url, ["One."], Tally(), None, "nobody")
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_who_closes_instead_of_an_answer_is_no_lipwire() -> None:
    async def close(client: ServerConnection) -> None:
        await client.close(1000)

    async with serve(close, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        with pytest.raises(LipwireError, match=r"closes with 1000: is it Lipwire"):
            await greet(url, Hello(), lambda message: None)


async def test_who_says_what_came_is_no_lipwire() -> None:
    async def echo(client: ServerConnection) -> None:
        async for data in client:
            await client.send(data)

    async with serve(echo, "127.0.0.1", 0) as server, asyncio.timeout(60):
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        with pytest.raises(LipwireError, match=r"says what is no message: is it Lipwire"):
            await greet(url, Hello(), lambda message: None)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers with HTTP 404: is it"),
        (b"HTTP/1.0 404 Not Found\r\n\r\n", "answers but not as a WebSocket does"),
    ],
)
async def test_another_kind_of_server_is_told_by_what_it_answers(answer: bytes, said: str) -> None:
    async with raw(answer) as url:
        with pytest.raises(LipwireError, match=said):
            await greet(url, Hello(), lambda message: None)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ws://127.0.0.1:9/", r"nobody listens there \(does `lipwire serve` run"),
        ("ws://there-is-none.invalid/", "there is no such host"),
    ],
)
async def test_where_nobody_answers_it_is_said_why(url: str, said: str) -> None:
    with pytest.raises(LipwireError, match=said):
        await greet(url, Hello(), lambda message: None)


async def test_a_server_without_tls_is_told_from_one_that_is_not_there(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url:
        with pytest.raises(LipwireError, match=r"it speaks no TLS .*http://"):
            await greet(url.replace("ws://", "wss://"), Hello(), lambda message: None)


async def test_who_says_nothing_is_no_lipwire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performer, "_ANSWER_S", 0.1)

    async def wait(client: ServerConnection) -> None:
        await client.wait_closed()

    async with serve(wait, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        with pytest.raises(LipwireError, match=r"says nothing: is it Lipwire"):
            await greet(url, Hello(), lambda message: None)
