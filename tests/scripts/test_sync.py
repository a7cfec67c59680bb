"""A deliberate fault moves each figure: a late mouth, a lost one, a sound that breaks off."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from benches.bench import Outcome
from benches.sync import BENCH
from benches.sync.run import CASES
from benches.sync.skew import Floats, Match, Recording, found_again, heard_ms, shown
from tests.scripts.fake_lab import FakeLab

RATE = 22_050
LATENCY_S = 0.035
SECONDS = 4


def speech() -> Floats:
    return np.random.default_rng(1).normal(0, 3_000, SECONDS * RATE)


def mouth_curve() -> Floats:
    """Every ms of a mouth that moves all the time, no two moments alike."""
    ms = np.arange(SECONDS * 1000)
    waves = np.stack([np.sin(ms / (40 + 7 * shape)) for shape in range(15)], axis=1)
    curve: Floats = (1 + waves) / 15
    return curve


def played(samples: Floats, first: int = 0) -> Recording:
    """What a device plays on time that is `LATENCY_S` behind its context."""
    walls = np.arange(-200.0, 1000 * SECONDS + 2000, 10)
    stamps = np.stack([walls, walls / 1000 - LATENCY_S], axis=1)
    return Recording(RATE, first, samples, stamps)


def pictures(late_ms: float = 0.0) -> tuple[Floats, Floats]:
    """Times, 60 a second, and the poses that a clock gives which is so late."""
    times = np.arange(300.0, 1000 * SECONDS - 300, 1000 / 60)
    moments = times - 1000 * LATENCY_S - late_ms
    return times, mouth_curve()[np.rint(moments).astype(int)]


def skews(recording: Recording, late_ms: float = 0.0) -> Match:
    times, poses = pictures(late_ms)
    heard = heard_ms(recording, found_again(recording, speech()), times)
    return shown(poses, heard, mouth_curve())


@pytest.mark.parametrize("late_ms", [0, 40, -35, 300])
def test_a_mouth_is_as_late_as_its_clock(late_ms: float) -> None:
    match = skews(played(speech()), late_ms)
    assert match.skews_ms.size > 100
    assert np.median(match.skews_ms) == pytest.approx(late_ms, abs=1)
    assert match.lost == 0


def test_a_clock_that_ignores_the_latency_of_the_device_is_early_by_it() -> None:
    match = skews(played(speech()), -1000 * LATENCY_S)
    assert np.median(match.skews_ms) == pytest.approx(-1000 * LATENCY_S, abs=1)


def test_a_mouth_that_stands_still_is_lost() -> None:
    times, poses = pictures()
    recording = played(speech())
    heard = heard_ms(recording, found_again(recording, speech()), times)
    match = shown(np.zeros_like(poses), heard, mouth_curve())
    assert match.lost == match.counted > 100
    assert match.skews_ms.size == 0


def test_the_sound_is_found_again_softer_faded_and_after_a_gap() -> None:
    whole = speech()
    middle, gap = whole.size // 2, RATE // 2
    recording = played(
        np.concatenate([np.zeros(500), 0.3 * whole[:middle], np.zeros(gap), 0.3 * whole[middle:]]),
        first=128,
    )
    rows = found_again(recording, whole)
    offsets = rows[:, 0] - rows[:, 1]
    assert set(offsets) == {628, 628 + gap}
    # Nothing is said of pictures while the sound stands still.
    times = np.array([1000 * (middle + gap / 2) / RATE + 1000 * LATENCY_S])
    assert np.isnan(heard_ms(recording, rows, times)).all()


def test_of_another_sound_nothing_is_found() -> None:
    other = np.random.default_rng(2).normal(0, 3_000, SECONDS * RATE)
    assert found_again(played(other), speech()).size == 0
    assert found_again(played(np.zeros(0)), speech()).size == 0


def test_where_nothing_is_heard_nothing_is_measured() -> None:
    match = skews(played(np.zeros(SECONDS * RATE)))
    assert match.skews_ms.size == match.counted == 0


def test_a_device_that_stalls_takes_the_mouth_with_it() -> None:
    """Between two of its timestamps the truth is interpolated, whatever a client made of them."""
    walls = np.arange(-200.0, 1000 * SECONDS + 2000, 10)
    seconds = walls / 1000 - LATENCY_S - np.clip((walls - 2000) / 1000, 0, 0.1)
    recording = Recording(RATE, 0, speech(), np.stack([walls, seconds], axis=1))
    times = np.array([1000.0, 3000.0])
    heard = heard_ms(recording, found_again(recording, speech()), times)
    assert heard == pytest.approx([965, 2865], abs=0.1)


Json = dict[str, Any]


def page(
    late_ms: Mapping[str, float] | None = None, *, lost: int = 0, breaks: bool = True
) -> Callable[[Mapping[str, Any]], Json]:
    """A page that is so late in each case; after a break by 100 ms more."""
    order = list(CASES)

    def answer(request: Mapping[str, Any]) -> Json:
        if request["do"] == "end":
            return {}
        asked = next(
            name
            for name in order
            if CASES[name].lead_ms == request["lead_ms"]
            and CASES[name].block_ms == request["block_ms"]
            and CASES[name].network.jitter_ms == request["network"]["jitter_ms"]
        )
        broken = asked == "underrun" and breaks
        late = (late_ms or {}).get(asked, 0.0)
        return {
            "heard_ms": [100 * n for n in range(100)],
            "skews_ms": [late + 100 * (broken and n >= 50) for n in range(100)],
            "lost": lost,
            "looked_at": 100,
            "pictures": 120,
            "breaks_ms": [5_000] if broken else [],
        }

    return answer


def run(**instead: Callable[[Mapping[str, Any]], Json]) -> Outcome:
    answers = {"sync": page(), "talkinghead": page(), **instead}
    return BENCH.run(FakeLab(answers=answers, rounds=2))


@pytest.mark.parametrize("case", CASES)
def test_a_late_mouth_moves_the_figures_of_its_case_and_no_others(case: str) -> None:
    usual, moved = run().figures, run(sync=page({case: 40})).figures
    prefix = "" if case == "quiet" else f"{case}_"
    keys = {f"{prefix}p{percent}_ms" for percent in ("05", "50", "95")}
    for key, value in usual.items():
        assert moved[key] == (value + 40 if key in keys and value is not None else value), key


def test_the_peer_is_not_mixed_up_with_lipwire() -> None:
    figures = run(talkinghead=page({"quiet": -35}, lost=50)).figures
    assert figures["p50_ms"] == 0
    assert figures["lost_share"] == 0
    assert figures["talkinghead_quiet_p50_ms"] == -35
    assert figures["talkinghead_lost_share"] == 0.5


def test_after_a_break_only_what_comes_after_it_counts() -> None:
    outcome = run()
    assert outcome.figures["underrun_p05_ms"] == 100
    assert outcome.details["breaks"]["sync"]["underrun"] == 2


def test_without_a_break_there_is_no_figure_that_looks_good() -> None:
    figures = run(sync=page(breaks=False)).figures
    assert figures["underrun_p50_ms"] is None
    assert figures["p50_ms"] == 0


def test_systems_take_turns() -> None:
    lab = FakeLab(answers={"sync": page(), "talkinghead": page()}, rounds=2)
    BENCH.run(lab)
    assert lab.order[:-2] == ["sync", "talkinghead"] * len(CASES) * 2


def test_a_peer_that_is_missing_leaves_the_rest() -> None:
    outcome = BENCH.run(FakeLab(answers={"sync": page()}, rounds=1))
    assert outcome.figures["p50_ms"] == 0
    assert outcome.figures["talkinghead_quiet_p50_ms"] is None
