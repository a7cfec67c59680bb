from collections.abc import Mapping
from typing import Any

import pytest

from benches.bench import Outcome
from benches.cpu import BENCH
from tests.scripts.fake_lab import FakeLab, speaking


def run(ours: float = 0.1, piper: float = 0.1, gflop: float = 6.0, peak: float = 100.0) -> Outcome:
    def floor(request: Mapping[str, Any]) -> dict[str, Any]:
        return {"gflop_per_audio_s": gflop, "peak_gflops": peak}

    answers = {"lipwire": speaking(1.0, ours), "piper-1": speaking(1.0, piper), "floor": floor}
    return BENCH.run(FakeLab(answers=answers))


def test_streaming_that_costs_half_as_much_again_says_so() -> None:
    assert run(ours=0.15).figures["cpu_ratio_piper"] == pytest.approx(1.5)


def test_the_floor_is_the_operations_over_the_peak() -> None:
    outcome = run(ours=0.12)
    assert outcome.figures["floor_cpu_per_audio_s"] == pytest.approx(0.06)
    assert outcome.figures["floor_ratio"] == pytest.approx(2.0)


def test_a_faster_core_lowers_the_floor_and_so_raises_the_ratio() -> None:
    assert run(peak=200.0).figures["floor_ratio"] == pytest.approx(
        2 * (run(peak=100.0).figures["floor_ratio"] or 0)
    )


def test_without_piper_the_floor_is_still_measured() -> None:
    def floor(request: Mapping[str, Any]) -> dict[str, Any]:
        return {"gflop_per_audio_s": 6.0, "peak_gflops": 100.0}

    lab = FakeLab(answers={"lipwire": speaking(1.0, 0.06), "floor": floor})
    figures = BENCH.run(lab).figures
    assert figures["cpu_ratio_piper"] is None
    assert figures["floor_ratio"] == pytest.approx(1.0)
