"""What holds for every bench."""

from pathlib import Path

import pytest

from benches.bench import Bench
from benches.catalog import BENCHES
from benches.workshop import SYSTEMS
from tests.scripts.fake_lab import FakeLab

PAGE = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()
every_bench = pytest.mark.parametrize("bench", BENCHES.values(), ids=list(BENCHES))


@every_bench
def test_its_json_has_the_keys_that_it_documents_also_when_everything_is_missing(
    bench: Bench,
) -> None:
    outcome = bench.run(FakeLab(answers={}, servers=()))
    assert list(outcome.figures) == [figure.key for figure in bench.figures]
    assert set(outcome.figures.values()) == {None}


@every_bench
def test_the_page_about_benchmarks_names_it_and_all_its_figures(bench: Bench) -> None:
    assert f"## `{bench.name}`" in PAGE
    for figure in bench.figures:
        assert f"`{figure.key}`" in PAGE, figure.key


@every_bench
def test_it_says_what_it_measures_and_how_to_read_it(bench: Bench) -> None:
    assert len(bench.definition) > 300
    assert all(figure.meaning for figure in bench.figures)
    assert bench.rounds > 0


def test_every_system_has_a_program() -> None:
    workers = Path(__file__).parents[2] / "scripts" / "benches" / "workers"
    assert {f"{system.module}.py" for system in SYSTEMS.values()} <= {
        path.name for path in workers.iterdir()
    }
