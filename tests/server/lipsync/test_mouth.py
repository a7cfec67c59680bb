from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from lipwire_protocol.visemes import SETS, WEIGHT_SETS, Oculus
from lipwire_server.lipsync.mouth import FORM_ZERO, mouth
from lipwire_server.lipsync.table import REST
from lipwire_server.speech.port import PhonemeSpan, VisemeSpan
from tests.server.lipsync.phonemes import RATE, Part, phonemes_of

WORD: tuple[Part, ...] = (
    ("^", 300),
    ("p", 80),
    ("ˈɑː", 160),
    ("ˈuː", 160),
    ("iː", 160),
    (".", 300),
)
CLOSED, OPEN, ROUND, SMILING, RESTING = 320, 460, 620, 780, 1150


def _weights(name: str) -> list[dict[str, int]]:
    times = np.array([CLOSED, OPEN, ROUND, SMILING, RESTING])
    rows = mouth(phonemes_of(*WORD), RATE).weights(name, times)
    assert rows.dtype == np.uint8
    return [dict(zip(WEIGHT_SETS[name], map(int, row), strict=True)) for row in rows]


def test_every_set_of_events_is_there_and_made_once() -> None:
    moving = mouth(phonemes_of(*WORD), RATE)
    assert list(moving.sets) == list(SETS)
    assert len(moving.sets) == len(SETS)
    for name in SETS:
        assert moving.sets[name] is moving.sets[name]
        assert moving.sets[name][0].start == 0


def test_threads_are_given_the_same_events_and_weights() -> None:
    moving = mouth(phonemes_of(*WORD), RATE)
    times = np.arange(0, 1160, 10)
    with ThreadPoolExecutor(8) as threads:
        events = list(threads.map(lambda _: moving.sets["azure"], range(32)))
        tracks = list(threads.map(lambda _: moving.weights("oculus", times).tobytes(), range(32)))
    assert all(found is events[0] for found in events)
    assert len(set(tracks)) == 1


def test_what_is_no_set_is_not_found() -> None:
    moving = mouth(phonemes_of(*WORD), RATE)
    assert "vrm" not in moving.sets
    with pytest.raises(KeyError):
        moving.weights("azure", np.array([0]))


def test_mouths_of_equal_phonemes_have_equal_events() -> None:
    one, other = (mouth(phonemes_of(*WORD), RATE).sets for _ in range(2))
    assert one == other
    assert one["oculus"][:2] == (
        VisemeSpan(Oculus.SIL, 0, 300, 255),
        VisemeSpan(Oculus.PP, 300, 80, 255),
    )


@pytest.mark.parametrize("name", WEIGHT_SETS)
def test_no_times_are_no_weights(name: str) -> None:
    none = mouth(phonemes_of(*WORD), RATE).weights(name, np.array([], np.int64))
    assert none.shape == (0, len(WEIGHT_SETS[name]))


def test_the_jaw_of_arkit_opens_for_open_vowels_and_is_up_when_lips_are_closed() -> None:
    closed, wide, rounded, smiling, resting = _weights("arkit")
    assert closed["jawOpen"] < 20 < rounded["jawOpen"] < wide["jawOpen"]
    assert wide["jawOpen"] > 140
    assert closed["mouthPressLeft"] > 100 > 0 == wide["mouthPressLeft"]
    assert rounded["mouthPucker"] > 180 > 0 == wide["mouthPucker"]
    assert smiling["mouthSmileLeft"] == smiling["mouthSmileRight"] > 60
    assert set(resting.values()) == {0}


def test_arkit_moves_nothing_but_jaw_lips_and_tongue() -> None:
    symbols = [symbol for symbol in DEFAULT_PHONEME_ID_MAP if symbol not in "^$"]
    parts: list[Part] = [("^", 100), *((symbol, 80) for symbol in symbols), (".", 100)]
    track = mouth(phonemes_of(*parts), RATE).weights("arkit", np.arange(0, 13_000, 20))
    moved = {WEIGHT_SETS["arkit"][shape] for shape in np.flatnonzero(track.any(axis=0))}
    assert {"jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "tongueOut"} <= moved
    assert all(name.startswith(("jaw", "mouth", "tongue")) for name in moved)


def test_both_halves_of_an_arkit_face_do_the_same() -> None:
    for row in _weights("arkit"):
        for name in row:
            if name.endswith("Left") and name[:-4] + "Right" in row:
                assert row[name] == row[name[:-4] + "Right"]


def test_vrm_has_its_five_vowels() -> None:
    closed, wide, rounded, smiling, resting = _weights("vrm")
    assert max(closed.values()) == max(resting.values()) == 0
    assert wide == {"aa": 255, "ih": 0, "ou": 0, "ee": 0, "oh": 0}
    assert rounded["ou"] == 255
    assert smiling["ih"] > 200


def test_live2d_opens_and_forms_the_mouth() -> None:
    closed, wide, rounded, smiling, resting = _weights("live2d")
    assert closed["ParamMouthOpenY"] == 0
    assert wide["ParamMouthOpenY"] == 255
    assert rounded["ParamMouthForm"] == FORM_ZERO - 127
    assert smiling["ParamMouthForm"] > FORM_ZERO + 100
    assert resting == {"ParamMouthOpenY": 0, "ParamMouthForm": FORM_ZERO}


@pytest.mark.parametrize("symbol", DEFAULT_PHONEME_ID_MAP)
def test_every_symbol_of_pipers_map_has_a_mouth_in_every_set(symbol: str) -> None:
    spans = [
        PhonemeSpan("^", 0, 100, -1),
        PhonemeSpan("ˈɛ" + symbol, 100, 80, 0),
        PhonemeSpan(symbol, 180, 80, 0),
        PhonemeSpan(".", 260, 100, -1),
    ]
    moving = mouth(spans, RATE)
    for name, track in moving.sets.items():
        rest = SETS[name].index(REST[name])
        assert [span for span in track if span.viseme == rest] == [
            VisemeSpan(rest, 0, 100, 255),
            VisemeSpan(rest, 260, 100, 255),
        ]
    weights = moving.weights("oculus", np.arange(0, 360, 7))
    assert (weights.sum(axis=1, dtype=int) == 255).all()
    assert weights[20, Oculus.SIL] < 128


@pytest.mark.parametrize(
    "leaked", ["s.", "ʁ?", "z-", "r#", 'n"', "k:", "m_", "a^", "o$", "e'", "t("]
)
def test_what_espeak_leaks_inside_words_is_not_seen(leaked: str) -> None:
    clean, odd = (
        mouth(phonemes_of(("^", 100), (symbol, 120), (".", 100)), RATE).sets
        for symbol in (leaked[0], leaked)
    )
    assert clean == odd
