from pathlib import Path

from tests.server.http.client import asking, house


async def test_the_voices_are_listed(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        answer = await client.get("/v1/voices")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "default": "fake",
        "voices": [
            {
                "name": "fake",
                "language": "en-US",
                "sample_rate": 8_000,
                "speakers": [],
                "sets": ["oculus", "azure", "mpeg4", "rhubarb", "preston_blair", "polly"],
                "weight_sets": ["oculus", "arkit", "vrm", "live2d"],
            }
        ],
    }
