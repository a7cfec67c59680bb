"""The load generator against a real server: a few sockets only."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benches.workers.load import ask_at_once, cancel, listen
from lipwire_client import Session
from lipwire_protocol import ClientMessage, Interrupt
from tests.server.test_serving import serving
from tests.server_process import ServerProcess, running_server

TEXT = "Glue the sheet to the dark blue background."


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """One that sends nobody away, however slow the machine is."""
    with running_server({"LIPWIRE_LOAD_PERCENT": "1000", "LIPWIRE_WAIT_MS": "60000"}) as process:
        yield process


async def test_a_listener_hears_a_server_in_real_time(server: ServerProcess) -> None:
    for seconds in (1.0, 4.0, 16.0, 64.0):
        request = {
            "kind": "lipwire",
            "url": server.stream,
            "lead_ms": 3_000,
            "listeners": [
                {"at_s": 0.1 * n, "seconds": seconds, "seed": n, "texts": [TEXT]} for n in range(2)
            ],
        }
        answer = await listen(request)
        # Who listens for a second hears nothing where a busy machine takes longer.
        if all(one["played_s"] for one in answer["heard"]):
            break
    for one in answer["heard"]:
        assert one["first_ms"] > 0 and one["played_s"] > 0
        assert (one["refused"], one["failed"]) == (None, None)


async def test_all_sockets_are_answered(server: ServerProcess) -> None:
    answer = await ask_at_once(
        {"url": server.stream, "pid": server.process.pid, "text": "Hello.", "seeds": [1, 1, 2]}
    )
    assert [one["refused"] for one in answer["heard"]] == [None] * 3
    assert all(one["first_ms"] > 0 for one in answer["heard"])


async def test_a_cancel_is_timed_and_the_next_utterance_is_heard(server: ServerProcess) -> None:
    answer = await cancel(
        {
            "url": server.stream,
            "pid": server.process.pid,
            "seed": 3,
            "settle_s": 0.05,
            "idle_s": 0.05,
            "before": ["Hello."],
            "texts": [f"{TEXT} {TEXT} {number}." for number in range(3)],
            "after": ["Hello again."],
        }
    )
    assert [one["chunks"] > 0 for one in answer["before"] + answer["after"]] == [True, True]
    assert len(answer["cycles"]) == 3
    assert all(one["interrupted_ms"] > 0 for one in answer["cycles"])


async def test_a_cancel_that_came_after_the_end_is_not_waited_for_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Session.send

    async def held_up(session: Session, message: ClientMessage) -> None:
        if isinstance(message, Interrupt):
            await asyncio.sleep(0.1)
        await send(session, message)

    monkeypatch.setattr(Session, "send", held_up)
    common = {"pid": os.getpid(), "seed": 3, "settle_s": 0, "idle_s": 0}
    async with serving(tmp_path) as (_, _, url, _), asyncio.timeout(60):
        answer = await cancel(
            {**common, "url": url, "before": [], "texts": ["Hello.", "Bye."], "after": ["Hi."]}
        )
    assert all(one["interrupted_ms"] > 0 for one in answer["cycles"])
    assert answer["after"][0]["chunks"] > 0


async def test_a_server_that_is_not_there_is_a_failure_of_the_listener() -> None:
    answer = await listen(
        {
            "kind": "lipwire",
            "url": "ws://127.0.0.1:1/v1/stream",
            "lead_ms": 3_000,
            "listeners": [{"at_s": 0, "seconds": 1.0, "seed": 0, "texts": [TEXT]}],
        }
    )
    (one,) = answer["heard"]
    assert one["failed"].startswith("ConnectionRefusedError")
    assert one["first_ms"] is None
    with pytest.raises(KeyError):
        await listen({"listeners": [{"at_s": 0}]})
