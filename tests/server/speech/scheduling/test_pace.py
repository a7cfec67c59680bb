import pytest

from lipwire_server.speech.scheduling.pace import Pace

MS = 1_000_000


def test_before_anything_was_measured_it_guesses() -> None:
    pace = Pace()
    assert 0.05 < pace.work_per_second < 0.3
    pace.spoke(9_000 * MS, 0.5, first=False)
    assert 0.05 < pace.work_per_second < 0.3


def test_it_learns_what_speech_costs() -> None:
    pace = Pace()
    for _ in range(100):
        pace.spoke(80 * MS, 1.0, first=False)
    assert pace.work_per_second == pytest.approx(0.08)


def test_it_follows_a_machine_that_becomes_slower_within_minutes() -> None:
    pace = Pace()
    for _ in range(1_000):
        pace.spoke(80 * MS, 1.0, first=False)
    for _ in range(200):
        pace.spoke(240 * MS, 1.0, first=False)
    assert pace.work_per_second == pytest.approx(0.24, rel=0.02)


def test_a_plan_counts_when_its_speech_begins() -> None:
    spoken, interrupted = Pace(), Pace()
    for _ in range(200):
        spoken.planned(50 * MS)
        spoken.spoke(100 * MS, 1.0, first=True)
        interrupted.planned(50 * MS)
        interrupted.planned(50 * MS)
        interrupted.spoke(100 * MS, 1.0, first=True)
    assert spoken.work_per_second == pytest.approx(0.15, rel=0.01)
    assert interrupted.work_per_second == pytest.approx(0.15, rel=0.01)


def test_it_learns_what_a_start_costs() -> None:
    pace = Pace()
    for _ in range(100):
        pace.planned(30 * MS)
        pace.spoke(20 * MS, 0.2, first=True)
    assert pace.start_ns == pytest.approx(50 * MS, rel=0.01)


def test_speech_that_cost_nothing_is_no_division_by_zero() -> None:
    pace = Pace()
    pace.spoke(0, 100.0, first=False)
    assert pace.work_per_second > 0
