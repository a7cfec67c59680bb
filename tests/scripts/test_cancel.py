from collections.abc import Mapping
from typing import Any

import pytest

from benches.bench import Outcome
from benches.cancel import BENCH
from tests.scripts.fake_lab import FakeLab

IDLE_S = 0.02
"""CPU time of an idle server in the two seconds in which it is watched."""
SETTLING_S = IDLE_S / 4


def run(
    *, wasted_s: float = 0.0, late_by_ms: float = 0.0, lost_slots: bool = False, rounds: int = 20
) -> Outcome:
    def load(request: Mapping[str, Any]) -> dict[str, Any]:
        def whole(first_ms: float) -> dict[str, Any]:
            return {"first_ms": first_ms, "chunks": 10, "cpu_s": 0.5 + SETTLING_S}

        after = {"refused": "overloaded"} if lost_slots else whole(100.0 + late_by_ms)
        return {
            "idle_cpu_s": IDLE_S,
            "before": [whole(100.0) for _ in request["before"]],
            "cycles": [
                {"interrupted_ms": float(n), "late_chunks": 0, "cpu_s": wasted_s + SETTLING_S}
                for n, _ in enumerate(request["texts"])
            ],
            "after": [after for _ in request["after"]],
        }

    return BENCH.run(FakeLab(answers={"load": load}, rounds=rounds))


def test_a_round_is_a_cancel() -> None:
    outcome = run(rounds=21)
    assert outcome.details["cancels"] == 21
    assert outcome.figures["interrupted_p50_ms"] == 10
    assert outcome.figures["interrupted_p95_ms"] == pytest.approx(19)


def test_idling_is_not_waste() -> None:
    assert run().figures["wasted_windows_per_cancel"] == pytest.approx(0)


def test_work_after_the_interrupt_is_counted_in_windows() -> None:
    figures = run(wasted_s=0.1).figures
    assert figures["wasted_cpu_ms_per_cancel"] == pytest.approx(100)
    assert figures["wasted_windows_per_cancel"] == pytest.approx(2)


def test_what_a_cancel_leaves_behind_makes_the_next_utterance_late() -> None:
    assert run().figures["after_ratio"] == pytest.approx(1)
    assert run(late_by_ms=50).figures["after_ratio"] == pytest.approx(1.5)


def test_a_lost_slot_is_counted_and_gives_no_figure_that_looks_good() -> None:
    figures = run(lost_slots=True).figures
    assert figures["refused"] == 5
    assert figures["after_ratio"] is None
