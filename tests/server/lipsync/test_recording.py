import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.lipsync.recording import METHOD, Recording, time_recording
from lipwire_server.speech.timing.phonemizer import Phonemizer

ENGLISH = Phonemizer("en-us", DEFAULT_PHONEME_ID_MAP)
RATE = 16_000


def _sound(*parts: float, noise: float = 0.0) -> NDArray[np.float32]:
    """Seconds of silence and of sound in turn, beginning with silence."""
    chance = np.random.default_rng(1)
    pieces = [
        (0.3 if index % 2 else 0.0) * chance.standard_normal(round(seconds * RATE))
        for index, seconds in enumerate(parts)
    ]
    whole = np.concatenate([np.zeros(0), *pieces])
    return (whole + noise * chance.standard_normal(len(whole))).astype(np.float32)


def _time(samples: NDArray[np.float32], text: str) -> Recording:
    return time_recording(samples, RATE, text, ENGLISH)


def _pauses(recording: Recording) -> list[tuple[str, float, float]]:
    return [
        (p.symbol, round(p.start / RATE, 1), round((p.start + p.count) / RATE, 1))
        for p in recording.phonemes
        if p.word < 0
    ]


def test_punctuation_is_where_the_pauses_are() -> None:
    found = _time(_sound(0.3, 0.8, 0.4, 1.2, 0.5), "We went home, and then it rained all day.")
    assert _pauses(found) == [("^", 0.0, 0.3), (",", 1.1, 1.5), (".", 2.7, 3.2)]
    assert [word.text for word in found.words] == [
        "We", "went", "home", "and", "then", "it", "rained", "all", "day",
    ]  # fmt: skip
    assert found.words[3].start == pytest.approx(1.5 * RATE, abs=0.02 * RATE)
    assert found.method == METHOD


def test_pauses_are_found_in_noise() -> None:
    text = "We went home, and then it rained all day."
    quiet = _time(_sound(0.3, 0.8, 0.4, 1.2, 0.5), text)
    noisy = _time(_sound(0.3, 0.8, 0.4, 1.2, 0.5, noise=0.05), text)
    assert [p.symbol for p in noisy.phonemes] == [p.symbol for p in quiet.phonemes]
    starts = [p.start for p in noisy.phonemes]
    assert starts == pytest.approx([p.start for p in quiet.phonemes], abs=0.03 * RATE)


def test_punctuation_that_is_read_over_makes_no_pause() -> None:
    found = _time(_sound(0.2, 2.0, 0.3), "We went home, and then it rained all day.")
    assert [symbol for symbol, _, _ in _pauses(found)] == ["^", "."]


def test_a_pause_without_punctuation_is_between_words() -> None:
    found = _time(_sound(0.2, 0.6, 0.5, 1.6, 0.3), "We went home and then it rained all day.")
    assert [symbol for symbol, _, _ in _pauses(found)] == ["^", "_", "."]
    after = next(p for p in found.phonemes if p.start >= 1.3 * RATE)
    assert found.words[after.word].start == after.start


def test_a_click_is_no_word() -> None:
    found = _time(_sound(0.3, 0.02, 0.5, 1.6, 0.4), "And then it rained all day.")
    assert found.words[0].start == pytest.approx(0.82 * RATE, abs=0.02 * RATE)


def test_more_pauses_than_words_are_made_fewer() -> None:
    found = _time(_sound(*[0.3, 0.2] * 6, 0.3), "Yes, no.")
    assert [word.text for word in found.words] == ["Yes", "no"]


def test_long_phonemes_get_more_time_than_short_ones() -> None:
    found = _time(_sound(0.2, 0.8, 0.2), "a boat")
    count = {p.symbol: p.count for p in found.phonemes}
    assert count["ˈoʊ"] > count["b"] > 0


@pytest.mark.parametrize("text", ["", "   ", "…", "—"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(LipwireError, match="nothing to say") as caught:
        _time(_sound(0.1, 1.0, 0.1), text)
    assert caught.value.code is ErrorCode.EMPTY_TEXT


@pytest.mark.parametrize(
    "samples",
    [
        _sound(),
        _sound(2.0),
        _sound(2.0, noise=0.2),
        _sound(2.0, noise=1e-4),
        np.zeros(10, np.float32),
    ],
    ids=["nothing", "silence", "noise", "hiss", "ten samples"],
)
def test_a_recording_without_speech_is_refused(samples: NDArray[np.float32]) -> None:
    with pytest.raises(LipwireError, match="nothing is said") as caught:
        _time(samples, "Hello.")
    assert caught.value.code is ErrorCode.BAD_MESSAGE


@pytest.mark.parametrize(("text", "much"), [("word " * 500, "long"), ("a", "short")])
def test_a_text_of_another_recording_is_refused(text: str, much: str) -> None:
    with pytest.raises(LipwireError, match=f"much too {much}.* s of it") as caught:
        _time(_sound(0.2, 3.0, 0.2), text)
    assert caught.value.code is ErrorCode.BAD_MESSAGE


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.zeros((2, 100), np.float32), RATE),
        (np.array([0.0, np.nan], np.float32), RATE),
        (np.array([0.0, np.inf], np.float32), RATE),
        (np.zeros(100, np.float32), 0),
        (np.zeros(100, np.float32), -1),
    ],
)
def test_what_is_no_sound_is_refused(samples: NDArray[np.float32], rate: int) -> None:
    with pytest.raises(LipwireError, match="no sound") as caught:
        time_recording(samples, rate, "Hello.", ENGLISH)
    assert caught.value.code is ErrorCode.BAD_MESSAGE


def test_five_minutes_are_timed_and_end_with_the_last_word() -> None:
    text = "We went home, and then it rained all day. " * 100
    found = _time(_sound(*[0.5, 0.8, 0.4, 1.2] * 100, 0.5), text)
    starts = [word.start for word in found.words if word.text == "We"]
    assert np.diff(starts) == pytest.approx(2.9 * RATE, abs=0.05 * RATE)
    assert found.words[-1].end == len(text) - 2
    assert {text[word.begin : word.end] == word.text for word in found.words} == {True}


_parts = st.lists(st.floats(0.0, 0.6), min_size=2, max_size=12)
_words = st.lists(st.sampled_from(["yes", "no,", "rained.", "1984", "—", "of the"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(_parts, _words)
def test_whatever_is_timed_has_no_gaps_and_all_sounds_of_the_text(
    parts: list[float], words: list[str]
) -> None:
    text = " ".join(words)
    samples = _sound(*parts)
    try:
        found = _time(samples, text)
    except LipwireError as error:
        assert error.code in (ErrorCode.EMPTY_TEXT, ErrorCode.BAD_MESSAGE)
        return
    assert found.count == len(samples)
    edges = [0, *(p.start + p.count for p in found.phonemes)]
    assert [p.start for p in found.phonemes] == edges[:-1]
    assert edges[-1] == found.count
    assert all(p.count > 0 for p in found.phonemes)
    last = 0
    for word in found.words:
        assert last <= word.start < word.start + word.count <= found.count
        last = word.start + word.count
