from tests.vectors import load

from lipwire_protocol import SETS, Oculus


def test_names_and_numbers_agree() -> None:
    assert [name.upper() for name in SETS["oculus"]] == [viseme.name for viseme in Oculus]
    assert [int(viseme) for viseme in Oculus] == list(range(15))


def test_the_javascript_client_has_the_same_names() -> None:
    assert load("visemes") == {name: list(shapes) for name, shapes in SETS.items()}
