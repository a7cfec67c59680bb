import json
from typing import Any

import pytest

from lipwire_protocol import ErrorCode
from lipwire_server.http.openapi import openapi
from lipwire_server.http.paging import Page
from lipwire_server.http.rest import Operation
from tests.server.http.toys import NewToy, Toy, ToyQuery, operation


def document(*rows: Operation) -> dict[str, Any]:
    return openapi(rows, version="1.2", tags={"toys": "To play with."})


def only(row: Operation) -> dict[str, Any]:
    made: dict[str, Any] = document(row)["paths"][row.path][row.method.lower()]
    return made


def test_the_document_is_openapi_and_json() -> None:
    made = document(operation(), operation("POST", body=NewToy, answer=None))
    assert made["openapi"] == "3.1.0"
    assert made["info"]["version"] == "1.2"
    assert made["tags"] == [{"name": "toys", "description": "To play with."}]
    assert set(made["paths"]["/toys"]) == {"get", "post"}
    assert set(made["components"]["schemas"]) == {"Problem", "ErrorCode", "Toy", "NewToy"}
    json.dumps(made)


def test_every_reference_leads_somewhere() -> None:
    made = document(operation("POST", body=NewToy, also={503: Toy}, query=ToyQuery))
    references = [part.split('"')[0] for part in json.dumps(made).split('"$ref": "')[1:]]
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in made["components"]["schemas"]


def test_lists_have_a_name_that_reads_well() -> None:
    row = operation(answer=Page[Toy])
    assert "PageOfToy" in document(row)["components"]["schemas"]
    shown = only(row)["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"$ref": "#/components/schemas/PageOfToy"}


def test_ids_and_keys_of_the_path_are_described() -> None:
    made = only(operation(path="/toys/{id}/{key}", keys={"key": "[a-z]+"}))
    id, key = made["parameters"]
    assert (id["in"], id["required"], id["schema"]["format"]) == ("path", True, "uuid")
    assert key["schema"]["pattern"] == "^[a-z]+$"
    assert made["operationId"] == "get_toys_id_key"


def test_parameters_are_what_the_query_declares() -> None:
    count, name = only(operation(query=ToyQuery))["parameters"]
    assert count["schema"] == {"type": "integer", "minimum": 1, "maximum": 9, "default": 3}
    assert not count["required"]
    assert name["schema"] == {"type": "string"}


def test_a_body_is_required_and_has_its_type() -> None:
    body = only(operation("POST", body=NewToy))["requestBody"]
    assert body["required"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewToy"}
    assert (
        "application/merge-patch+json"
        in only(operation("PATCH", body=NewToy))["requestBody"]["content"]
    )
    assert set(only(operation("POST", takes=("image/png",)))["requestBody"]["content"]) == {
        "image/png"
    }


@pytest.mark.parametrize(
    ("row", "statuses"),
    [
        (operation(is_open=True), {"200", "400"}),
        (operation(), {"200", "400", "401", "403", "503"}),
        (operation(is_open=True, tagged=True), {"200", "304", "400"}),
        (operation("DELETE", is_open=True, answer=None), {"204", "400"}),
        (
            operation("POST", is_open=True, status=201, errors=(ErrorCode.CONFLICT,)),
            {"201", "400", "409"},
        ),
        (operation(is_open=True, answer=None, gives=("image/png",)), {"200", "400"}),
        (operation(is_open=True, also={503: Toy}), {"200", "400", "503"}),
    ],
)
def test_every_status_that_can_come_is_there(row: Operation, statuses: set[str]) -> None:
    assert set(only(row)["responses"]) == statuses


def test_files_can_be_given_beside_json() -> None:
    content = only(operation(gives=("text/csv",)))["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/csv"}


def test_headers_that_tell_something_are_there() -> None:
    made = only(operation("POST", status=201, tagged=True))
    assert set(made["responses"]["201"]["headers"]) == {"Location", "ETag"}
    (condition,) = made["parameters"]
    assert (condition["name"], condition["in"]) == ("If-Match", "header")
    (condition,) = only(operation(tagged=True))["parameters"]
    assert condition["name"] == "If-None-Match"
    away = only(operation(errors=(ErrorCode.STORAGE_UNAVAILABLE,)))["responses"]["503"]
    assert set(away["headers"]) == {"Retry-After"}
