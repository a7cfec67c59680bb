"""`/healthz`: the process lives. `/readyz`: it does all that it should."""

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import Struct
from starlette.responses import Response

from ..store.storage import Storage
from .bodies import JSON
from .rest import Call, Operation

__all__ = ["Health", "Readiness", "operations"]


class Health(Struct, kw_only=True, frozen=True):
    status: Literal["ok"] = "ok"


class SpeechHealth(Struct, kw_only=True, frozen=True):
    status: Literal["ready"] = "ready"
    connections: int


class StorageHealth(Struct, kw_only=True, frozen=True):
    status: Literal["ready", "unavailable"]
    reason: str | None
    waiting: int
    """Records that wait in memory to be written."""
    waiting_bytes: int
    spooled: int
    """Records that wait on disk, where they are safe."""
    spooled_bytes: int
    refused: int


class Readiness(Struct, kw_only=True, frozen=True):
    status: Literal["ready", "degraded"]
    speech: SpeechHealth
    storage: StorageHealth


def operations(storage: Storage, connections: Callable[[], int]) -> list[Operation]:
    async def healthz(call: Call) -> Health:
        return Health()

    async def readyz(call: Call) -> Response:
        readiness = _readiness(storage, connections())
        status = 200 if readiness.status == "ready" else 503
        return Response(msgspec.json.encode(readiness), status, media_type=JSON)

    return [
        Operation(
            method="GET",
            path="/healthz",
            is_open=True,
            summary="Whether the process lives",
            tag="health",
            handler=healthz,
            answer=Health,
        ),
        Operation(
            method="GET",
            path="/readyz",
            is_open=True,
            summary="Whether it does all that it should",
            tag="health",
            handler=readyz,
            description="503 and the reason while nothing is stored: it speaks all the same.",
            answer=Readiness,
            also={503: Readiness},
        ),
    ]


def _readiness(storage: Storage, connections: int) -> Readiness:
    fault, recorder = storage.fault, storage.recorder.state
    return Readiness(
        status="ready" if fault is None else "degraded",
        speech=SpeechHealth(connections=connections),
        storage=StorageHealth(
            status="ready" if fault is None else "unavailable",
            reason=fault,
            waiting=recorder.waiting,
            waiting_bytes=recorder.waiting_bytes,
            spooled=recorder.spooled,
            spooled_bytes=recorder.spooled_bytes,
            refused=recorder.refused,
        ),
    )
