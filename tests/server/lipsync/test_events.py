from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import SETS, Oculus
from lipwire_server.lipsync.events import MIN_HOLD_MS, events
from lipwire_server.lipsync.sounds import spoken
from lipwire_server.lipsync.table import REST
from lipwire_server.speech.port import VisemeSpan
from tests.server.lipsync.phonemes import RATE, Part, phonemes_of, words

REALLY_CLOSED = {
    "oculus": {"PP", "FF"},
    "azure": {"21", "18"},
    "mpeg4": {"1", "2"},
    "rhubarb": {"A", "G"},
    "preston_blair": {"MBP", "FV"},
    "polly": {"p", "f"},
}


def _events(*parts: Part, name: str = "oculus") -> tuple[VisemeSpan, ...]:
    return events(spoken(phonemes_of(*parts)), name, RATE)


def _track(*parts: Part) -> list[tuple[Oculus, int]]:
    return [(Oculus(span.viseme), span.count) for span in _events(*parts)]


def _weights(*parts: Part) -> list[int]:
    return [span.weight for span in _events(*parts)]


def _names(name: str, *parts: Part) -> list[tuple[str, int]]:
    return [(SETS[name][span.viseme], span.count) for span in _events(*parts, name=name)]


@pytest.mark.parametrize("name", SETS)
def test_no_phonemes_are_no_shapes(name: str) -> None:
    assert _events(name=name) == ()


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
    assert _track(("a", 100), ("☃", 60), ("☃", 60), ("i", 60))[0] == (Oculus.AA, 220)


def test_an_unknown_symbol_at_the_start_has_the_shape_after_it() -> None:
    assert _track(("^", 50), ("☃", 60), ("i", 100)) == [(Oculus.SIL, 50), (Oculus.IH, 160)]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("symbol", ["☃", "ʔ", "h", "☃☃", ""])
def test_a_word_of_nothing_that_has_a_shape_is_not_at_rest(name: str, symbol: str) -> None:
    rest, said, _ = _names(name, ("^", 50), (symbol, 100), (".", 50))
    assert rest == (REST[name], 50)
    assert said[0] != REST[name]


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


def test_azure_has_one_shape_for_some_diphthongs_and_two_for_others() -> None:
    assert _names("azure", ("ˈaɪ", 200)) == [("11", 200)]
    assert _names("azure", ("ˈaʊ", 200)) == [("9", 200)]
    assert _names("azure", ("ˈɔɪ", 200)) == [("10", 200)]
    assert _names("azure", ("ˈoʊ", 200)) == [("8", 120), ("4", 80)]
    assert _names("azure", ("ˈeɪ", 200)) == [("4", 120), ("6", 80)]


@pytest.mark.parametrize(
    ("symbol", "shapes"),
    [("tʃ", ["19", "16"]), ("dʒ", ["19", "16"]), ("ts", ["19", "15"]), ("pf", ["21", "18"])],
)
def test_azure_has_two_shapes_for_affricates(symbol: str, shapes: list[str]) -> None:
    assert _names("azure", (symbol, 200)) == [(shapes[0], 80), (shapes[1], 120)]


def test_azure_and_polly_have_a_shape_for_h() -> None:
    parts: tuple[Part, ...] = (("s", 60), ("h", 60), ("ˈu", 100))
    assert _names("azure", *parts) == [("15", 60), ("12", 60), ("7", 100)]
    assert _names("polly", *parts) == [("s", 60), ("k", 60), ("u", 100)]
    assert _names("preston_blair", *parts) == [("etc", 60), ("U", 160)]


def test_mpeg4_is_numbered_like_oculus() -> None:
    parts: tuple[Part, ...] = (("^", 50), ("h", 50), ("ə", 60), ("l", 50), ("ˈoʊ", 200), (".", 90))
    assert _events(*parts, name="mpeg4") == _events(*parts)


def test_rhubarb_says_a_consonant_with_the_mouth_of_its_vowel() -> None:
    assert _names("rhubarb", ("t", 60), ("ˈu", 100)) == [("F", 160)]
    assert _names("rhubarb", ("t", 60), ("ˈi", 100)) == [("B", 160)]
    assert _names("rhubarb", ("ˈɛ", 100), ("n", 60), (".", 100)) == [("C", 160), ("X", 100)]
    assert _names("rhubarb", ("ˈa", 100), ("f", 60), ("i", 100))[1] == ("G", 60)


def test_rhubarb_opens_wide_only_where_there_is_time() -> None:
    assert _names("rhubarb", ("ˈaɪ", 150)) == [("C", 90), ("B", 60)]
    assert _names("rhubarb", ("ˈaɪ", 300)) == [("D", 180), ("B", 120)]


def test_preston_and_blair_draw_what_is_heard() -> None:
    parts: tuple[Part, ...] = (
        ("^", 50), ("w", 60), ("ˈa", 90), ("l", 60), ("m", 60), ("ˈo", 90), ("f", 60), ("s", 60),
    )  # fmt: skip
    assert [name for name, _ in _names("preston_blair", *parts)] == [
        "rest", "WQ", "AI", "L", "MBP", "O", "FV", "etc",
    ]  # fmt: skip


def test_polly_writes_what_is_heard() -> None:
    parts: tuple[Part, ...] = (
        ("^", 50), ("θ", 60), ("ˈɔɪ", 90), ("tʃ", 90), ("ɚ", 60), ("ŋ", 60), ("eɪ", 90), ("β", 60),
    )  # fmt: skip
    assert [name for name, _ in _names("polly", *parts)] == [
        "sil", "T", "O", "S", "@", "k", "e", "B",
    ]  # fmt: skip


def test_a_ligature_is_said_like_its_letters() -> None:
    for name in SETS:
        assert _names(name, ("ʦ", 200)) == _names(name, ("ts", 200))


@given(words, st.sampled_from(sorted(SETS)))
def test_shapes_are_contiguous_and_end_with_the_phonemes(parts: list[Part], name: str) -> None:
    track = _events(*parts, name=name)
    edges = [0, *(span.start + span.count for span in track)]
    assert [span.start for span in track] == edges[:-1]
    assert edges[-1] == sum(count for _, count in parts)
    assert all(span.count > 0 and 0 <= span.weight <= 255 for span in track)
    assert all(0 <= span.viseme < len(SETS[name]) for span in track)
    assert all(a.viseme != b.viseme for a, b in pairwise(track))


@given(words, st.sampled_from(sorted(SETS)))
def test_the_mouth_rests_in_no_word(parts: list[Part], name: str) -> None:
    phonemes = phonemes_of(*parts)
    resting = SETS[name].index(REST[name])
    for span in _events(*parts, name=name):
        if span.viseme == resting:
            heard = [
                phoneme
                for phoneme in phonemes
                if phoneme.word >= 0
                and phoneme.start < span.start + span.count
                and span.start < phoneme.start + phoneme.count
            ]
            assert heard == []


@given(words, st.sampled_from(sorted(SETS)))
def test_a_closure_is_never_given_away(parts: list[Part], name: str) -> None:
    track = _events(*parts, name=name)
    for phoneme in phonemes_of(*parts):
        if phoneme.symbol in ("p", "b", "m", "f", "v") and phoneme.count:
            covered = [
                SETS[name][span.viseme]
                for span in track
                if span.start <= phoneme.start
                and phoneme.start + phoneme.count <= span.start + span.count
            ]
            assert covered
            assert covered[0] in REALLY_CLOSED[name]


@given(words)
def test_what_is_short_is_a_closure_or_has_only_closures_and_pauses_around_it(
    parts: list[Part],
) -> None:
    track = _events(*parts)
    closures = {Oculus.PP, Oculus.FF}
    fixed = {*closures, Oculus.SIL}
    for before, span, after in zip((None, *track), track, (*track[1:], None), strict=False):
        if span.count < MIN_HOLD_MS and span.viseme not in closures:
            assert before is None or before.viseme in fixed
            assert after is None or after.viseme in fixed
