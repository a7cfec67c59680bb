from dataclasses import replace
from pathlib import Path

from lipwire_server.face.cast import Cast
from lipwire_server.face.emotions import NAMES
from tests.server.http.client import asking, house
from tests.tiny_avatar import NAME, SIZE


async def test_the_faces_are_listed(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        answer = await client.get("/v1/faces")
    assert answer.json() == {
        "default": NAME,
        "emotions": list(NAMES),
        "faces": [{"name": NAME, "title": NAME, "size": SIZE}],
    }


async def test_a_face_is_shown_to_people_under_its_title(tmp_path: Path) -> None:
    untitled = house(tmp_path)
    cast = Cast("bolt", {"bolt": 512}, {"bolt": "Bolt the Robot"})
    async with asking(replace(untitled, host=replace(untitled.host, cast=cast))) as client:
        answer = await client.get("/v1/faces")
    assert answer.json()["faces"] == [{"name": "bolt", "title": "Bolt the Robot", "size": 512}]
