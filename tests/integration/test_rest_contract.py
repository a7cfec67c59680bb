"""A real server is held to its own OpenAPI document: whatever it is sent, it answers as it says.

Every operation is sent what fits its document and what does not, at addresses of things that are
there and of things that are not. Nothing that is sent may end in a 5xx.
"""

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from PIL import Image
from prometheus_client import CollectorRegistry
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from tests.patience import patient_sync_client
from tests.server.http.client import house
from tests.server_process import ServerProcess, running_server
from tests.tiny_voice import NAME, write_tiny_voice

from lipwire_server.app import operations

_EXAMPLES = 8
"""Of each operation, that fit the document; and as many that do not."""

_REFUSED = ["400", "404", "405", "406", "409", "412", "413", "415", "422"]
_CONFIG: dict[str, Any] = {
    "checks": {
        "negative_data_rejection": {"expected-statuses": _REFUSED},
        # A cursor, a picture and a name that is free cannot be described so that any will do.
        "positive_data_acceptance": {"enabled": False},
    }
}
_SETTINGS = settings(
    max_examples=_EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True, slots=True)
class Api:
    url: str
    operations: dict[tuple[str, str], APIOperation[Any, Any, Any, Any]]
    log: list[str]


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """A server of its own: what is sent here would disturb others."""
    with tempfile.TemporaryDirectory() as folder:
        write_tiny_voice(Path(folder))
        with running_server({"LIPWIRE_VOICES": folder, "LIPWIRE_VOICE": NAME}) as server:
            yield _api(server)


def _api(server: ServerProcess) -> Api:
    schema = schemathesis.openapi.from_url(
        f"{server.url}/v1/openapi.json", config=schemathesis.Config.from_dict(_CONFIG)
    )
    rows = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    named = {(row.method.upper(), row.path): row for row in rows}
    return Api(server.url, named, server.log)


# What is there, so that it can be found


def _made(path: str, body: object) -> Any:
    def make(client: httpx.Client) -> str:
        answer = client.post(path, json=body)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    return make


def _named(path: str, **body: object) -> Any:
    return lambda client: _made(path, {"name": str(uuid4()), **body})(client)


def _speak(client: httpx.Client) -> dict[str, Any]:
    spoken: dict[str, Any] = client.post("/v1/lipsync", json={"text": "Hello."}).json()
    return spoken


def _upload(client: httpx.Client) -> str:
    with BytesIO() as file:
        Image.new("RGB", (8, 8), "red").save(file, "PNG")
        answer = client.post(
            "/v1/assets?filename=red.png",
            content=file.getvalue(),
            headers={"Content-Type": "image/png"},
        )
    return str(answer.json()["id"])


def _set(client: httpx.Client) -> str:
    client.put("/v1/config/key", json={"value": [1]}).raise_for_status()
    return "key"


def _render(client: httpx.Client) -> str:
    utterance = _speak(client)["utterance"]
    return str(_made("/v1/renders", {"utterance": utterance})(client))


_MAKERS: dict[str, Callable[[httpx.Client], str]] = {
    "sessions": _made("/v1/sessions", {"meta": {"user": "ida"}}),
    "avatars": _named("/v1/avatars"),
    "preset": _named("/v1/presets", settings={"emotion": "happy"}),
    "presets": _named("/v1/presets", settings={"emotion": "happy"}),
    "assets": _upload,
    "key": _set,
    "utterances": lambda client: str(_speak(client)["utterance"]),
    "audios": lambda client: str(_speak(client)["audio"]["id"]),
    "renders": _render,
}


def _there(client: httpx.Client, path: str) -> dict[str, str]:
    """Parameters of the path for something that is there, made anew."""
    names = re.findall(r"{(\w+)}", path)
    kinds = {name: path.split("/")[2] if name == "id" else name for name in names}
    return {name: _MAKERS[kind](client) for name, kind in kinds.items() if kind in _MAKERS}


# The contract


def _rows() -> list[tuple[str, str]]:
    """Every operation of a server."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            (row.method, row.path) for row in operations(house(Path(folder)), CollectorRegistry())
        ]


@pytest.mark.parametrize(("method", "path"), _rows())
def test_an_operation_answers_as_its_document_says(api: Api, method: str, path: str) -> None:
    operation = api.operations[method, path]
    with patient_sync_client(api.url) as client:
        there = _there(client, path)
    _hold(api, operation.as_strategy(generation_mode=GenerationMode.POSITIVE), there)
    _hold(api, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), {})


def _hold(api: Api, cases: st.SearchStrategy[Case[Any]], there: dict[str, str]) -> None:
    @_SETTINGS
    @given(cases, st.booleans())
    def check(case: Case[Any], is_there: bool) -> None:
        if is_there:
            case.path_parameters.update(there)
        case.validate_response(_answer(api, case))

    # What takes nothing cannot be sent anything that does not fit.
    with suppress(Unsatisfiable):
        check()


def _answer(api: Api, case: Case[Any]) -> Response:
    """What a machine that is busy with other tests puts off is asked again, as it says."""
    for _ in range(20):
        answer = case.call(base_url=api.url, timeout=60)
        if answer.status_code != 503 or "retry-after" not in answer.headers:
            break
        time.sleep(float(answer.headers["retry-after"][0]))
    return answer


def test_nothing_that_was_sent_is_a_bug(api: Api) -> None:
    assert not [line for line in api.log if "Traceback" in line or " failed" in line]
