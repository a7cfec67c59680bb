from collections.abc import Mapping
from typing import Any

import pytest

from benches.rounds import interleave, ratio, spread_of
from tests.scripts.fake_lab import FakeLab, FakeSystem, speaking


def test_systems_take_turns_in_every_round_and_with_every_case() -> None:
    lab = FakeLab(answers={}, rounds=2)
    systems = [FakeSystem(name, speaking(1.0), lab.order) for name in "ABC"]
    samples = interleave(lab, systems, ["x", "y"], lambda case, number: {})
    assert "".join(lab.order) == "ABC" * 2 * 3
    assert [(s["round"], s["case"], s["system"]) for s in samples[:7]] == [
        (1, "x", "A"), (1, "x", "B"), (1, "x", "C"),
        (1, "y", "A"), (1, "y", "B"), (1, "y", "C"),
        (2, "x", "A"),
    ]  # fmt: skip


def test_the_round_that_warms_up_does_not_count() -> None:
    asked: list[int] = []

    def answer(request: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(request["number"])
        return {"first_ms": 1_000.0 if request["number"] == 0 else 1.0}

    lab = FakeLab(answers={}, rounds=3)
    system = FakeSystem("A", answer)
    samples = interleave(lab, [system], ["x"], lambda case, number: {"number": number})
    assert asked == [0, 1, 2, 3]
    found = spread_of(samples, "A", "x", "first_ms")
    assert found is not None and (found.high, found.count) == (1.0, 3)


def test_the_machine_is_probed_in_every_round() -> None:
    lab = FakeLab(answers={}, rounds=4)
    interleave(lab, [], ["x"], lambda case, number: {})
    assert lab.probes == 5


def test_noise_that_hits_a_whole_round_does_not_move_a_ratio() -> None:
    samples = [
        {"round": number, "case": "x", "system": system, "ms": ms * noise}
        for number, noise in enumerate((1, 5, 2), 1)
        for system, ms in (("ours", 10.0), ("theirs", 40.0))
    ]
    assert ratio(samples, "ours", "theirs", "x", "ms") == pytest.approx(0.25)


def test_there_is_no_ratio_to_a_system_that_is_missing() -> None:
    samples = [{"round": 1, "case": "x", "system": "ours", "ms": 10.0}]
    assert ratio(samples, "ours", "theirs", "x", "ms") is None
