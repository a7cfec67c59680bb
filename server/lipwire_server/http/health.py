"""`/healthz`: the process lives. `/readyz`: it does all that it should."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse

from ..store.storage import Storage

__all__ = ["healthz", "readyz"]


async def healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def readyz(storage: Storage, connections: Callable[[], int]) -> Callable[[Request], JSONResponse]:
    """503 and the reason while sessions are not stored: the server speaks all the same."""

    def endpoint(request: Request) -> JSONResponse:
        fault, recorder = storage.fault, storage.recorder.state
        body = {
            "status": "ready" if fault is None else "degraded",
            "speech": {"status": "ready", "connections": connections()},
            "storage": {
                "status": "ready" if fault is None else "unavailable",
                "reason": fault,
                "waiting": recorder.waiting,
                "refused": recorder.refused,
            },
        }
        return JSONResponse(body, status_code=200 if fault is None else 503)

    return endpoint
