import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.http.callers import for_caller

pytestmark = pytest.mark.virtual_time


class Caller:
    """Hangs up after so many seconds."""

    def __init__(self, patience_s: float) -> None:
        self.patience_s = patience_s
        self.request = Request({"type": "http", "method": "POST"}, self._receive)

    async def _receive(self) -> dict[str, Any]:
        await asyncio.sleep(self.patience_s)
        return {"type": "http.disconnect"}


class Work:
    """Takes so many seconds."""

    def __init__(self, seconds: float, error: Exception | None = None) -> None:
        self.seconds = seconds
        self.error = error
        self.was_cancelled = False

    async def __call__(self) -> str:
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        if self.error is not None:
            raise self.error
        return "done"


async def test_whoever_waits_gets_the_result_and_is_not_watched_any_more() -> None:
    before = asyncio.all_tasks()
    assert await for_caller(Caller(1_000).request, Work(5)(), within_s=10) == "done"
    assert asyncio.all_tasks() == before


async def test_for_somebody_who_hangs_up_nothing_is_done_any_more() -> None:
    work = Work(5)
    with pytest.raises(ClientDisconnect):
        await for_caller(Caller(1).request, work(), within_s=10)
    assert work.was_cancelled


async def test_what_takes_too_long_is_given_up_and_he_is_told_when_to_come_back() -> None:
    work = Work(50)
    with pytest.raises(LipwireError, match="longer than 10 s") as caught:
        await for_caller(Caller(1_000).request, work(), within_s=10)
    assert caught.value.code is ErrorCode.OVERLOADED
    assert caught.value.retry_after_ms is not None
    assert work.was_cancelled


@pytest.mark.parametrize(
    "error",
    [
        LipwireError(ErrorCode.EMPTY_TEXT, "nothing"),
        ExceptionGroup("a", [ExceptionGroup("b", [LipwireError(ErrorCode.EMPTY_TEXT, "nothing")])]),
    ],
    ids=["alone", "in groups"],
)
async def test_what_goes_wrong_is_raised_as_it_is(error: Exception) -> None:
    with pytest.raises(LipwireError, match="nothing"):
        await for_caller(Caller(1_000).request, Work(1, error)(), within_s=10)


async def test_a_time_out_within_the_work_is_not_the_callers() -> None:
    with pytest.raises(TimeoutError):
        await for_caller(Caller(1_000).request, Work(1, TimeoutError())(), within_s=10)
