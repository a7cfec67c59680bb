"""What the table makes of requests, seen through toy operations."""

import logging
from uuid import UUID

import pytest
from starlette.responses import PlainTextResponse

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.http.rest import Call, Operation, Tagged, routes
from tests.server.http.toys import NewToy, Toy, ToyQuery, asking, operation

ID = "01890a5d-ac96-774b-bcce-b302099a8057"


async def test_an_answer_is_json_that_nobody_else_keeps() -> None:
    async with asking(operation()) as client:
        answer = await client.get("/toys")
    assert (answer.status_code, answer.json()) == (200, {"name": "ball"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_head_is_get_without_its_body() -> None:
    async with asking(operation()) as client:
        full, head = await client.get("/toys"), await client.head("/toys")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == full.headers


async def test_what_cannot_be_done_at_an_address_says_what_can() -> None:
    async with asking(operation(), operation("DELETE")) as client:
        answer = await client.put("/toys")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, HEAD"
    assert answer.json()["code"] == "method_not_allowed"


async def test_where_nothing_is_there_is_a_problem() -> None:
    async with asking(operation()) as client:
        answer = await client.get("/joys")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_handler_gets_its_parameters_decoded() -> None:
    seen: list[Call] = []

    async def handler(call: Call) -> None:
        seen.append(call)

    row = operation("POST", "/toys/{id}", handler=handler, query=ToyQuery, body=NewToy, answer=None)
    async with asking(row) as client:
        answer = await client.post(f"/toys/{ID}?count=5", json={"name": "kite"})
    assert (answer.status_code, answer.content) == (204, b"")
    (call,) = seen
    assert call.id() == UUID(ID)
    assert call.query == ToyQuery(count=5)
    assert call.body == NewToy(name="kite")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("count=0", "`$.count`"),
        ("count=x", "`$.count`"),
        ("count=99999999999999999999", "`$.count`"),
        ("cuont=1", "`cuont`"),
        ("count=1&count=2", "twice"),
        ("name=%00", "U+0000"),
    ],
)
async def test_parameters_that_cannot_be_are_named(query: str, told: str) -> None:
    async with asking(operation(query=ToyQuery)) as client:
        answer = await client.get(f"/toys?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")
    assert told in answer.json()["detail"]


async def test_an_operation_without_parameters_refuses_any() -> None:
    async with asking(operation()) as client:
        assert (await client.get("/toys?count=1")).status_code == 400


@pytest.mark.parametrize(
    "id",
    ["1", "x" * 36, ID[:-1], f"{{{ID}}}", ID.replace("-", ""), f"{ID}%00", f"{ID}%0A", "%E2%82%AC"],
)
async def test_what_cannot_be_an_id_is_nobodys(id: str) -> None:
    async with asking(operation(path="/toys/{id}")) as client:
        answer = await client.get(f"/toys/{id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await client.get(f"/toys/{ID.upper()}")).status_code == 200


async def test_a_key_of_the_path_has_a_pattern_of_its_own() -> None:
    async with asking(operation(path="/toys/{key}", keys={"key": "[a-z]+"})) as client:
        assert (await client.get("/toys/kite")).status_code == 200
        assert (await client.get("/toys/Kite")).status_code == 404


async def test_a_path_without_parameters_comes_before_one_with() -> None:
    rows = operation(path="/toys/{id}"), operation(path="/toys/all")
    async with asking(*rows) as client:
        assert (await client.get("/toys/all")).status_code == 200


async def test_what_is_made_is_told_with_where_it_is() -> None:
    async def handler(call: Call) -> Tagged:
        return Tagged(Toy("kite"), etag="1", location="/toys/1")

    row = operation("POST", handler=handler, status=201)
    async with asking(row) as client:
        answer = await client.post("/toys")
    assert (answer.status_code, answer.json()) == (201, {"name": "kite"})
    assert (answer.headers["location"], answer.headers["etag"]) == ("/toys/1", '"1"')


@pytest.mark.parametrize(
    ("tags", "status"),
    [('"7"', 304), ('W/"7"', 304), ('"6", "7"', 304), ("*", 304), ('"8"', 200), ("7", 400)],
)
async def test_what_somebody_has_is_not_sent_again(tags: str, status: int) -> None:
    async def handler(call: Call) -> Tagged:
        return Tagged(Toy("kite"), etag="7")

    async with asking(operation(handler=handler, tagged=True)) as client:
        answer = await client.get("/toys", headers={"if-none-match": tags})
    assert answer.status_code == status
    assert status == 400 or answer.headers["etag"] == '"7"'
    assert (answer.content == b"") == (status == 304)


async def test_a_handler_sees_which_version_is_meant() -> None:
    seen: list[frozenset[str] | None] = []

    async def handler(call: Call) -> None:
        seen.append(call.if_match)

    async with asking(operation("DELETE", handler=handler, answer=None)) as client:
        await client.delete("/toys")
        await client.delete("/toys", headers={"if-match": '"1", W/"2", "3"'})
        await client.delete("/toys", headers={"if-match": "*"})
    assert seen == [None, {"1", "3"}, {"*"}]


async def test_errors_of_a_handler_are_problems_that_say_when_to_come_back() -> None:
    async def handler(call: Call) -> None:
        raise LipwireError(ErrorCode.OVERLOADED, "no room", retry_after_ms=1_200)

    async with asking(operation(handler=handler)) as client:
        answer = await client.get("/toys")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_bug_is_logged_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(call: Call) -> None:
        raise RuntimeError("a secret")

    with caplog.at_level(logging.ERROR):
        async with asking(operation(handler=handler)) as client:
            answer = await client.get("/toys")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert "GET /toys failed" in caplog.text


async def test_a_response_of_the_handlers_own_goes_out_as_it_is() -> None:
    async def handler(call: Call) -> PlainTextResponse:
        return PlainTextResponse("hello", 202)

    async with asking(operation(handler=handler)) as client:
        answer = await client.get("/toys")
    assert (answer.status_code, answer.text) == (202, "hello")


def test_two_rows_cannot_be_the_same_operation() -> None:
    with pytest.raises(ValueError, match="/toys"):
        routes([operation(), operation()])


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (operation(is_open=True), {"bad_message"}),
        (operation(), {"bad_message", "unauthorized", "forbidden", "storage_unavailable"}),
        (operation(is_open=True, path="/toys/{id}"), {"bad_message", "not_found"}),
        (
            operation("POST", is_open=True, body=NewToy),
            {"bad_message", "message_limit", "unsupported_media", "idle"},
        ),
        (operation("PUT", is_open=True, tagged=True), {"bad_message", "precondition_failed"}),
        (operation(is_open=True, errors=(ErrorCode.CONFLICT,)), {"bad_message", "conflict"}),
    ],
)
def test_what_can_go_wrong_follows_from_the_row(row: Operation, codes: set[str]) -> None:
    assert set(row.all_errors) == codes
