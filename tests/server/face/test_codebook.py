"""A mouth is shown as one of few, without flicker, and its closures are seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.articulation import HELD, Articulation, Articulations, articulations
from lipwire_server.face.codebook import SHAPES, Codebook, default_codebook, train
from lipwire_server.face.landmarks import landmarks
from lipwire_server.lipsync.mouth import mouth
from tests.server.lipsync.phonemes import RATE, Part, phonemes_of, words

PRESS = Articulation._fields.index("press")
TUCK = Articulation._fields.index("tuck")
OPEN = -1


def _open(frames: int) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    return np.full(frames, OPEN, np.int8)


def _said(parts: list[Part], every: int = 20) -> Articulations:
    end = sum(count for _, count in parts)
    times = np.arange(0, end, every)
    return articulations(mouth(phonemes_of(*parts), RATE).weights("oculus", times))


def _jaws(*jaws: float) -> Articulations:
    mouths = np.zeros((len(jaws), HELD.shape[1]))
    mouths[:, 0] = jaws
    return mouths


def test_the_default_codebook_begins_with_the_visemes() -> None:
    codebook = default_codebook()
    assert len(codebook) == SHAPES
    assert np.array_equal(codebook.entries[: len(HELD)], HELD)
    assert codebook.pick(HELD, _open(len(HELD))).tolist() == list(range(len(HELD)))
    assert len(np.unique(codebook.entries, axis=0)) == SHAPES


def test_a_speaking_mouth_is_never_far_from_an_entry() -> None:
    line: list[Part] = [
        ("^", 200), ("w", 70), ("ʌ", 60), ("t", 50), ("ɐ", 50), ("b", 70), ("ˈj", 50), ("uː", 90),
        ("ɾ", 30), ("ɪ", 50), ("f", 80), ("ə", 50), ("l", 60), ("v", 60), ("ˈɔɪ", 140), ("s", 110),
        (",", 200), ("ʃ", 90), ("iː", 80), ("θ", 80), ("ˈɔː", 110), ("t", 90), (".", 300),
    ]  # fmt: skip
    error = default_codebook().error_px(_said(line))
    assert error.mean() < 1.2
    assert error.max() < 5.0


def test_an_error_is_the_distance_between_landmarks() -> None:
    entries, mouths = _jaws(0.0, 1.0), _jaws(0.0, 0.1)
    away = np.linalg.norm(np.diff(landmarks(mouths), axis=0))
    assert Codebook(entries).error_px(mouths) == pytest.approx([0.0, away], abs=0.05)


def test_it_stays_with_what_is_shown_unless_another_is_clearly_nearer() -> None:
    codebook = Codebook(_jaws(0.4, 0.6))
    to_and_fro = _jaws(*[0.4995, 0.5005] * 3)
    assert codebook.pick(to_and_fro, _open(6)).tolist() == [0] * 6
    assert codebook.pick(to_and_fro, _open(6), previous=1).tolist() == [1] * 6
    assert codebook.pick(_jaws(0.4, 0.497, 0.503, 0.6, 0.497), _open(5)).tolist() == [0, 0, 0, 1, 1]


def test_only_what_touches_is_shown_for_a_closure() -> None:
    codebook = default_codebook()
    parted = HELD[[Oculus.AA] * 3]
    closed = np.array([OPEN, Oculus.PP, Oculus.FF], np.int8)
    shown = codebook.entries[codebook.pick(parted, closed)]
    assert shown[0, PRESS] < 0.1
    assert shown[1, PRESS] >= 0.9
    assert shown[2, TUCK] >= 0.9
    before = int(codebook.pick(parted, _open(3))[0])
    assert codebook.entries[codebook.pick(parted, closed[1:2], before)[0], PRESS] >= 0.9


def test_what_comes_nearest_to_a_closure_is_shown_where_no_entry_touches() -> None:
    codebook = Codebook(_jaws(0.9, 0.05, 0.5))
    closed = np.array([Oculus.PP, Oculus.FF], np.int8)
    assert codebook.pick(_jaws(0.9, 0.9), closed).tolist() == [1, 1]


def test_nothing_is_picked_for_no_frames() -> None:
    assert default_codebook().pick(_jaws(), _open(0)).shape == (0,)
    assert default_codebook().error_px(_jaws()).shape == (0,)


@given(words, st.integers(0, 60))
def test_it_does_not_matter_how_many_frames_are_asked_for_at_once(
    parts: list[Part], cut: int
) -> None:
    codebook, mouths = default_codebook(), _said(parts, every=25)
    closed = _open(len(mouths))
    closed[::7] = Oculus.PP
    closed[3::11] = Oculus.FF
    whole = codebook.pick(mouths, closed).tolist()
    first = codebook.pick(mouths[:cut], closed[:cut]).tolist()
    shown = first[-1] if first else None
    assert first + codebook.pick(mouths[cut:], closed[cut:], shown).tolist() == whole


def test_a_trained_codebook_has_the_base_first_and_real_mouths_after_it() -> None:
    samples = _said([("^", 100), ("p", 80), ("ˈɑː", 160), ("s", 90), ("uː", 160), (".", 200)], 2)
    trained = train(samples, 40, HELD)
    assert trained.shape == (40, HELD.shape[1])
    assert np.array_equal(trained[: len(HELD)], HELD)
    known = {tuple(sample) for sample in samples.tolist()}
    assert all(tuple(entry) in known for entry in trained[len(HELD) :].tolist())
    assert np.array_equal(train(samples[::-1], 40, HELD), trained)


def test_more_entries_are_nearer() -> None:
    samples = _said([("^", 100), ("m", 80), ("ˈaɪ", 200), ("f", 90), ("oʊ", 160), (".", 200)], 2)
    few, many = (Codebook(train(samples, size, HELD)).error_px(samples) for size in (17, 30))
    assert many.mean() < few.mean() < Codebook(HELD).error_px(samples).mean()


def test_there_are_no_more_entries_than_mouths() -> None:
    twice = np.concatenate([HELD[:3], HELD[:3], _jaws(0.7)])
    assert len(train(twice, 100, HELD)) == len(HELD) + 1
    assert np.array_equal(train(_jaws(), 100, HELD), HELD)
