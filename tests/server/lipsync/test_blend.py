"""How the mouth moves between shapes: ahead of the sound where it may, closed where it must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import Oculus
from lipwire_server.lipsync.mouth import mouth
from tests.server.lipsync.phonemes import RATE, Part, phonemes_of, words

FULL = 255
SEALED = 204
STEW: tuple[Part, ...] = (("^", 300), ("s", 110), ("t", 70), ("ˈuː", 160), (".", 200))
FATHER: tuple[Part, ...] = (("^", 300), ("f", 90), ("ˈɑː", 180), ("ð", 60), ("ɚ", 120), (".", 200))
MAMA: tuple[Part, ...] = (
    ("^", 300), ("m", 80), ("ˈɑː", 150), ("m", 70), ("ə", 110), (".", 200),
)  # fmt: skip
FIVE: tuple[Part, ...] = (("^", 300), ("f", 90), ("ˈaɪ", 190), ("v", 80), (".", 200))


def _at(parts: tuple[Part, ...] | list[Part], *times: float) -> list[dict[Oculus, int]]:
    rows = mouth(phonemes_of(*parts), RATE).weights("oculus", np.array(times, np.int64))
    return [{viseme: int(row[viseme]) for viseme in Oculus} for row in rows]


def _main(parts: tuple[Part, ...], time: float) -> Oculus:
    (row,) = _at(parts, time)
    return max(row, key=row.__getitem__)


def test_lips_are_rounded_ahead_of_the_vowel_in_stew() -> None:
    early, before, at_the_t, in_the_vowel = _at(STEW, 480 - 160, 480 - 90, 480 - 40, 480 + 80)
    assert early[Oculus.OU] == 0
    assert 25 < before[Oculus.OU] < at_the_t[Oculus.OU] < in_the_vowel[Oculus.OU] == FULL


def test_lips_are_not_rounded_ahead_through_another_vowel_or_closed_lips() -> None:
    (vowel,) = _at((("^", 300), ("iː", 100), ("t", 60), ("uː", 160), (".", 90)), 300 + 50)
    assert vowel[Oculus.OU] == 0
    closed, _ = _at((("^", 300), ("s", 100), ("p", 80), ("uː", 160), (".", 90)), 300 + 50, 440)
    assert closed[Oculus.OU] == 0


def test_the_mouth_opens_wide_for_father() -> None:
    assert _main(FATHER, 345) is Oculus.FF
    assert _at(FATHER, 480)[0][Oculus.AA] == FULL
    assert _main(FATHER, 600) is Oculus.TH
    assert _main(FATHER, 690) is Oculus.RR


def test_the_mouth_closes_twice_for_mama() -> None:
    shapes = [_main(MAMA, time) for time in (340, 450, 565, 660, 900)]
    assert shapes == [Oculus.PP, Oculus.AA, Oculus.PP, Oculus.AA, Oculus.SIL]
    assert _at(MAMA, 340, 565)[1][Oculus.PP] == FULL


def test_teeth_are_on_the_lip_at_both_ends_of_five() -> None:
    shapes = [_main(FIVE, time) for time in (345, 440, 540, 620)]
    assert shapes == [Oculus.FF, Oculus.AA, Oculus.IH, Oculus.FF]


@pytest.mark.parametrize(("symbol", "parts"), [("p", 20), ("b", 5), ("m", 0)])
@pytest.mark.parametrize("vowel", ["ˈɑː", "ˈuː", "ɹ"])
def test_lips_close_within_10_ms_and_part_when_the_sound_is_made(
    symbol: str, parts: int, vowel: str
) -> None:
    word = [("^", 300), ("ˈæ", 120), (symbol, 80), (vowel, 160), (".", 200)]
    before, sealed, release, opening, opened = _at(
        word, 370, 430, 500 - parts, 520 - parts, 540 - parts
    )
    assert before[Oculus.PP] == 0
    assert sealed[Oculus.PP] == release[Oculus.PP] == FULL
    assert 60 < opening[Oculus.PP] < 195
    assert opened[Oculus.PP] < 25


@pytest.mark.parametrize("symbol", ["p", "b"])
def test_lips_are_closed_before_a_phrase_and_part_with_its_first_sound(symbol: str) -> None:
    word = [("^", 300), (symbol, 40), ("ˈɑː", 160), (".", 200)]
    rest, closing, closed, middle, opened = _at(word, 150, 260, 300, 320, 352)
    assert rest[Oculus.PP] == 0
    assert 60 < closing[Oculus.PP] < FULL
    assert closed[Oculus.PP] == FULL
    assert middle[Oculus.PP] >= SEALED
    assert opened[Oculus.PP] < 25


def test_aspirated_lips_part_before_the_air() -> None:
    plain = [("^", 300), ("s", 120), ("p", 120), ("ˈa", 150), (".", 200)]
    aspirated = [("^", 300), ("s", 120), ("pʰ", 120), ("ˈa", 150), (".", 200)]
    assert _at(aspirated, 510)[0][Oculus.PP] < _at(plain, 510)[0][Oculus.PP] == FULL
    long = [("^", 300), ("s", 120), ("pʰ", 400), ("ˈa", 150), (".", 200)]
    assert _at(long, 740)[0][Oculus.AA] > 60


def test_lips_go_from_teeth_to_lips_in_time() -> None:
    word = [("^", 300), ("v", 80), ("b", 80), ("ˈa", 150), (".", 200)]
    held, moving, closed = _at(word, 350, 380, 390)
    assert held[Oculus.FF] == FULL
    assert moving[Oculus.FF] + moving[Oculus.PP] == FULL
    assert 0 < moving[Oculus.PP] < FULL
    assert closed[Oculus.PP] == FULL


def test_lips_are_closed_for_a_while_before_a_stop_that_was_given_little_time() -> None:
    word = [("^", 300), ("ˈuː", 120), ("p", 30), ("ˈiː", 120), (".", 200)]
    open_yet, closed, released = _at(word, 340, 390, 438)
    assert open_yet[Oculus.PP] == 0
    assert closed[Oculus.PP] == FULL
    assert released[Oculus.PP] == FULL
    short = [("^", 300), ("ə", 60), ("p", 30), ("ˈiː", 120), (".", 200)]
    seen, gone = _at(short, 310, 345)
    assert seen[Oculus.PP] < 60
    assert gone[Oculus.PP] == FULL


def test_an_approximant_comes_near_a_closure_only() -> None:
    word = [("^", 300), ("a", 120), ("β", 80), ("a", 120), (".", 200)]
    assert 90 < _at(word, 460)[0][Oculus.PP] < SEALED


def test_a_consonant_of_the_tongue_gives_way_to_vowels_and_one_of_the_lips_does_not() -> None:
    def share(symbol: str, viseme: Oculus) -> int:
        word = [("^", 300), ("ˈɑː", 120), (symbol, 45), ("ˈɑː", 120), (".", 200)]
        return _at(word, 442)[0][viseme]

    assert 90 < share("t", Oculus.DD) < share("s", Oculus.SS) < share("w", Oculus.OU) <= FULL
    assert share("m", Oculus.PP) == FULL


def test_the_first_shape_of_a_phrase_comes_early_but_not_before_its_pause_allows() -> None:
    long = [("^", 400), ("s", 100), ("a", 150), (".", 200)]
    earlier, early = _at(long, 400 - 121, 400 - 60)
    assert earlier[Oculus.SS] == 0
    assert early[Oculus.SS] > 60
    short = [("^", 40), ("s", 100), ("a", 150), (".", 200)]
    assert _at(short, 0)[0][Oculus.SIL] == FULL


def test_a_vowel_comes_less_early_than_a_consonant() -> None:
    vowel = [("^", 400), ("a", 150), (".", 200)]
    assert _at(vowel, 400 - 81)[0][Oculus.AA] == 0
    assert _at(vowel, 400 - 40)[0][Oculus.AA] > 0


def test_the_mouth_stays_in_a_short_pause_relaxes_in_a_longer_and_rests_in_a_long_one() -> None:
    def shut(pause: int) -> int:
        word = [("^", 200), ("ˈɑː", 200), (",", pause), ("ˈɑː", 200), (".", 200)]
        return _at(word, 400 + 0.6 * pause)[0][Oculus.SIL]

    assert shut(100) == 0
    assert 100 < shut(300) < 200
    assert shut(400) == FULL


def test_the_mouth_rests_at_both_ends_however_short_they_are() -> None:
    word = [("^", 30), ("ˈɑː", 200), (".", 40)]
    first, last = _at(word, 0, 269)
    assert first[Oculus.SIL] == FULL
    assert last[Oculus.SIL] == FULL


def test_stress_opens_vowels_farther() -> None:
    def openness(vowel: str) -> int:
        return _at([("^", 200), (vowel, 200), (".", 200)], 320)[0][Oculus.AA]

    assert openness("ˈʌ") > openness("ˌʌ") > openness("ʌ")
    assert openness("ˈɑ") > openness("ɑ")
    assert openness("ʌː") > openness("ʌ")


def test_a_labialised_consonant_is_rounded_and_a_nasal_vowel_a_little_less_open() -> None:
    word = [("^", 200), ("kʷ", 100), ("ˈa", 100), (".", 200)]
    assert _at(word, 250)[0][Oculus.OU] > 90
    nasal, oral = (
        _at([("^", 200), (vowel, 200), (".", 200)], 320)[0][Oculus.AA] for vowel in ("ɑ\u0303", "ɑ")
    )
    assert 0.85 * oral < nasal < oral


def test_nothing_jumps_in_plain_speech() -> None:
    for word in (STEW, FATHER, MAMA, FIVE):
        end = sum(count for _, count in word)
        track = mouth(phonemes_of(*word), RATE).weights("oculus", np.arange(0, end, 5))
        assert np.abs(np.diff(track.astype(int), axis=0)).max() < 0.25 * FULL


def test_silence_and_nothing_are_rest() -> None:
    assert _at([("_", 100)], 50)[0][Oculus.SIL] < FULL  # A symbol in a word, whatever it is.
    assert _at([("^", 100)], 50)[0][Oculus.SIL] == FULL
    assert _at([], 0)[0][Oculus.SIL] == FULL


@given(words)
def test_weights_add_up_at_every_time(parts: list[Part]) -> None:
    end = sum(count for _, count in parts)
    track = mouth(phonemes_of(*parts), RATE).weights("oculus", np.arange(-5, end + 5, 3))
    assert track.shape == (len(range(-5, end + 5, 3)), 15)
    assert (track.sum(axis=1, dtype=int) == FULL).all()


@given(words)
def test_lips_touch_in_the_middle_of_every_closure(parts: list[Part]) -> None:
    phonemes = phonemes_of(*parts)
    at_44100 = [
        type(span)(span.symbol, span.start * 44, span.count * 44, span.word) for span in phonemes
    ]
    moving = mouth(at_44100, 44_000)
    for span in at_44100:
        if span.symbol in ("p", "b", "m", "f", "v") and span.count:
            closed = Oculus.PP if span.symbol in "pbm" else Oculus.FF
            (row,) = moving.weights("oculus", np.array([span.start + span.count // 2]))
            assert row[closed] >= SEALED


@given(words)
def test_the_mouth_does_not_rest_in_the_middle_of_a_sound(parts: list[Part]) -> None:
    phonemes = [span for span in phonemes_of(*parts) if span.word >= 0 and span.count >= 30]
    middles = np.array([span.start + span.count // 2 for span in phonemes], np.int64)
    track = mouth(phonemes_of(*parts), RATE).weights("oculus", middles)
    assert (track[:, Oculus.SIL] < 0.85 * FULL).all()


@given(words, st.lists(st.integers(-100, 13_000), max_size=30), st.integers(0, 7))
def test_weights_at_a_time_do_not_depend_on_the_other_times(
    parts: list[Part], times: list[int], step: int
) -> None:
    moving = mouth(phonemes_of(*parts), RATE)
    together = moving.weights("oculus", np.array(times, np.int64))
    some = np.array(times, np.int64)[step :: step + 1]
    assert np.array_equal(moving.weights("oculus", some), together[step :: step + 1])
    for time, row in list(zip(times, moving.weights("arkit", np.array(times)), strict=True))[:3]:
        (alone,) = moving.weights("arkit", np.array([time]))
        assert np.array_equal(alone, row)


def test_a_long_segment_takes_time_in_proportion() -> None:
    # Every pull reaches a bounded stretch, so even many short sounds meet each time in few.
    phonemes = phonemes_of(*[("s", 12), ("a", 12), ("p", 12), ("u", 12)] * 5_000)
    track = mouth(phonemes, RATE).weights("oculus", np.arange(0, 240_000, 33))
    assert (track.sum(axis=1, dtype=int) == FULL).all()
