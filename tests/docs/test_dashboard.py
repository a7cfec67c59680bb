"""docs/grafana.json draws what the server really tells."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from tests.server.http.client import house

from lipwire_server.app import operations
from lipwire_server.observe.meter import Meter

DOCS = Path(__file__).parents[2] / "docs"
BOARD = json.loads((DOCS / "grafana.json").read_text("utf-8"))
EXPRESSIONS = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
PAGE = (DOCS / "operations.md").read_text("utf-8")


@pytest.fixture
def told(tmp_path: Path) -> set[str]:
    registry = CollectorRegistry()
    Meter(registry)
    operations(house(tmp_path), registry)
    lines = generate_latest(registry).decode().splitlines()
    names = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    histograms = {line.split()[2] for line in lines if line.endswith(" histogram")}
    return names | {f"{name}_bucket" for name in histograms}


def test_every_panel_asks_for_something_that_is_told(told: set[str]) -> None:
    asked = set(re.findall(r"lipwire_\w+", " ".join(EXPRESSIONS)))
    assert len(asked) > 10
    assert asked - told == set()


def test_the_page_names_what_is_told(told: set[str]) -> None:
    named = set(re.findall(r"`(lipwire_\w+)`", PAGE))
    assert named and named - told == set()


def test_panels_lie_beside_each_other() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
