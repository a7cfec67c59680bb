"""docs/faults.md names tests that there are."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "faults.md").read_text("utf-8")
NAME = re.compile(r"`((?:adversity|integration|protocol|server)/[\w/]+)?(?:::(\w+))?`")


def named() -> list[tuple[str, str]]:
    """Every file and test; `::test` alone is one of the file before it."""
    found, file = [], ""
    for path, test in NAME.findall(PAGE):
        file = path or file
        if path or test:  # Else it is the fence of a block.
            found.append((file, test))
    return found


@pytest.mark.parametrize(("file", "test"), named(), ids=lambda part: part)
def test_a_test_that_is_named_is_there(file: str, test: str) -> None:
    folder, _, name = file.rpartition("/")
    path = TESTS / folder / f"test_{name}.py"
    assert f"def test_{test}" in path.read_text("utf-8")


def test_every_row_of_the_plan_has_its_line() -> None:
    listed = [
        int(number)
        for row in re.findall(r"^\| ([\d, ]+) ·", PAGE, re.M)
        for number in row.split(",")
    ]
    assert sorted(listed) == [*range(1, 53)]
