import pytest
from tests.vectors import load

from lipwire_protocol.visemes import SETS, WEIGHT_SETS, Oculus


def test_names_and_numbers_agree() -> None:
    assert [name.upper() for name in SETS["oculus"]] == [viseme.name for viseme in Oculus]
    assert [int(viseme) for viseme in Oculus] == list(range(15))


def test_the_javascript_client_has_the_same_names() -> None:
    assert load("visemes") == {name: list(shapes) for name, shapes in SETS.items()}
    assert load("weights") == {name: list(shapes) for name, shapes in WEIGHT_SETS.items()}


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("oculus", 15),
        ("azure", 22),
        ("mpeg4", 15),
        ("rhubarb", 9),
        ("preston_blair", 10),
        ("polly", 19),
    ],
)
def test_a_set_of_events_has_a_name_for_each_of_its_shapes(name: str, count: int) -> None:
    assert len(SETS[name]) == len(set(SETS[name])) == count
    assert len(SETS) == 6


@pytest.mark.parametrize(
    ("name", "count"), [("oculus", 15), ("arkit", 52), ("vrm", 5), ("live2d", 2)]
)
def test_a_set_of_weights_has_a_name_for_each_of_its_bytes(name: str, count: int) -> None:
    assert len(WEIGHT_SETS[name]) == len(set(WEIGHT_SETS[name])) == count
    assert len(WEIGHT_SETS) == 4
    assert WEIGHT_SETS["oculus"] == SETS["oculus"]
