"""The load generator against a real server: a few sockets only."""

import pytest

from benches.workers.load import ask_at_once, cancel, listen
from tests.server_process import ServerProcess

TEXT = "Glue the sheet to the dark blue background."


async def test_a_listener_hears_a_server_in_real_time(server: ServerProcess) -> None:
    answer = await listen(
        {
            "kind": "lipwire",
            "url": server.stream,
            "lead_ms": 3_000,
            "listeners": [
                {"at_s": 0.1 * n, "seconds": 1.0, "seed": n, "texts": [TEXT]} for n in range(2)
            ],
        }
    )
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
