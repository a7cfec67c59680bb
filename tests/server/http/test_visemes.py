from pathlib import Path

from lipwire_protocol import SETS, WEIGHT_SETS
from tests.server.http.client import asking, house


async def test_the_sets_are_told_with_the_table_from_sounds_to_shapes(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        answer = await client.get("/v1/visemes")
    assert answer.status_code == 200
    told = answer.json()
    assert told["sets"] == {name: list(shapes) for name, shapes in SETS.items()}
    assert told["weight_sets"] == {name: list(shapes) for name, shapes in WEIGHT_SETS.items()}
    assert told["symbols"]["p"]["oculus"] == ["PP"]
    assert told["symbols"]["f"]["preston_blair"] == ["FV"]
    assert len(told["symbols"]["aɪ"]["oculus"]) == 2
    assert len(told["symbols"]) > 100
    for shapes in told["symbols"].values():
        assert all(set(names) <= set(SETS[of]) for of, names in shapes.items())
        assert set(shapes) == set(SETS)
    assert all(shape in SETS[name] for name, shape in told["rest"].items())
