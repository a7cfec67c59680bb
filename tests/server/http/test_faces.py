from pathlib import Path

from lipwire_server.face.emotions import NAMES
from tests.server.http.client import asking, house
from tests.tiny_avatar import NAME, SIZE


async def test_the_faces_are_listed(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        answer = await client.get("/v1/faces")
    assert answer.json() == {
        "default": NAME,
        "emotions": list(NAMES),
        "faces": [{"name": NAME, "size": SIZE}],
    }
