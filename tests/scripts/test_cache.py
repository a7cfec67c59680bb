from collections.abc import Mapping
from typing import Any

import pytest

from benches.bench import Outcome
from benches.cache import BENCH, SOCKETS
from tests.scripts.fake_lab import FakeLab

SYNTHESIS_S, SOCKET_S = 0.2, 0.002


def run(*, works: bool = True, refuses: int = 0) -> Outcome:
    known: set[int] = set()

    def load(request: Mapping[str, Any]) -> dict[str, Any]:
        heard, made = [], 0
        for index, seed in enumerate(request["seeds"]):
            cached = works and seed in known
            known.add(seed)
            refused = "overloaded" if index < refuses and len(request["seeds"]) > 100 else None
            made += not cached
            heard.append({"first_ms": float(index), "cached": cached, "refused": refused})
        return {"heard": heard, "cpu_s": made * SYNTHESIS_S + len(heard) * SOCKET_S}

    return BENCH.run(FakeLab(answers={"load": load}, rounds=3))


def test_a_cache_that_works_makes_one_synthesis_for_all_sockets() -> None:
    figures = run().figures
    assert figures["syntheses"] == 1
    assert figures["hit_ratio"] == pytest.approx((SOCKETS - 1) / SOCKETS)
    by_cpu = figures["syntheses_by_cpu"]
    assert by_cpu is not None and 1 < by_cpu < 4


def test_a_cache_that_never_hits_shows_as_many_syntheses_as_sockets() -> None:
    figures = run(works=False).figures
    assert figures["syntheses"] == SOCKETS
    assert figures["syntheses_by_cpu"] == pytest.approx(SOCKETS)
    assert figures["hit_ratio"] == 0


def test_first_audio_is_that_of_the_equal_requests() -> None:
    figures = run().figures
    assert figures["first_audio_p50_ms"] == pytest.approx((SOCKETS - 1) / 2)


def test_a_request_that_is_refused_is_counted() -> None:
    assert run(refuses=7).figures["refused"] == 7 * 3


def test_without_a_server_there_are_no_figures() -> None:
    figures = BENCH.run(FakeLab(answers={}, servers=())).figures
    assert set(figures.values()) == {None}
