"""RFC 6455, case by case: the cases of the Autobahn test suite against the server's own sockets."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from tests.server.http.client import house as quiet_house

from lipwire_server.config import Settings
from lipwire_server.serving import _configuration, listen

kosoku = pytest.importorskip("kosoku", reason="it has the cases, and is in the group `dev`")

PATIENCE_S = 30
"""In place of the second after which most cases hang up: a busy machine stands still for longer."""


class Patient:
    """The connection of a case, which waits for what it expects."""

    def __init__(self, connection: Any, case: Any) -> None:
        self.__dict__.update(connection=connection, case=case)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.connection, name, value)

    def killAfter(self, seconds: float) -> None:
        self.connection.killAfter(max(seconds, PATIENCE_S))

    def closeAfter(self, seconds: float) -> None:
        """Who expects nothing waits that long for it; others close when it has come."""
        is_answered = any(self.case.expected.values())
        self.connection.closeAfter(PATIENCE_S if is_answered else seconds)


@pytest.fixture(autouse=True)
def patient_cases(_no_traces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from kosoku._caseindex import initialize_shims

    initialize_shims()
    case = import_module("case").Case
    begin = case.__init__
    monkeypatch.setattr(case, "__init__", lambda self, p: begin(self, Patient(p, self)))


@pytest.fixture(scope="module", autouse=True)
def _no_traces() -> Iterator[None]:
    """The cases bring a `pkg_resources` along, which pytest would take for the real one."""
    path = list(sys.path)
    yield
    sys.path[:] = path
    sys.modules.pop("pkg_resources", None)


CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
"""Not 9, messages of up to 16 MiB, of which a server takes 64 KiB; nor 12 and 13, compression,
which it does not agree to."""

PASSED = {"OK", "NON-STRICT", "INFORMATIONAL"}
"""Non-strict: text that is none is refused when the message is whole, not at its first byte."""

UVICORN_FAILS = {
    # A close frame in the middle of a message in fragments is answered with 1002 instead of 1000.
    "7.1.5",
}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says everything again, on a socket like those of `/v1/stream`."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        data = {key: event[key] for key in ("bytes", "text") if event.get(key) is not None}
        await send({"type": "websocket.send", **data})


@asynccontextmanager
async def echoing(folder: Path) -> AsyncIterator[str]:
    """The server as `lipwire serve` configures it, but for what answers; and its address."""
    config = _configuration(Settings(data=folder), quiet_house(folder))
    config.app = echo
    server, listener = uvicorn.Server(config), listen("127.0.0.1", 0)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[listener]))
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True


async def test_a_socket_does_what_the_standard_says_but_where_uvicorn_does_not(
    tmp_path: Path,
) -> None:
    async with echoing(tmp_path) as url:
        with pytest.raises(kosoku.FailureError) as failure:
            await kosoku.run_fuzzingclient(url, cases=CASES)
    results = failure.value.results
    assert len(results) > 200
    failed = {
        case.case_id
        for case in results
        if case.behavior.value not in PASSED or case.behavior_close.value not in PASSED
    }
    assert failed == UVICORN_FAILS
