"""With a stand-in for Locust: what it gives a user, and the events that it is told."""

import asyncio
import functools
import importlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from msgspec import structs

from lipwire_protocol import Chunk, Error, ErrorCode, Ready, ServerMessage
from tests.server.load.scene import Meddler, healthy, meddled


class Told(list[dict[str, Any]]):
    """The requests that Locust was told of."""

    def fire(self, **fields: Any) -> None:
        self.append(fields)

    def failures(self, name: str) -> list[str]:
        return [
            str(each["exception"]) for each in self if each["name"] == name and each["exception"]
        ]

    def times(self, name: str) -> list[float]:
        return [
            each["response_time"]
            for each in self
            if each["name"] == name and each["exception"] is None
        ]


@pytest.fixture
def users() -> Iterator[type[Any]]:
    """`LipwireUser` beside a Locust that is none."""

    class User:
        host: str | None = None

        def __init__(self, environment: Any) -> None:
            self.environment = environment

    stand_in = ModuleType("locust")
    stand_in.User = User  # type: ignore[attr-defined]
    patch = pytest.MonkeyPatch()
    patch.setitem(sys.modules, "locust", stand_in)
    patch.delitem(sys.modules, "lipwire_server.load.locust", raising=False)
    yield importlib.import_module("lipwire_server.load.locust").LipwireUser
    patch.undo()
    sys.modules.pop("lipwire_server.load.locust", None)


def user(users: type[Any], host: str) -> tuple[Any, Told]:
    told = Told()
    somebody = users(SimpleNamespace(events=SimpleNamespace(request=told)))
    somebody.host = host
    return somebody, told


async def spoken(somebody: Any, *texts: str) -> None:
    def live() -> None:
        somebody.on_start()
        for text in texts:
            somebody.say(text)
        somebody.on_stop()

    async with asyncio.timeout(60):
        await asyncio.to_thread(live)


async def test_a_user_hears_what_it_says_and_locust_is_told(
    users: type[Any], tmp_path: Path
) -> None:
    async with healthy(tmp_path) as url:
        somebody, told = user(users, url.replace("ws://", "http://").removesuffix("/v1/stream"))
        await spoken(somebody, "Hello there.", "Good bye.")
    assert [each["name"] for each in told] == [
        *["connect", "first_sound", "utterance", "first_sound", "utterance"]
    ]
    assert not any(each["exception"] for each in told)
    assert {each["request_type"] for each in told} == {"lipwire"}
    # As long as the sound is: 50 ms a character.
    assert told.times("utterance")[0] >= 600
    first, whole = told.times("first_sound")[0], told.times("utterance")[0]
    assert 60 <= first <= whole - 599


def shifted(message: ServerMessage) -> Iterable[ServerMessage]:
    if isinstance(message, Chunk):
        return [structs.replace(message, start=message.start + 1)]
    return [message]


async def test_a_fault_of_the_server_is_a_failure(users: type[Any], tmp_path: Path) -> None:
    make: Meddler = shifted
    async with healthy(tmp_path) as url, meddled(url, lambda: make) as other:
        somebody, told = user(users, other)
        await spoken(somebody, "Hello.")
    (failure,) = told.failures("utterance")
    assert "sound is missing, or came twice" in failure


async def test_a_gap_is_a_failure(users: type[Any], tmp_path: Path) -> None:
    # Who stands still for a second and a half takes all of it at once, and hears no gap.
    async with healthy(tmp_path, window=800, window_after=0.8) as url:
        somebody, told = user(users, url)
        await spoken(somebody, "Hello.")
    assert "gaps in the sound" in told.failures("utterance")[0]


async def test_who_is_refused_is_told_why_and_tries_again(users: type[Any], tmp_path: Path) -> None:
    def refuse(message: ServerMessage) -> Iterable[ServerMessage]:
        if isinstance(message, Ready):
            return [Error(seq=1, code=ErrorCode.OVERLOADED, message="not now", fatal=True)]
        return []

    async with healthy(tmp_path) as url, meddled(url, lambda: refuse) as other:
        somebody, told = user(users, other)
        await spoken(somebody, "Hello.")
    assert ["not now" in each for each in told.failures("connect")] == [True, True]
    assert told.failures("utterance") == []


async def test_a_text_may_have_a_row_of_its_own_and_its_size_is_told(
    users: type[Any], tmp_path: Path
) -> None:
    async with healthy(tmp_path) as url:
        somebody, told = user(users, url)
        somebody.say = functools.partial(somebody.say, name="greeting")
        await spoken(somebody, "Hello.")
    (row,) = [each for each in told if each["name"] == "greeting"]
    assert row["exception"] is None
    # 400 samples a character, two bytes each.
    assert row["response_length"] > 6 * 400 * 2


async def test_an_error_about_a_text_is_its_failure(users: type[Any], tmp_path: Path) -> None:
    async with healthy(tmp_path) as url:
        somebody, told = user(users, url)
        await spoken(somebody, "x" * 10_001, "Hello.")
    assert len(told.failures("utterance")) == 1
    assert len(told.times("utterance")) == 1


async def test_who_lost_his_connection_comes_again(users: type[Any], tmp_path: Path) -> None:
    connections = 0

    def make() -> Meddler:
        nonlocal connections
        connections += 1
        first = connections == 1

        def meddle(message: ServerMessage) -> Iterable[ServerMessage]:
            if first and isinstance(message, Chunk):
                raise ConnectionError
            return [message]

        return meddle

    async with healthy(tmp_path) as url, meddled(url, make) as other:
        somebody, told = user(users, other)
        await spoken(somebody, "Hello.", "Hello.")
    assert len(told.failures("utterance")) == 1
    assert len(told.times("connect")) == 2
    assert len(told.times("utterance")) == 1


async def test_where_nobody_is_the_failure_is_one_of_connecting(users: type[Any]) -> None:
    somebody, told = user(users, "127.0.0.1:9")
    await spoken(somebody)
    assert len(told.failures("connect")) == 1
