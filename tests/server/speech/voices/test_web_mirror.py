import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.mirror import Interrupted
from lipwire_server.speech.voices.web_mirror import WebMirror, open_web_mirror

from .catalogues import CatalogueServer, serving

CONTENT = bytes(range(256)) * 40
PATH = "pt/tugão/a #1%20.onnx"
NAME = "a #1%20.onnx"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CatalogueServer]:
    (tmp_path / "pt" / "tugão").mkdir(parents=True)
    (tmp_path / PATH).write_bytes(CONTENT)
    with serving(tmp_path) as server:
        yield server


async def read(
    server: CatalogueServer, start: int = 0, path: str = PATH
) -> tuple[int, int | None, bytes]:
    """Where a file begins, its size, and what came of it."""
    async with open_web_mirror(server.address) as mirror, mirror.open(path, start) as stream:
        return stream.start, stream.size, b"".join([block async for block in stream.blocks])


async def test_a_file_is_asked_for_by_its_path_whatever_is_in_it(server: CatalogueServer) -> None:
    assert await read(server) == (0, len(CONTENT), CONTENT)
    assert server.asked == [(NAME, None)]


async def test_the_rest_of_a_file_is_all_that_is_asked_for(server: CatalogueServer) -> None:
    assert await read(server, 1_000) == (1_000, len(CONTENT), CONTENT[1_000:])
    assert server.asked == [(NAME, "bytes=1000-")]


async def test_a_server_without_ranges_gives_all_of_it(server: CatalogueServer) -> None:
    server.ranges = False
    assert await read(server, 1_000) == (0, len(CONTENT), CONTENT)


@pytest.mark.parametrize("start", [len(CONTENT), len(CONTENT) + 1])
async def test_where_there_is_no_such_rest_all_of_it_comes(
    server: CatalogueServer, start: int
) -> None:
    assert await read(server, start) == (0, len(CONTENT), CONTENT)
    assert server.ranges_of(NAME) == [f"bytes={start}-", None]


async def test_a_size_that_is_not_told_is_not_known(server: CatalogueServer) -> None:
    server.tells_size = False
    assert await read(server) == (0, None, CONTENT)
    assert await read(server, 1_000) == (1_000, len(CONTENT), CONTENT[1_000:])


@pytest.mark.parametrize("start", [0, 1_000])
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, ErrorCode.NOT_FOUND),
        (410, ErrorCode.NOT_FOUND),
        (400, ErrorCode.FORBIDDEN),
        (401, ErrorCode.FORBIDDEN),
        (403, ErrorCode.FORBIDDEN),
        (408, ErrorCode.INTERNAL),
        (429, ErrorCode.INTERNAL),
        (500, ErrorCode.INTERNAL),
        (503, ErrorCode.INTERNAL),
    ],
)
async def test_an_error_is_told_and_whether_another_try_may_help(
    server: CatalogueServer, status: int, code: ErrorCode, start: int
) -> None:
    server.statuses[NAME] = [status]
    with pytest.raises(
        LipwireError, match=f"{server.address}/pt/.* {status}|\\({status}"
    ) as caught:
        await read(server, start)
    assert caught.value.code is code
    assert isinstance(caught.value, Interrupted) is (code is ErrorCode.INTERNAL)
    assert len(server.asked) == 1


async def answered(
    answer: Callable[[httpx.Request], httpx.Response], start: int = 0
) -> tuple[int, int | None, bytes]:
    """What comes from a server that answers like that."""
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client,
        WebMirror("http://voices.example", client).open(PATH, start) as stream,
    ):
        return stream.start, stream.size, b"".join([block async for block in stream.blocks])


async def test_the_size_of_what_was_packed_is_not_that_of_the_file() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Accept-Encoding"] == "identity"
        return httpx.Response(
            200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(CONTENT)
        )

    assert await answered(answer) == (0, None, CONTENT)


@pytest.mark.parametrize("span", ["bytes 0-9/10240", "bytes */10240", "", "bytes 10000-1/2"])
async def test_another_rest_than_was_asked_for_is_not_taken(span: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "Range" in request.headers:
            return httpx.Response(206, headers={"Content-Range": span}, content=b"other")
        return httpx.Response(200, content=CONTENT)

    assert await answered(answer, 1_000) == (0, len(CONTENT), CONTENT)


@pytest.mark.parametrize("size", ["*", "", "-5", "ten", "9" * 10_000])
async def test_a_size_that_is_none_is_not_known(size: str) -> None:
    span = {"Content-Range": f"bytes 5-9/{size}"}
    found = await answered(lambda request: httpx.Response(206, headers=span, content=b"other"), 5)
    assert found == (5, None, b"other")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (httpx.ReadTimeout("slow"), "does not answer"),
        (httpx.ConnectTimeout("slow"), "does not answer"),
        (httpx.ConnectError("no such host"), r"cannot be read \(no such host\)"),
        (httpx.RemoteProtocolError(""), r"cannot be read \(RemoteProtocolError\)"),
    ],
)
async def test_another_try_may_help_where_nothing_came(error: Exception, message: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(Interrupted, match=message):
        await answered(fail)


async def test_no_other_try_helps_where_redirects_go_in_a_circle() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.TooManyRedirects("round and round")

    with pytest.raises(LipwireError, match="round and round") as caught:
        await answered(fail)
    assert caught.value.code is ErrorCode.BAD_MESSAGE


async def test_a_broken_connection_is_told_while_the_blocks_are_read(
    server: CatalogueServer,
) -> None:
    server.breaks = [3_000]
    came = b""
    async with open_web_mirror(server.address) as mirror:
        with pytest.raises(Interrupted, match="LIPWIRE_CATALOGUE"):
            async with mirror.open(PATH) as stream:
                async for block in stream.blocks:
                    came += block
    assert came == CONTENT[:3_000]


async def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        pass
    with pytest.raises(Interrupted, match=f"{server.address}/.* cannot be read"):
        await read(server)


@pytest.mark.parametrize(
    "address",
    ["http://", "https:///path", "http://h\x00", "http://:80", "http://a:70000"]
    + ["http://a:b", "http://[::1"],
)
async def test_what_is_no_address_is_told_before_anything_is_asked(address: str) -> None:
    with pytest.raises(LipwireError, match="is no address of a catalogue") as caught:
        async with open_web_mirror(address):
            pass
    assert caught.value.code is ErrorCode.BAD_MESSAGE
