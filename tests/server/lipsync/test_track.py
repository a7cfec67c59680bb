from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import Oculus
from lipwire_server.lipsync.table import CLOSURES
from lipwire_server.lipsync.track import MIN_HOLD_MS, lips, oculus_track
from lipwire_server.speech.port import PhonemeSpan, VisemeSpan

RATE = 1000
"""With it, a sample is a millisecond."""


def _phonemes(*parts: tuple[str, int]) -> list[PhonemeSpan]:
    """Phonemes one after another; punctuation and `^` are pauses."""
    spans: list[PhonemeSpan] = []
    start = 0
    for symbol, count in parts:
        spans.append(PhonemeSpan(symbol, start, count, -1 if symbol in "^$.,?!" else 0))
        start += count
    return spans


def _track(*parts: tuple[str, int]) -> list[tuple[Oculus, int]]:
    return [(Oculus(span.viseme), span.count) for span in oculus_track(_phonemes(*parts), RATE)]


def _weights(*parts: tuple[str, int]) -> list[int]:
    return [span.weight for span in oculus_track(_phonemes(*parts), RATE)]


def test_the_lips_are_told_by_the_name_of_the_set() -> None:
    phonemes = _phonemes(("^", 50), ("ˈa", 100))
    assert lips(phonemes, RATE) == {
        "oculus": (VisemeSpan(Oculus.SIL, 0, 50, 255), VisemeSpan(Oculus.AA, 50, 100, 255))
    }


def test_no_phonemes_are_no_shapes() -> None:
    assert lips([], RATE) == {"oculus": ()}


def test_the_mouth_rests_in_pauses_only() -> None:
    assert _track(("^", 50), ("a", 100), (",", 200), ("s", 80), (".", 60)) == [
        (Oculus.SIL, 50),
        (Oculus.AA, 100),
        (Oculus.SIL, 200),
        (Oculus.SS, 80),
        (Oculus.SIL, 60),
    ]


def test_a_diphthong_moves_after_six_tenths_of_its_time() -> None:
    assert _track(("ˈaɪ", 200)) == [(Oculus.AA, 120), (Oculus.IH, 80)]


def test_an_affricate_opens_after_four_tenths_of_its_time() -> None:
    assert _track(("tʃ", 200)) == [(Oculus.DD, 80), (Oculus.CH, 120)]


def test_stress_makes_the_mouth_open_wider() -> None:
    assert _weights(("ˈa", 100), ("s", 100), ("ˌa", 100), ("s", 100), ("a", 100))[::2] == [
        255,
        255,
        235,
    ]
    assert _weights(("ˈʌ", 100)) > _weights(("ˌʌ", 100)) > _weights(("ʌ", 100))


def test_closures_are_always_full() -> None:
    assert _weights(("p", 50), ("a", 100), ("f", 50), ("a", 100), ("m", 50))[::2] == [255] * 3


def test_h_takes_the_lips_of_the_vowel_after_it() -> None:
    assert _track(("s", 50), ("h", 60), ("ˈu", 100)) == [(Oculus.SS, 50), (Oculus.OU, 160)]
    assert _weights(("s", 50), ("h", 60), ("k", 100))[1] == 255


def test_h_before_a_pause_takes_the_lips_before_it() -> None:
    assert _track(("ˈu", 100), ("h", 60), (".", 50)) == [(Oculus.OU, 160), (Oculus.SIL, 50)]


def test_h_alone_has_a_shape_of_its_own() -> None:
    assert _track(("^", 50), ("h", 60), (".", 50))[1] == (Oculus.KK, 60)


def test_a_glottal_stop_holds_the_shape_before_it() -> None:
    assert _track(("a", 100), ("ʔ", 60), ("i", 100)) == [(Oculus.AA, 160), (Oculus.IH, 100)]


def test_a_glottal_stop_does_not_hold_a_closure() -> None:
    assert _track(("p", 60), ("ʔ", 60), ("i", 100)) == [(Oculus.PP, 60), (Oculus.IH, 160)]


def test_an_unknown_symbol_holds_the_shape_before_it() -> None:
    assert _track(("a", 100), ("☃", 60)) == [(Oculus.AA, 160)]
    assert _track(("☃", 60), ("a", 100)) == [(Oculus.SIL, 60), (Oculus.AA, 100)]


def test_neighbours_of_the_same_shape_are_one() -> None:
    assert _track(("p", 60), ("m", 60), ("ə", 60), ("ˈa", 60)) == [
        (Oculus.PP, 120),
        (Oculus.AA, 120),
    ]
    assert _weights(("ə", 60), ("ˈa", 60)) == [255]


def test_a_short_shape_gives_its_time_to_the_one_before() -> None:
    assert _track(("a", 100), ("n", 30), ("s", 100)) == [(Oculus.AA, 130), (Oculus.SS, 100)]


def test_a_short_shape_after_a_closure_gives_its_time_to_the_one_after() -> None:
    assert _track(("p", 60), ("ɹ", 30), ("a", 100)) == [(Oculus.PP, 60), (Oculus.AA, 130)]


def test_a_short_shape_after_a_pause_gives_its_time_to_the_one_after() -> None:
    assert _track(("^", 60), ("k", 20), ("a", 100)) == [(Oculus.SIL, 60), (Oculus.AA, 120)]


def test_a_short_shape_between_closures_stays() -> None:
    assert _track(("p", 60), ("ə", 30), ("b", 60)) == [
        (Oculus.PP, 60),
        (Oculus.AA, 30),
        (Oculus.PP, 60),
    ]


def test_short_closures_keep_their_time() -> None:
    assert _track(("a", 100), ("p", 12), ("a", 100), ("f", 20), ("i", 80)) == [
        (Oculus.AA, 100),
        (Oculus.PP, 12),
        (Oculus.AA, 100),
        (Oculus.FF, 20),
        (Oculus.IH, 80),
    ]


parts = st.lists(
    st.tuples(
        st.sampled_from(
            ["^", ".", ",", "p", "ˈa", "ə", "iː", "tʃ", "ˌoʊ", "h", "ʔ", "f", "m", "s", "ɹ", "☃"]
            + ["k", "w", "pf", "n\u0329"]
        ),
        st.integers(1, 200),
    ),
    max_size=30,
)


@given(parts)
def test_shapes_are_contiguous_and_end_with_the_phonemes(phonemes: list[tuple[str, int]]) -> None:
    track = oculus_track(_phonemes(*phonemes), RATE)
    edges = [0, *(span.start + span.count for span in track)]
    assert [span.start for span in track] == edges[:-1]
    assert edges[-1] == sum(count for _, count in phonemes)
    assert all(span.count > 0 and 0 <= span.weight <= 255 for span in track)
    assert all(a.viseme != b.viseme for a, b in pairwise(track))


@given(parts)
def test_what_is_short_is_a_closure_or_has_only_closures_and_pauses_around_it(
    phonemes: list[tuple[str, int]],
) -> None:
    track = oculus_track(_phonemes(*phonemes), RATE)
    fixed = {*CLOSURES, Oculus.SIL}
    for before, span, after in zip((None, *track), track, (*track[1:], None), strict=False):
        if span.count < MIN_HOLD_MS and span.viseme not in CLOSURES:
            assert before is None or before.viseme in fixed
            assert after is None or after.viseme in fixed
