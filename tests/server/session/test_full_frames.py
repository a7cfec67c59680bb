"""Who is sent whole pictures when many ask for them."""

from dataclasses import replace

import pytest

from lipwire_protocol import FrameMode, Frames, Hello, Limits
from lipwire_server.face.cast import Cast
from lipwire_server.session.full_frames import FullFrames
from lipwire_server.session.terms import Terms, agree
from tests.fakes import VOICE

CAST = Cast("tiny", {"tiny": 1_024})
LARGE = Frames(mode=FrameMode.FULL, size=512, fps=25)


def terms(frames: Frames) -> Terms:
    return agree(Hello(frames=frames), [VOICE], VOICE.name, CAST, Limits())


def granted(full: FullFrames, frames: Frames = LARGE) -> tuple[Frames, str | None]:
    asked = terms(frames)
    got, less = full.seat().grant(asked)
    assert replace(got, frames=asked.frames) == asked
    return got.frames, less


def test_half_of_the_seats_get_what_they_ask_for_and_the_others_less_and_are_told() -> None:
    full = FullFrames(4)
    got = [granted(full) for _ in range(5)]
    assert [(frames.size, frames.fps) for frames, _ in got[:4]] == [(512, 25)] * 2 + [(256, 12)] * 2
    assert [less is None for _, less in got] == [True, True, False, False, False]
    assert "256 px at 12 fps" in (got[3][1] or "")


def test_when_all_seats_are_taken_there_are_no_frames_and_the_way_out_is_told() -> None:
    full = FullFrames(1)
    granted(full)
    frames, less = granted(full)
    assert frames == Frames(mode=FrameMode.NONE)
    assert less is not None and "sprites" in less


def test_who_asks_for_little_is_told_nothing() -> None:
    full = FullFrames(2)
    small = Frames(mode=FrameMode.FULL, size=128, fps=10)
    assert [granted(full, small)[1] for _ in range(2)] == [None, None]


@pytest.mark.parametrize("mode", [FrameMode.NONE, FrameMode.SPRITES])
def test_other_modes_take_no_seat(mode: FrameMode) -> None:
    full = FullFrames(0)
    frames, less = granted(full, Frames(mode=mode))
    assert (frames.mode, less, full.taken) == (mode, None, 0)


def test_a_seat_is_given_back_once() -> None:
    full = FullFrames(1)
    seat = full.seat()
    seat.grant(terms(LARGE))
    seat.grant(terms(LARGE))
    assert full.taken == 1
    seat.grant(terms(Frames(mode=FrameMode.SPRITES)))
    assert full.taken == 0
    seat.grant(terms(LARGE))
    seat.release()
    seat.release()
    assert full.taken == 0
