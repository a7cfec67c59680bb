"""Closed lips are seen, in whichever frames there are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.motion.closures import NONE, SHUT, Closures
from lipwire_server.face.motion.grid import Place
from lipwire_server.speech.port import Plan
from tests.server.face.motion.speech import RATE, SENTENCE, VOICE_RATE, plan_of, plans
from tests.server.lipsync.phonemes import Part

speeds = st.sampled_from((5, 10, 12, 24, 25, 30, 50, 60))
starts = st.integers(0, 10**6)


def _place(fps: int, start: int = 0) -> Place:
    return Place(start=start, rate=RATE, voice_rate=VOICE_RATE, fps=fps)


def _seen(fps: int, *parts: Part) -> list[tuple[int, int]]:
    plan = plan_of(*parts)
    place = _place(fps)
    closed = Closures(plan, place).at(place.own(plan.count))
    return [(int(frame), int(closed[frame])) for frame in np.flatnonzero(closed != NONE)]


def test_what_is_shut_is_one_viseme_alone() -> None:
    assert SHUT.dtype == np.uint8
    assert np.array_equal(SHUT, 255 * np.eye(15))


def test_every_closure_is_seen_once() -> None:
    closures = [symbol for symbol, _ in SENTENCE if symbol in ("p", "b", "m", "v")]
    assert len(_seen(25, *SENTENCE)) == len(closures)
    assert [viseme == Oculus.FF for _, viseme in _seen(25, *SENTENCE)] == [
        symbol == "v" for symbol in closures
    ]


@pytest.mark.parametrize("ms", [1, 5, 12, 23, 40])
@pytest.mark.parametrize("fps", [10, 25, 60])
def test_even_the_shortest_is_seen_where_it_is_heard(ms: int, fps: int) -> None:
    ((frame, viseme),) = _seen(fps, ("^", 333), ("ˈa", 100), ("p", ms), ("ˈa", 100), (".", 300))
    assert viseme == Oculus.PP
    middle = (433 + ms / 2) / 1000 * fps
    assert abs(frame - int(middle)) <= 1


def test_a_frame_in_which_the_lips_are_shut_anyway_is_taken() -> None:
    word: list[Part] = [("^", 300), ("ˈa", 96), ("m", 100), ("ˈa", 150), (".", 300)]
    ((frame, _),) = _seen(25, *word)
    heard = _place(25).heard(np.array([frame]))
    assert plan_of(*word).mouth.weights("oculus", heard)[0, Oculus.PP] == 255


@pytest.mark.parametrize("pair", [("p", "f"), ("f", "p")])
def test_of_two_closures_in_one_frame_that_of_the_lips_is_seen(pair: tuple[str, str]) -> None:
    first, second = pair
    word: list[Part] = [("^", 205), (first, 40), (second, 40), ("ˈa", 300), (".", 300)]
    assert _seen(5, *word) == [(1, Oculus.PP)]


def test_a_segment_without_frames_has_no_closures() -> None:
    for plan in (plan_of(("p", 10), ("a", 10)), plan_of()):
        place = _place(5, start=100)
        assert len(place.own(plan.count)) == 0
        assert (Closures(plan, place).at(range(4)) == NONE).all()


def test_lips_that_only_come_near_each_other_are_not_shut() -> None:
    assert _seen(25, ("^", 300), ("ˈa", 100), ("β", 90), ("ˈa", 100), (".", 300)) == []


@given(plans, speeds, starts)
def test_every_closure_is_within_a_frame_of_where_it_is_heard(
    plan: Plan, fps: int, start: int
) -> None:
    place = _place(fps, start)
    own = place.own(plan.count)
    closed = Closures(plan, place).at(own)
    assert set(closed.tolist()) <= {NONE, Oculus.PP, Oculus.FF}
    events = [
        event
        for event in plan.mouth.sets["oculus"]
        if event.viseme in (Oculus.PP, Oculus.FF) and event.weight == 255
    ]
    assert len(np.flatnonzero(closed != NONE)) <= len(events)
    for event in events if own else []:
        (frame,) = place.frames(np.array([event.start + event.count // 2])) - own.start
        # Lips may be seen where teeth on the lip were meant as well, never the other way round.
        wanted = (event.viseme, Oculus.PP)
        near = closed[max(0, frame - 1) : frame + 2]
        assert any(viseme in wanted for viseme in near)


@given(plans, speeds, starts, st.integers(-5, 100), st.integers(0, 100))
def test_it_does_not_matter_which_frames_are_asked_for(
    plan: Plan, fps: int, start: int, skipped: int, count: int
) -> None:
    place = _place(fps, start)
    own = place.own(plan.count)
    closures = Closures(plan, place)
    wide = closures.at(range(own.start - 200, own.stop + 200))
    begin = own.start + skipped
    part = closures.at(range(begin, begin + count))
    known = wide[skipped + 200 : skipped + 200 + count]
    assert part[: len(known)].tolist() == known.tolist()
    assert (part[len(known) :] == NONE).all()
