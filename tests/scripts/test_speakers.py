from collections.abc import Mapping
from typing import Any

import pytest

from benches.bench import Outcome
from benches.speakers import BENCH
from tests.scripts.fake_lab import FakeLab

WALL_S = 32.0


def heard(**what: Any) -> dict[str, Any]:
    return {
        "first_ms": 100.0, "underruns": 0, "silent_s": 0.0, "played_s": 29.0,
        "refused": None, "retry_after_ms": None, "failed": None, **what,
    }  # fmt: skip


def run(
    *,
    carries: int = 18,
    refuses_beyond: int | None = None,
    starves_existing: bool = False,
    load_cores: float = 0.0,
    peer_carries: int = 2,
    servers: tuple[str, ...] = ("lipwire", "piper-http", "wyoming"),
) -> tuple[Outcome, list[Mapping[str, Any]]]:
    """A server that carries so many listeners; those beyond stutter, or are refused."""
    requests: list[Mapping[str, Any]] = []

    def load(request: Mapping[str, Any]) -> dict[str, Any]:
        requests.append(request)
        is_ours = request["kind"] == "lipwire"
        limit = carries if is_ours else peer_carries
        everybody = []
        for index, listener in enumerate(request["listeners"]):
            is_late = listener["at_s"] >= 3
            one = heard(first_ms=100.0 if is_ours else 5_000.0)
            if index >= limit:
                if is_ours and refuses_beyond is not None and index >= refuses_beyond:
                    one = heard(first_ms=None, refused="overloaded", retry_after_ms=1_500)
                else:
                    one["underruns"] = 1
            elif starves_existing and not is_late and len(request["listeners"]) > limit:
                one["underruns"] = 2
            everybody.append(one)
        return {"heard": everybody, "load_cpu_s": load_cores * WALL_S, "wall_s": WALL_S}

    capacities = iter((0.0, 19.0, 21.0))

    def saturation(request: Mapping[str, Any]) -> dict[str, Any]:
        """Warming up, before the search and after it."""
        return {"audio_s_per_s": next(capacities), "cores_used": 2.0}

    lab = FakeLab(answers={"load": load, "saturation": saturation}, servers=servers)
    outcome = BENCH.run(lab)
    assert sum(server.settled for server in lab.opened) == len(requests)
    return outcome, requests


def test_the_number_that_is_held_is_the_last_without_an_underrun() -> None:
    for carries in (1, 7, 16, 18, 40):
        assert run(carries=carries)[0].figures["speakers_held"] == carries


def test_a_refusal_ends_the_search_like_an_underrun() -> None:
    assert run(carries=9, refuses_beyond=9)[0].figures["speakers_held"] == 9


def test_a_server_that_carries_nobody_holds_none() -> None:
    figures = run(carries=0)[0].figures
    assert figures["speakers_held"] == 0
    assert figures["capacity_fraction"] is None


def test_the_fraction_is_of_what_the_engine_makes_alone() -> None:
    outcome, _ = run(carries=18)
    figures = outcome.figures
    assert figures["engine_audio_s_per_s"] == 20.0
    assert outcome.details["engine_audio_s_per_s"] == [19.0, 21.0]
    assert figures["capacity_fraction_raw"] == pytest.approx(0.9)
    assert figures["capacity_fraction"] == pytest.approx(0.9)


def test_what_the_load_generator_uses_is_taken_off() -> None:
    figures = run(carries=15, load_cores=0.5)[0].figures
    assert figures["load_cores"] == pytest.approx(0.5)
    assert figures["capacity_fraction_raw"] == pytest.approx(0.75)
    # A quarter of two cores was not there for the server.
    assert figures["capacity_fraction"] == pytest.approx(1.0)


def test_at_150_percent_latecomers_are_refused_and_the_first_do_not_notice() -> None:
    figures = run(carries=18, refuses_beyond=18)[0].figures
    assert figures["overload_refused"] == 9
    assert figures["overload_retry_after_p50_ms"] == 1_500
    assert figures["overload_existing_underruns"] == 0
    assert figures["overload_underruns"] == 0


def test_at_150_percent_a_server_that_starves_those_who_speak_is_found_out() -> None:
    figures = run(carries=18, refuses_beyond=18, starves_existing=True)[0].figures
    assert figures["overload_existing_underruns"] == 2 * 18


def test_at_150_percent_a_server_that_takes_everybody_shows_underruns() -> None:
    figures = run(carries=18)[0].figures
    assert figures["overload_refused"] == 0
    assert figures["overload_underruns"] == 9
    assert figures["overload_existing_underruns"] == 0


def test_peers_get_the_same_number_of_listeners() -> None:
    outcome, requests = run(carries=18, peer_carries=2)
    assert outcome.figures["piper_http_held"] == 2
    assert outcome.figures["piper_http_without_underrun"] == 2
    assert outcome.figures["wyoming_first_audio_p95_ms"] == 5_000
    assert {len(r["listeners"]) for r in requests if r["kind"] == "wyoming"} >= {18, 14}


def test_a_peer_that_is_missing_has_no_figures_and_the_rest_has() -> None:
    figures = run(servers=("lipwire", "wyoming"))[0].figures
    assert figures["piper_http_held"] is None
    assert figures["wyoming_held"] == 2
    assert figures["speakers_held"] == 18


def test_no_two_listeners_ever_have_the_same_text_or_seed() -> None:
    _, requests = run()
    listeners = [listener for request in requests for listener in request["listeners"]]
    assert len({listener["seed"] for listener in listeners}) == len(listeners)
    assert len({" ".join(listener["texts"]) for listener in listeners}) == len(listeners)


def test_listeners_arrive_spread_over_two_seconds() -> None:
    _, requests = run(carries=18)
    arrivals = [listener["at_s"] for listener in requests[1]["listeners"]]
    assert arrivals == sorted(arrivals)
    assert arrivals[0] == 0 and arrivals[-1] < 2
