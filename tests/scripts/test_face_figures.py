"""Figures of frames that are made up."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benches.face.figures import Performed, closures_seen, drift_samples, mouth_errors_px
from lipwire_protocol.timeline import HOP
from lipwire_server.face.articulation import Articulation
from tests.scripts.fake_face import RATE

FRAME = RATE // 25
CLOSED = tuple(Articulation(press=1.0))
OPEN = tuple(Articulation(jaw=0.5))


def made_up(frames: int = 50, fps: int = 25, **other: Any) -> Performed:
    """Frames that are as they should be: the mouth is open all the time, and so it is shown."""
    numbers = range(frames)
    values: dict[str, Any] = {
        "rate": RATE,
        "fps": fps,
        "starts": tuple(-(-number * RATE // fps) for number in numbers),
        "asked": tuple((2 * number + 1) * RATE // (2 * fps) for number in numbers),
        "wanted": np.tile(OPEN, (frames, 1)),
        "shown": np.tile(OPEN, (frames, 1)),
        "sounds": (),
    }
    return Performed(**(values | other))


@pytest.mark.parametrize("fps", [24, 25, 60])
def test_frames_where_they_belong_do_not_drift(fps: int) -> None:
    assert drift_samples(made_up(fps=fps)) == 0


def test_one_frame_that_is_a_sample_late_is_seen() -> None:
    starts = list(made_up().starts)
    starts[33] += 1
    assert drift_samples(made_up(starts=tuple(starts))) == 1


def test_frames_that_are_counted_from_their_segment_drift() -> None:
    """A segment begins between two frames; so do all of its own."""
    starts = [start + 5 * HOP % FRAME * (start > RATE) for start in made_up().starts]
    assert drift_samples(made_up(starts=tuple(starts))) == 5 * HOP % FRAME


def test_a_frame_that_is_missing_moves_all_that_follow() -> None:
    starts = made_up(51).starts
    assert drift_samples(made_up(starts=(*starts[:20], *starts[21:]))) == FRAME


def test_a_mouth_of_the_beginning_of_its_frame_is_half_a_frame_off() -> None:
    right = made_up()
    assert drift_samples(replace(right, asked=right.starts)) == FRAME // 2


def test_the_distance_of_mouths_is_that_of_their_landmarks() -> None:
    same = made_up()
    assert mouth_errors_px(same).max() == 0
    wider = np.tile(Articulation(jaw=0.5, wide=0.4), (50, 1))
    errors = mouth_errors_px(made_up(shown=wider))
    assert errors == pytest.approx(np.full(50, errors[0]))
    assert 2 < errors[0] < 10


def _closing(*shut: int, sounds: Sequence[tuple[str, int, int]]) -> float | None:
    """With lips that are closed in some frames."""
    shown = np.tile(OPEN, (50, 1))
    shown[list(shut)] = CLOSED
    return closures_seen(made_up(shown=shown, sounds=tuple(sounds)))


@pytest.mark.parametrize("sound", ["p", "b", "m"])
@pytest.mark.parametrize(
    ("shut", "seen"), [((), 0), ((7,), 0), ((8,), 0), ((9,), 1), ((10,), 1), ((11,), 1), ((13,), 0)]
)
def test_a_closure_is_seen_during_its_sound_or_one_frame_from_it(
    sound: str, shut: tuple[int, ...], seen: int
) -> None:
    inside = (sound, 10 * FRAME + 50, 11 * FRAME - 50)
    assert _closing(*shut, sounds=[inside]) == seen


def test_lips_that_need_not_close_do_not_count() -> None:
    assert _closing(sounds=[("s", 0, FRAME), ("f", 2 * FRAME, 3 * FRAME)]) is None
    sounds = [("s", 0, FRAME), ("m", 5 * FRAME, 6 * FRAME), ("p", 20 * FRAME, 21 * FRAME)]
    assert _closing(5, sounds=sounds) == 0.5
