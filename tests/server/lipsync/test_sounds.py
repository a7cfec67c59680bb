from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given

from lipwire_protocol.visemes import Oculus
from lipwire_server.lipsync.sounds import COPY_SHARE, Role, Sound, lenders, sounds_of, spoken
from lipwire_server.lipsync.table import Copy
from tests.server.lipsync.phonemes import Part, phonemes_of, words

ROLES = {"l": Role.LENDS, "b": Role.BORROWS, "|": Role.BLOCKS}


def _sounds(*parts: Part) -> list[Sound]:
    return sounds_of(spoken(phonemes_of(*parts)))


def _track(*parts: Part) -> list[tuple[Oculus | None, int]]:
    return [
        (sound.shape.viseme if sound.shape else None, sound.end - sound.start)
        for sound in _sounds(*parts)
    ]


def test_what_takes_no_time_is_not_spoken() -> None:
    assert [(s.start, s.end) for s in spoken(phonemes_of(("a", 0), ("s", 80), ("i", 0)))] == [
        (0, 80)
    ]
    assert spoken([]) == []
    assert sounds_of([]) == []


def test_a_pause_has_no_shape_whatever_its_sign() -> None:
    assert _track(("^", 50), ("a", 100), (",", 70)) == [(None, 50), (Oculus.AA, 100), (None, 70)]
    assert [sound.amount for sound in _sounds(("^", 50))] == [0.0]


@pytest.mark.parametrize(
    ("symbol", "halves"),
    [
        ("ˈaɪ", [(Oculus.AA, 120), (Oculus.IH, 80)]),
        ("tʃ", [(Oculus.DD, 80), (Oculus.CH, 120)]),
        ("s", [(Oculus.SS, 200)]),
    ],
)
def test_a_phoneme_that_moves_is_two_sounds(symbol: str, halves: list[tuple[Oculus, int]]) -> None:
    assert _track((symbol, 200)) == halves


def test_a_half_that_is_too_short_to_be_heard_is_left_out() -> None:
    assert _track(("tʃ", 1)) == [(Oculus.CH, 1)]


def test_stress_opens_a_vowel_farther_but_no_consonant() -> None:
    stressed, unstressed = _sounds(("ˈʌ", 100)), _sounds(("ʌ", 100))
    assert stressed[0].amount > unstressed[0].amount
    assert _sounds(("s", 100))[0].gain == 1.0


def test_closed_lips_are_closed_however_little_they_are_said() -> None:
    sounds = _sounds(("p", 60), ("f", 60), ("ə", 100))
    assert [replace(sound, gain=0.1).amount == 1.0 for sound in sounds] == [True, True, False]


@pytest.mark.parametrize(
    ("parts", "lender", "copy"),
    [
        ([("h", 60), ("u", 100)], 1, Copy.NEXT),
        ([("s", 60), ("h", 60), ("u", 100)], 2, Copy.NEXT),
        ([("u", 100), ("h", 60), (".", 50)], 0, Copy.NEXT),
        ([("u", 100), ("ʔ", 60), ("i", 100)], 0, Copy.PREVIOUS),
        ([("p", 60), ("ʔ", 60), ("i", 100)], 2, Copy.PREVIOUS),
        ([("u", 100), ("☃", 60)], 0, Copy.PREVIOUS),
        ([("^", 50), ("☃", 60), ("i", 100)], 2, Copy.PREVIOUS),
    ],
)
def test_a_sound_of_the_throat_has_the_shape_of_its_neighbour(
    parts: list[Part], lender: int, copy: Copy
) -> None:
    sounds = _sounds(*parts)
    [borrower] = [i for i, (symbol, _) in enumerate(parts) if symbol in ("h", "ʔ", "☃")]
    assert sounds[borrower].shape is sounds[lender].shape
    assert sounds[borrower].gain == pytest.approx(sounds[lender].gain * COPY_SHARE[copy])


@pytest.mark.parametrize("symbol", ["h", "ʔ", "☃", ""])
def test_between_pauses_it_has_a_shape_of_its_own(symbol: str) -> None:
    _, sound, _ = _sounds(("^", 50), (symbol, 60), (".", 50))
    assert sound.shape is not None
    assert sound.amount > 0


@pytest.mark.parametrize(
    ("roles", "before", "after"),
    [
        ("", [], []),
        ("b", [None], [None]),
        ("lbbl", [None, 0, 0, 0], [3, 3, 3, None]),
        ("l|bl", [None, 0, None, None], [None, 3, 3, None]),
        ("lb|b", [None, 0, 0, None], [None, None, None, None]),
    ],
)
def test_nothing_is_lent_across_a_pause(
    roles: str, before: list[int | None], after: list[int | None]
) -> None:
    assert lenders([ROLES[role] for role in roles]) == (before, after)


@given(words)
def test_sounds_are_contiguous_and_as_long_as_the_phonemes(parts: list[Part]) -> None:
    sounds = _sounds(*parts)
    assert all(sound.start < sound.end and 0.0 <= sound.amount <= 1.0 for sound in sounds)
    assert all(one.end == other.start for one, other in pairwise(sounds))
    assert sum(sound.end - sound.start for sound in sounds) == sum(count for _, count in parts)
