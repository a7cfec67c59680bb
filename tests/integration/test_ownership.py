"""Two real servers with one database: what is done with a session at one ends it at the other."""

import asyncio
from collections.abc import Iterator

import pytest
from tests.patience import patient_connect
from tests.server_process import ServerProcess, running_server

from lipwire_client import Session, connect
from lipwire_protocol import (
    Chunk,
    CloseCode,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    ServerMessage,
    Watch,
)

SLOW = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=500))
TEXT = "The birch canoe slid on the smooth planks. " * 8


@pytest.fixture(scope="module")
def other(server: ServerProcess) -> Iterator[ServerProcess]:
    with running_server({"DATABASE_URL": server.dsn}) as process:
        yield process


async def begin(session: Session) -> "asyncio.Task[object]":
    """Speaks until the first sound has come, and goes on."""
    heard = asyncio.Event()

    def on_message(message: object) -> None:
        if isinstance(message, Chunk):
            heard.set()

    saying = asyncio.create_task(session.say(TEXT, on_message=on_message))
    await heard.wait()
    return saying


async def ending(work: "asyncio.Task[object]") -> ErrorCode:
    with pytest.raises(LipwireError) as ended:
        async with asyncio.timeout(60):
            await work
    return ended.value.code


async def refused(url: str, session: Session) -> ErrorCode:
    with pytest.raises(LipwireError) as caught:
        async with patient_connect(url, resume=session.resume_point):
            pass
    return caught.value.code


async def test_who_speaks_is_told_when_his_session_goes_on_at_another_server(
    server: ServerProcess, other: ServerProcess
) -> None:
    async with connect(server.stream, SLOW) as first:
        saying = await begin(first)
        async with patient_connect(other.stream, resume=first.resume_point) as second:
            assert await ending(saying) is ErrorCode.TAKEN_OVER
            await first._socket.wait_closed()
            assert first._socket.close_code == CloseCode.TAKEN_OVER
            assert (await second.finish()).ended is not None


@pytest.mark.parametrize("is_here", [True, False], ids=["here", "at another server"])
async def test_who_is_in_a_session_that_is_deleted_is_told_and_it_is_gone(
    server: ServerProcess, other: ServerProcess, is_here: bool
) -> None:
    async with connect(server.stream, SLOW) as session:
        saying = await begin(session)
        grant = session.ready.session
        assert grant.watch_secret is not None
        wish = Watch(session=grant.id, watch_secret=grant.watch_secret)
        async with connect(server.stream, watch=wish) as observer:

            async def watch() -> ServerMessage:
                return [message async for message in observer][-1]

            watching = asyncio.create_task(watch())
            await delete(server if is_here else other, grant.id)
            assert await ending(saying) is ErrorCode.NOT_FOUND
            last = await watching
            assert isinstance(last, Error) and last.code is ErrorCode.NOT_FOUND and last.fatal
        for each in (server, other):
            assert await refused(each.stream, session) is ErrorCode.NOT_FOUND


async def delete(server: ServerProcess, id: str) -> None:
    """Over REST, once it is stored, and the database has time for it."""
    async with asyncio.timeout(60):
        while b" 204 " not in (answer := await ask(server, f"DELETE /v1/sessions/{id}")):
            assert b" 404 " in answer or b" 503 " in answer
            await asyncio.sleep(0.05)


async def ask(server: ServerProcess, line: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    status = await reader.readline()
    writer.close()
    return status
