import io
import json
from typing import Any

from rich.console import Console

from benches.bench import Bench, Figure, Outcome, Table
from benches.report import as_json, show

MACHINE: dict[str, Any] = {"cpu": "A processor", "cores": 2, "load_before": 0.1}
OUTCOME = Outcome(
    figures={"ratio": 0.25, "count": None},
    tables=(Table("by system", ("system", "ms"), (("ours", "12"),)),),
    samples=[{"round": 1, "ms": 12.0}],
)
BENCH = Bench(
    name="demo",
    summary="a demonstration",
    definition="What exactly is measured.",
    figures=(Figure("ratio", "x", "below 1 is better"), Figure("count", "", "how many")),
    rounds=3,
    quick_rounds=None,
    run=lambda lab: OUTCOME,
)


def report(*, raw: bool) -> dict[str, Any]:
    return as_json(
        BENCH,
        OUTCOME,
        rounds=3,
        machine=MACHINE,
        missing={"peer": "no wheels"},
        about={"ours": {"threads": 1}},
        raw=raw,
    )


def test_figures_lie_on_top_of_the_json_and_what_is_unknown_is_null() -> None:
    made = json.loads(json.dumps(report(raw=False)))
    assert (made["bench"], made["ratio"], made["count"]) == ("demo", 0.25, None)
    assert made["missing"] == {"peer": "no wheels"}
    assert made["machine"]["cpu"] == "A processor"
    assert made["systems"]["ours"]["threads"] == 1


def test_samples_are_in_the_json_when_they_are_asked_for() -> None:
    assert "samples" not in report(raw=False)
    assert report(raw=True)["samples"] == [{"round": 1, "ms": 12.0}]


def test_the_table_says_how_to_read_each_figure_and_what_is_missing() -> None:
    text = io.StringIO()
    outcome = Outcome(
        figures=OUTCOME.figures, tables=OUTCOME.tables, warnings=["the machine was busy"]
    )
    show(
        Console(file=text, width=100),
        BENCH,
        outcome,
        machine=MACHINE,
        missing={"peer": "no wheels"},
    )
    shown = text.getvalue()
    for expected in (
        "0.25 x", "below 1 is better", "by system", "missing: peer: no wheels",
        "warning: the machine was busy", "A processor", "--explain",
    ):  # fmt: skip
        assert expected in shown
