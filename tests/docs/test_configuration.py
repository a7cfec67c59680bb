"""docs/configuration.md lists every setting, as it is."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from lipwire_server.config import NUMBERS, VARIABLES, Settings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
TABLE = {row[0]: row[1:] for row in ROW.findall(PAGE.read_text())}


def test_every_setting_is_on_the_page_and_nothing_else() -> None:
    assert set(TABLE) == set(VARIABLES.values())


@pytest.mark.parametrize("name", VARIABLES)
def test_defaults_are_those_of_the_code(name: str) -> None:
    (default,) = [field.default for field in fields(Settings) if field.name == name]
    shown = TABLE[VARIABLES[name]][0]
    if default is not None and default is not MISSING:
        assert shown == f"`{default}`"
    else:
        assert not shown.startswith("`") or " or " in shown


@pytest.mark.parametrize("name", NUMBERS)
def test_bounds_are_those_of_the_code(name: str) -> None:
    low, high = NUMBERS[name]
    assert TABLE[VARIABLES[name]][1] == f"{low}..{high}"
