"""Clients that bear a busy machine: they ask again, and are cut off where they mean to be."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from lipwire_client import ResumePoint, Session, connect
from lipwire_protocol import (
    Chunk,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    Played,
    ServerMessage,
    Warning,
    Watch,
)

__all__ = [
    "TO_BE_CUT",
    "complaints",
    "patient_client",
    "patient_connect",
    "patient_sync_client",
    "reporting",
]

TO_BE_CUT = Hello(flow=Flow(mode=FlowMode.PLAYED, lead_ms=1_000))
"""For who is cut off in the middle: without reports no more comes than this, however long the cut
takes, or what occasions it. In another mode all of it may have come by then."""
_TIMES = 20


class _Patient(httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(_TIMES):
            response = await super().handle_async_request(request)
            again_s = response.headers.get("retry-after")
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or again_s is None:
                break
            await response.aclose()
            await asyncio.sleep(float(again_s))
        return response


def patient_client(url: str) -> httpx.AsyncClient:
    """For tests of something else: four of them at once may starve a database for seconds."""
    return httpx.AsyncClient(base_url=url, timeout=60, transport=_Patient())


class _PatientSync(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(_TIMES):
            response = super().handle_request(request)
            again_s = response.headers.get("retry-after")
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or again_s is None:
                break
            response.close()
            time.sleep(float(again_s))
        return response


def patient_sync_client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, transport=_PatientSync())


@asynccontextmanager
async def patient_connect(
    url: str, *, resume: ResumePoint | None = None, watch: Watch | None = None
) -> AsyncIterator[Session]:
    """As `connect`, for what has to be read from the database first."""
    async with AsyncExitStack() as stack:
        for left in reversed(range(_TIMES)):
            try:
                session = await stack.enter_async_context(connect(url, resume=resume, watch=watch))
                break
            except LipwireError as error:
                if error.code is not ErrorCode.STORAGE_UNAVAILABLE or not left:
                    raise
                await asyncio.sleep((error.retry_after_ms or 1_000) / 1_000)
        yield session


@asynccontextmanager
async def reporting(session: Session) -> AsyncIterator[Callable[[ServerMessage], None]]:
    """An `on_message` that reports what comes as played, by which flow `played` goes on."""
    async with asyncio.TaskGroup() as reports:

        def report(message: ServerMessage) -> None:
            if isinstance(message, Chunk):
                heard = Played(utterance=message.utterance, sample=message.start + message.count)
                reports.create_task(session.send(heard))

        yield report


def complaints(told: Iterable[ServerMessage]) -> list[Warning]:
    """Warnings, but for the one that a database does not answer at the moment."""
    warnings = [message for message in told if isinstance(message, Warning)]
    return [each for each in warnings if each.code != ErrorCode.STORAGE_UNAVAILABLE]
