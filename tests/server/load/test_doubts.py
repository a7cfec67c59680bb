from dataclasses import replace

import pytest

from lipwire_server.load.doubts import doubts
from lipwire_server.load.target import OWN_LIMITS
from tests.server.load.results import result


def test_a_load_test_that_was_never_at_its_limits_is_not_doubted() -> None:
    assert doubts(result()) == []


def test_a_full_core_makes_times_doubtful() -> None:
    (doubt,) = doubts(result(cpu_s=9.0))
    assert doubt.startswith("The load test took 90% of a core")


@pytest.mark.parametrize(("late_ms", "is_doubted"), [(15, False), (400, True)])
def test_a_late_load_test_makes_times_doubtful(late_ms: float, is_doubted: bool) -> None:
    ran = result()
    for beat in range(100):
        ran.tally.own_delay_ms.add(late_ms if beat % 10 == 0 else 1)
    said = doubts(ran)
    assert [f"{late_ms} ms late or more" in each for each in said] == [True] * is_doubted


@pytest.mark.parametrize("reason", sorted(set(OWN_LIMITS.values())))
def test_what_was_wanting_on_this_side_is_no_fault_of_the_server(reason: str) -> None:
    ran = result()
    ran.tally.counts[f"lost: {reason}"] += 1_200
    assert doubts(ran) == [
        f"1,200 connections were not made, and not by the server's fault: {reason}."
    ]


def test_gaps_that_may_be_its_own_are_told() -> None:
    ran = result()
    ran.tally.counts["unsure gaps"] += 3
    (doubt,) = doubts(ran)
    assert doubt.startswith("3 gaps are not counted")


def test_a_test_that_was_stopped_says_when() -> None:
    ran = result()
    plan = replace(ran.plan, duration_s=3600)
    assert doubts(replace(ran, plan=plan, is_stopped=True)) == [
        "It was stopped after 10 of 3600 s."
    ]
