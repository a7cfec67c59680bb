"""The whole surface of a server, as its document and its page tell of it."""

from pathlib import Path

import pytest

from lipwire_server.http.surface import TAGS, surface
from tests.server.http.client import asking, house
from tests.server.http.toys import operation


async def test_the_document_and_the_page_are_served(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        document = await client.get("/v1/openapi.json")
        page = await client.get("/v1/docs")
        style = await client.get("/v1/docs.css")
    assert document.headers["content-type"] == "application/json"
    assert document.json()["openapi"] == "3.1.0"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert style.headers["content-type"].startswith("text/css")
    assert "/v1/sessions/{id}/utterances" in page.text


async def test_every_documented_operation_answers(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        document = (await client.get("/v1/openapi.json")).json()
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                answer = await client.request(method, path.replace("{", "").replace("}", ""))
                assert answer.status_code != 405, path
                assert str(answer.status_code) in operation["responses"], path


async def test_every_group_is_explained(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        document = (await client.get("/v1/openapi.json")).json()
    named = [tag["name"] for tag in document["tags"]]
    used = {
        tag for path in document["paths"].values() for row in path.values() for tag in row["tags"]
    }
    assert set(named) == used
    assert named == [name for name in TAGS if name in used]


def test_an_operation_of_no_known_group_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="toys"):
        surface([operation()], "1.2")


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nothing", "/v1/sessions/", "/v1//sessions", "/v1/sessions/a/b/c"]
)
async def test_elsewhere_is_nothing(tmp_path: Path, path: str) -> None:
    async with asking(house(tmp_path)) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_without_a_database_what_is_stored_is_away_for_a_moment(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        for path in ("/v1/sessions", "/v1/config", "/v1/config/a"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
            assert answer.headers["retry-after"] == "2"
        for path in ("/v1/voices", "/v1/visemes", "/v1/stats"):
            assert (await client.get(path)).status_code == 200
