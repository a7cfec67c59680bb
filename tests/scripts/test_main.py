import json
from dataclasses import replace
from typing import Any

import pytest

from benches.__main__ import main
from benches.bench import Bench, Figure, Outcome
from benches.catalog import BENCHES
from benches.lab import Lab


def bench(run: Any = None) -> Bench:
    def fine(lab: Lab) -> Outcome:
        return Outcome(
            figures={"ratio": 0.5},
            samples=[{"round": number} for number in range(lab.rounds)],
            details={"seconds": lab.seconds},
        )

    return Bench(
        name="demo",
        summary="a demonstration",
        definition="Exactly this is measured.",
        figures=(Figure("ratio", "x", "below 1 is better"),),
        rounds=7,
        quick_rounds=2,
        run=run or fine,
    )


DEMO = {"demo": bench(), "slow": replace(bench(), name="slow", quick_rounds=None)}


def test_the_json_stands_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--json"], DEMO) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["bench"], report["ratio"], report["rounds"]) == ("demo", 0.5, 7)
    assert report["machine"]["cores"] >= 1
    assert "samples" not in report


def test_raw_samples_rounds_and_seconds_are_as_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["demo", "--raw", "--rounds", "3", "--seconds", "5"], DEMO) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["samples"] == [{"round": 0}, {"round": 1}, {"round": 2}]
    assert report["details"]["seconds"] == 5


def test_alone_it_lists_the_benches_and_runs_the_quick_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([], DEMO) == 0
    shown = capsys.readouterr().out
    assert shown.count("below 1 is better") == 1
    assert "slow" in shown and "--explain" in shown


def test_it_explains_what_it_measures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--explain"], DEMO) == 0
    assert capsys.readouterr().out == "Exactly this is measured.\n"


def test_a_bench_that_fails_says_why_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(lab: Lab) -> Outcome:
        raise RuntimeError("lipwire ended: no such voice")

    assert main(["demo", "--json"], {"demo": bench(broken)}) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "bench: demo could not be measured: lipwire ended: no such voice\n"


@pytest.mark.parametrize(
    "argv", [["nobody"], ["--json"], ["--explain"], ["demo", "--rounds", "0"], ["demo", "--x"]]
)
def test_what_cannot_be_asked_for_is_refused(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit:
        main(argv, DEMO)
    assert exit.value.code == 2
    assert "usage: scripts/bench" in capsys.readouterr().err


def test_the_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    for expected in ("first-audio --explain", ".venv-peers", "docs/benchmarks.md", *BENCHES):
        assert expected in shown
