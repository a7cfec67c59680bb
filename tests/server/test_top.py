import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from lipwire_protocol import LipwireError
from lipwire_server.top import Reading, _screen, read, show_top, summary

URL = "http://lipwire"


def answering(*answers: httpx.Response) -> httpx.AsyncClient:
    left = list(answers)
    transport = httpx.MockTransport(lambda request: left.pop(0) if len(left) > 1 else left[0])
    return httpx.AsyncClient(transport=transport)


@asynccontextmanager
async def refusing() -> AsyncIterator[str]:
    """A server that lets nobody in."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class House:
    """Counters of a server, to be read."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.errors = Counter("lipwire_errors", "x", ["code"], registry=self.registry)
        self.first = Histogram(
            "lipwire_first_chunk_seconds", "x", buckets=(0.1, 0.2, 0.4), registry=self.registry
        )

    async def read(self, seconds: float) -> Reading:
        answer = httpx.Response(200, content=generate_latest(self.registry))
        async with answering(answer) as client:
            return await read(client, URL, seconds)


async def test_rates_are_of_the_time_between_two_readings() -> None:
    house = House()
    house.errors.labels("overloaded").inc(5)
    before = await house.read(10)
    house.errors.labels("overloaded").inc(6)
    now = await house.read(12)
    assert now.rate(before, "errors_total", code="overloaded") == 3
    assert now.rate(now, "errors_total", code="overloaded") == 0


async def test_a_server_that_was_restarted_has_no_rates_below_nothing() -> None:
    house = House()
    house.errors.labels("overloaded").inc(5)
    before, now = await house.read(1), await House().read(2)
    assert now.rate(before, "errors_total", code="overloaded") == 0


async def test_quantiles_are_read_off_the_buckets() -> None:
    house = House()
    assert (await house.read(0)).quantile("first_chunk_seconds", 0.5) is None
    for seconds in (0.05, 0.15, 0.15, 0.3):
        house.first.observe(seconds)
    reading = await house.read(0)
    assert reading.quantile("first_chunk_seconds", 0.25) == pytest.approx(0.1)
    assert reading.quantile("first_chunk_seconds", 0.5) == pytest.approx(0.15)
    assert reading.quantile("first_chunk_seconds", 1.0) == pytest.approx(0.4)


async def test_quantiles_may_be_of_the_time_since() -> None:
    house = House()
    for _ in range(100):
        house.first.observe(0.05)
    before = await house.read(0)
    house.first.observe(0.3)
    now = await house.read(1)
    lately = now.quantile("first_chunk_seconds", 0.5, before)
    assert lately is not None and lately > 0.2


async def test_what_is_longer_than_every_bucket_is_told_as_the_longest() -> None:
    house = House()
    house.first.observe(100)
    assert (await house.read(0)).quantile("first_chunk_seconds", 0.5) == 0.4


@pytest.mark.parametrize(
    ("status", "key", "said"),
    [
        (401, None, "wants a key"),
        (403, None, "wants a key"),
        (401, "nonsense", "does not know this key"),
        (403, "watching", "keys add NAME --scopes read"),
        (404, None, "is it Lipwire"),
    ],
)
async def test_who_is_not_let_in_is_told_what_to_do(
    status: int, key: str | None, said: str
) -> None:
    async with answering(httpx.Response(status)) as client:
        client.headers.update({} if key is None else {"Authorization": f"Bearer {key}"})
        with pytest.raises(LipwireError, match=said):
            await read(client, URL, 0)


async def test_a_page_where_figures_should_be_is_that_of_somebody_else() -> None:
    async with answering(httpx.Response(200, text="<!doctype html>")) as client:
        with pytest.raises(LipwireError, match="is it Lipwire"):
            await read(client, URL, 0)


@pytest.mark.parametrize(
    "url", ["nonsense", "localhost:8000", "http://", "http://[x", "http://x:99999", "ftp://x"]
)
async def test_what_is_no_address_is_told_what_one_is_like(url: str) -> None:
    with pytest.raises(LipwireError, match=r"no address .* http://127\.0\.0\.1:8000$"):
        await show_top(url, io.StringIO())


async def test_a_key_may_have_any_letters_and_is_one_that_nobody_knows() -> None:
    async with refusing() as url:
        with pytest.raises(LipwireError, match="does not know this key"):
            await show_top(url, io.StringIO(), key="Schlüssel")


async def test_where_nobody_is_that_is_said() -> None:
    with pytest.raises(LipwireError, match="does it run"):
        await show_top("http://127.0.0.1:9", io.StringIO())


async def test_a_glance_has_all_that_matters() -> None:
    house = House()
    reading = await house.read(0)
    told = summary(reading, reading)
    assert json.loads(json.dumps(told)) == told
    assert told["first_chunk_p50_ms"] is None
    rates = {name for name, value in told.items() if isinstance(value, float)}
    assert rates == {"real_time_factor", "utterances_per_s", "characters_per_s"}
    assert {"sockets", "speaking", "seats", "underruns", "errors", "storage_up"} <= set(told)


async def test_the_screen_shows_troubles() -> None:
    from collections import deque

    from rich.console import Console

    house = House()
    house.errors.labels("overloaded").inc(2)
    readings = deque([await house.read(0), await house.read(1)])
    out = io.StringIO()
    Console(file=out, width=100).print(_screen(URL, readings))
    assert "overloaded: 2" in out.getvalue()
    assert "nothing is stored" in out.getvalue()
