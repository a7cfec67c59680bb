import re

from lipwire_server.load.document import document
from lipwire_server.load.page import page
from lipwire_server.load.thresholds import judge, read_thresholds
from tests.server.load.results import BEGAN, SECRET, TEXT, result


def shown(*, well: bool, cpu_s: float = 1.0) -> str:
    ran = result(well=well, cpu_s=cpu_s)
    return page(document(ran, judge(read_thresholds([]), ran.tally), BEGAN), ran.tally)


def test_a_page_needs_nothing_from_elsewhere() -> None:
    text = shown(well=False)
    assert not re.search(r"<(script|link|img|iframe)|@import|url\(|src=|https?:", text)
    assert "prefers-color-scheme: dark" in text


def test_a_page_shows_what_was_measured() -> None:
    text = shown(well=True)
    assert ">passed<" in text
    assert "309 ms" in text
    assert "01 March 2026, 14:30 UTC. 10 sockets (9 speaker, 1 dropper)" in text
    for title in ("Sockets", "First sound over time", "First sound<", "Later than the first"):
        assert f"<h2>{title}" in text
    for title in ("Gaps", "Faults", "Refused", "Lost"):
        assert f"<h2>{title}" not in text


def test_a_page_shows_what_went_wrong() -> None:
    text = shown(well=False)
    assert ">thresholds broken<" in text
    for title in ("Gaps so far", "Faults", "Refused", "Lost"):
        assert f"<h2>{title}" in text
    assert '<tr class="off"><td>broken if gaps&gt;0</td><td>1</td>' in text


def test_a_page_says_why_its_figures_are_doubtful() -> None:
    assert "doubts" not in shown(well=True).split("</style>")[1]
    assert "The load test took 95% of a core" in shown(well=True, cpu_s=9.5)


def test_what_came_from_outside_is_text_and_neither_key_nor_script_is_there() -> None:
    text = shown(well=False)
    assert "&lt;script&gt;alert(1)" in text
    assert SECRET not in text
    assert TEXT not in text
