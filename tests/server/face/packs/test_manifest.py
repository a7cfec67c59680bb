import re
from pathlib import Path

import msgspec
import pytest

from lipwire_server.face.emotions import NAMES
from lipwire_server.face.packs.checking import OPTIONAL, REQUIRED
from lipwire_server.face.packs.conventions import Convention
from lipwire_server.face.packs.manifest import (
    Follow,
    Image,
    Layer,
    Manifest,
    Motion,
    Mouth,
    MouthSet,
    Shows,
    View,
)

DOCS = (Path(__file__).parents[4] / "docs" / "avatars.md").read_text("utf-8")
STRUCTS: dict[str, type[msgspec.Struct]] = {
    "The whole": Manifest,
    "A layer": Layer,
    "An image": Image,
    "The mouth": Mouth,
    "A view": View,
    "The motion": Motion,
}


def rows(heading: str) -> dict[str, list[str]]:
    """Of the first table below a heading: the other cells by the first one."""
    part = re.split(r"\n#+ ", DOCS.split(f" {heading}\n", 1)[1])[0]
    table = part.strip().split("\n\n")
    lines = next(block for block in table if block.startswith("|")).splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first.strip("`"): rest for first, *rest in cells}


@pytest.mark.parametrize("heading", STRUCTS)
def test_the_page_tells_every_field_and_no_other(heading: str) -> None:
    fields = msgspec.structs.fields(STRUCTS[heading])
    told = rows(heading)
    assert [*told] == [field.name for field in fields]
    for field in fields:
        assert (told[field.name][0] == "required") == field.required, field.name


@pytest.mark.parametrize("heading", STRUCTS)
def test_the_page_tells_what_holds_without_a_field(heading: str) -> None:
    told = rows(heading)
    for field in msgspec.structs.fields(STRUCTS[heading]):
        default = field.default
        if isinstance(default, (int, float)):
            default = f"{default:g}"
        if isinstance(default, str):
            assert told[field.name][0].strip("`") == (default or "none"), field.name


def test_the_page_tells_every_choice() -> None:
    for names in (Follow, Shows, MouthSet, NAMES, Convention):
        for name in names:
            assert f"`{name}`" in DOCS


def test_the_page_tells_the_shapes_of_every_set() -> None:
    part = DOCS.split("| Set |", 1)[1].split("\n\n")[0]
    lines = {line.split("`")[1]: line.split("|")[2:4] for line in part.splitlines()[2:]}
    for of, required in REQUIRED.items():
        must, may = lines[of]
        assert must.split() == [*required]
        told = dict(re.findall(r"([\w, ]+) \(else (\w+)\)", may))
        told = {n.strip(): other for names, other in told.items() for n in names.split(",")}
        assert {k: v for k, v in told.items() if k} == OPTIONAL[of]
