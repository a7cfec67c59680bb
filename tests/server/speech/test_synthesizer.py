from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import onnx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.timeline import HOP
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech import synthesizer as module
from lipwire_server.speech.port import Job, PhonemeSpan, VisemeSpan
from lipwire_server.speech.synthesizer import Prepared, Synthesizer, content_key
from lipwire_server.speech.text.reader import Reader
from lipwire_server.speech.voices.config import NoiseScales
from lipwire_server.speech.voices.reading import Noise, Reading
from lipwire_server.speech.voices.voice import Voice
from tests.fakes import FakeMouth
from tests.odd_voices import reading_the_text, rounding_twice
from tests.tiny_voice import NAME, SPEAKERS, STANDARD, Anatomy, tiny_model, write_tiny_voice

JOB = Job(text="Hello there, my friend. How are you today, on this fine day of May?", voice=NAME)
STILL = replace(JOB, noise_percent=0)
SEVERAL = Anatomy(speakers=3, rate=22050)


def _lips(phonemes: Sequence[PhonemeSpan], rate: int) -> FakeMouth:
    count = sum(span.count for span in phonemes)
    return FakeMouth({"one": (VisemeSpan(rate % 7, 0, count, 9),)})


_WHOLE = {
    "reading the text": reading_the_text(tiny_model()),
    "rounding twice": rounding_twice(tiny_model()),
    "long frames": tiny_model(Anatomy(hop=512)),
    "short frames": tiny_model(Anatomy(hop=100)),
}


def _load(
    factory: pytest.TempPathFactory,
    anatomy: Anatomy = STANDARD,
    model: onnx.ModelProto | None = None,
) -> Voice:
    return Voice.load(write_tiny_voice(factory.mktemp("voice"), anatomy=anatomy, model=model))


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Voice:
    return _load(tmp_path_factory)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Voice:
    return _load(tmp_path_factory, SEVERAL)


@pytest.fixture(scope="module", params=_WHOLE)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Voice:
    """A voice that cannot be spoken in windows."""
    return _load(tmp_path_factory, model=_WHOLE[request.param])


@pytest.fixture
def synthesizer(voice: Voice) -> Synthesizer:
    times = iter(range(100, 10_000))
    return Synthesizer(voice, _lips, lambda: next(times))


def _speaking(voice: Voice) -> Synthesizer:
    return Synthesizer(voice, _lips, lambda: 0)


def _samples(synthesizer: Synthesizer, job: Job = JOB) -> bytes:
    prepared = synthesizer.plan(job)
    windows = range(prepared.windows)
    return b"".join(synthesizer.window(prepared, index).samples.tobytes() for index in windows)


def _check_timing(synthesizer: Synthesizer, prepared: Prepared) -> None:
    """Phonemes, words and windows add up."""
    plan = prepared.plan
    position = 0
    for span in plan.phonemes:
        assert span.start == position
        position += span.count
    assert position == plan.count
    edges = [0, *(edge for word in plan.words for edge in (word.start, word.start + word.count))]
    assert edges == sorted(edges)
    assert edges[-1] <= plan.count
    position = 0
    for index in range(prepared.windows):
        window = synthesizer.window(prepared, index)
        assert (window.index, window.start) == (index, position)
        position += window.samples.size
    assert position == plan.count


def test_phonemes_words_and_windows_cover_the_plan(synthesizer: Synthesizer) -> None:
    prepared = synthesizer.plan(JOB)
    _check_timing(synthesizer, prepared)
    assert prepared.plan.count > 0
    assert [word.text for word in prepared.plan.words][:4] == ["Hello", "there", "my", "friend"]


def test_the_plan_tells_when_its_steps_were_done(synthesizer: Synthesizer) -> None:
    plan = synthesizer.plan(JOB).plan
    assert (plan.phonemized_ns, plan.encoded_ns) == (100, 101)


def test_mouth_shapes_come_from_the_phonemes(synthesizer: Synthesizer) -> None:
    plan = synthesizer.plan(JOB).plan
    assert plan.mouth.sets == {"one": (VisemeSpan(16000 % 7, 0, plan.count, 9),)}


# The same each time


def test_the_same_job_gives_the_same_bytes_whatever_ran_before(
    voice: Voice, synthesizer: Synthesizer
) -> None:
    first = _samples(synthesizer)
    synthesizer.plan(replace(JOB, text="Something else."))
    fresh = _speaking(voice)
    prepared = fresh.plan(JOB)
    backwards = [fresh.window(prepared, i) for i in reversed(range(prepared.windows))]
    assert b"".join(window.samples.tobytes() for window in reversed(backwards)) == first


def test_threads_that_speak_at_once_give_the_same_bytes(several: Voice) -> None:
    jobs = [replace(JOB, speaker=name, seed=seed) for name in SPEAKERS for seed in (0, 1)]
    expected = [_samples(_speaking(several), job) for job in jobs]
    shared = _speaking(several)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda job: _samples(shared, job), jobs * 3))
    assert made == expected * 3
    assert len(set(expected)) == len(jobs)


@pytest.mark.parametrize(
    "other",
    [replace(JOB, seed=1), replace(JOB, rate_percent=110), replace(JOB, text=JOB.text + "!")],
)
def test_another_job_sounds_different(synthesizer: Synthesizer, other: Job) -> None:
    first, second = (np.frombuffer(_samples(synthesizer, job), np.float32) for job in (JOB, other))
    size = min(first.size, second.size)
    assert not np.allclose(first[:size], second[:size])


def test_without_noise_every_seed_sounds_the_same(synthesizer: Synthesizer) -> None:
    assert _samples(synthesizer, STILL) == _samples(synthesizer, replace(STILL, seed=5))
    assert _samples(synthesizer, STILL) != _samples(synthesizer, JOB)


def test_a_higher_rate_is_faster(synthesizer: Synthesizer) -> None:
    counts = [
        synthesizer.plan(replace(STILL, rate_percent=rate)).plan.count for rate in (50, 100, 200)
    ]
    assert counts[0] > 1.6 * counts[1]
    assert counts[1] > 1.4 * counts[2]


def test_where_a_stream_is_taken_up_again_changes_nothing(synthesizer: Synthesizer) -> None:
    assert _samples(synthesizer, replace(JOB, first_window=2)) == _samples(synthesizer)


# Speakers


def test_each_speaker_sounds_different_and_the_first_needs_no_name(several: Voice) -> None:
    synthesizer = _speaking(several)
    nobody, *named = (_samples(synthesizer, replace(STILL, speaker=s)) for s in (None, *SPEAKERS))
    assert nobody == named[0]
    assert len(set(named)) == len(SPEAKERS)


def test_an_unknown_speaker_is_not_found(several: Voice) -> None:
    stranger = replace(JOB, speaker="eve")
    for asked in (_speaking(several).plan, lambda job: content_key(several, job)):
        with pytest.raises(LipwireError, match="ann, bob, cid") as caught:
            asked(stranger)
        assert caught.value.code is ErrorCode.NOT_FOUND


# Whole


def test_timing_adds_up_in_a_voice_that_is_spoken_whole(whole: Voice) -> None:
    synthesizer = _speaking(whole)
    prepared = synthesizer.plan(JOB)
    assert whole.why_whole
    assert prepared.windows > 1
    _check_timing(synthesizer, prepared)
    assert len(prepared.plan.words) == 14


def test_a_voice_that_is_spoken_whole_says_the_same_each_time(whole: Voice) -> None:
    first = _samples(_speaking(whole))
    assert _samples(_speaking(whole)) == first
    assert _samples(_speaking(whole), replace(JOB, seed=1)) != first


# Silence


def test_silence_is_spoken_as_one_pause(synthesizer: Synthesizer) -> None:
    prepared = synthesizer.plan(Job(text="", voice=NAME, silence_ms=1000))
    plan = prepared.plan
    assert 16000 <= plan.count < 16000 + HOP
    assert plan.words == ()
    assert plan.phonemes == (PhonemeSpan("_", 0, plan.count, -1),)
    _check_timing(synthesizer, prepared)
    assert not any(
        synthesizer.window(prepared, index).samples.any() for index in range(prepared.windows)
    )


@given(milliseconds=st.integers(0, 60_000))
def test_silence_is_as_long_as_asked_for_to_a_hop(several: Voice, milliseconds: int) -> None:
    synthesizer = Synthesizer(several, mouth, lambda: 0)
    prepared = synthesizer.plan(Job(text="", voice=NAME, silence_ms=milliseconds))
    wanted = milliseconds * 22050 / 1000
    assert wanted - 1 <= prepared.plan.count < wanted + HOP + 1
    _check_timing(synthesizer, prepared)
    shapes = prepared.plan.mouth.sets["oculus"]
    assert sum(shape.count for shape in shapes) == prepared.plan.count


# What a job depends on


@pytest.mark.parametrize(
    "other",
    [
        replace(JOB, text="Hello."),
        replace(JOB, text="", silence_ms=5),
        replace(JOB, speaker="bob"),
        replace(JOB, rate_percent=101),
        replace(JOB, noise_percent=99),
        replace(JOB, seed=1),
        replace(JOB, text=JOB.text + "\ud800"),
    ],
)
def test_the_key_differs_in_all_that_is_heard(several: Voice, other: Job) -> None:
    assert content_key(several, other) != content_key(several, JOB)


@pytest.mark.parametrize(
    "other", [replace(JOB, first_window=3), replace(JOB, speaker="ann"), replace(JOB)]
)
def test_the_key_is_the_same_for_what_sounds_the_same(several: Voice, other: Job) -> None:
    assert content_key(several, other) == content_key(several, JOB)


def test_the_key_differs_between_voices(voice: Voice, several: Voice) -> None:
    noisier = replace(voice, config=replace(voice.config, noise=NoiseScales(1, 1)))
    renamed = replace(voice, name="other")
    assert content_key(voice, JOB) == content_key(renamed, JOB)
    assert len({content_key(each, JOB) for each in (voice, several, noisier)}) == 3


@given(
    first=st.tuples(st.text(), st.integers(0, 999), st.integers(0, 999)),
    second=st.tuples(st.text(), st.integers(0, 999), st.integers(0, 999)),
)
@example(first=("x", 11, 0), second=("x1", 1, 0))
def test_no_two_jobs_have_the_same_key(
    voice: Voice, first: tuple[str, int, int], second: tuple[str, int, int]
) -> None:
    keys = [
        content_key(voice, Job(text=text, voice=NAME, silence_ms=silence, seed=seed))
        for text, silence, seed in (first, second)
    ]
    assert (keys[0] == keys[1]) == (first == second)


# What cannot be said


@pytest.mark.parametrize("text", ["  \n", "...", "—", "?!", "[[ˈ]]"])
def test_a_text_in_which_nothing_is_said_is_refused(synthesizer: Synthesizer, text: str) -> None:
    with pytest.raises(LipwireError) as caught:
        synthesizer.plan(replace(JOB, text=text))
    assert caught.value.code is ErrorCode.EMPTY_TEXT


# What is too much to be read in one go

SPELT = replace(JOB, text="XKCD HTTP WWW, " * 20 + "and the end of it.")


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of everything that a voice reads in one go."""
    found: list[int] = []
    read = Voice.read

    def noted(voice: Voice, ids: NDArray[np.int64], job: Job, noise: Noise) -> Reading:
        found.append(ids.size)
        return read(voice, ids, job, noise)

    monkeypatch.setattr(Voice, "read", noted)
    return found


def _time_of(prepared: Prepared, text: str) -> tuple[int, int]:
    (word,) = (word for word in prepared.plan.words if word.text == text)
    return word.start, word.start + word.count


def test_a_text_of_too_many_phonemes_is_read_in_parts_and_its_timing_is_whole(
    synthesizer: Synthesizer, sizes: list[int]
) -> None:
    prepared = synthesizer.plan(SPELT)
    assert len(sizes) > 2
    assert max(sizes) <= module.MAX_PHONEMES + 3
    _check_timing(synthesizer, prepared)
    assert [word.text for word in prepared.plan.words] == [
        word.strip(",.") for word in SPELT.text.split()
    ]
    spoken = [span for span in prepared.plan.phonemes if span.word >= 0]
    assert [span.word for span in spoken] == sorted(span.word for span in spoken)
    assert _time_of(prepared, "end")[0] > prepared.plan.count * 0.9


def test_the_sound_of_a_part_is_that_of_its_phonemes_alone(
    synthesizer: Synthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (replace(STILL, text=f"[[{block}]]") for block in ("haloː jˈuː", "ðɛɹ ɪzɪt"))
    both = replace(STILL, text="[[haloː jˈuː ðɛɹ ɪzɪt]]")
    apart = _samples(synthesizer, one) + _samples(synthesizer, two)
    assert _samples(synthesizer, both) != apart
    monkeypatch.setattr(module, "MAX_PHONEMES", 12)
    monkeypatch.setattr(module, "_PART", 11)
    assert _samples(synthesizer, both) == apart


def test_parts_that_are_equal_do_not_have_the_same_chance(
    synthesizer: Synthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PHONEMES", 8)
    monkeypatch.setattr(module, "_PART", 5)
    samples = _samples(synthesizer, replace(JOB, text="[[haloː haloː]]"))
    assert _samples(synthesizer, replace(JOB, text="[[haloː haloː]]")) == samples
    assert samples[: len(samples) // 2] != samples[len(samples) // 2 :]


def test_a_voice_that_is_not_cut_reads_in_parts_too(whole: Voice) -> None:
    synthesizer = _speaking(whole)
    _check_timing(synthesizer, synthesizer.plan(SPELT))


@pytest.mark.parametrize(
    "text",
    [
        "我们今天去公园散步然后回家吃晚饭看电视" * 16,
        "Сегодня мы идём гулять в парк с друзьями " * 8,
        "مرحبا كيف حالك اليوم أنا بخير " * 10,
        "आज हम पार्क में घूमने जा रहे हैं " * 9,
        "วันนี้เราไปเดินเล่นที่สวนสาธารณะ" * 10,
        "w" * 300,
        "𝐇𝐞𝐥𝐥𝐨 " * 50,
        "ＨＥＬＬＯ" * 60,
        "⁉" * 400,
        "a⃝" * 200,
        "ﬃ" * 400,
        "ơ" * 400,
    ],
    ids=[
        "Chinese",
        "Cyrillic",
        "Arabic",
        "Devanagari",
        "Thai",
        "one letter",
        "mathematical letters",
        "fullwidth letters",
        "rare punctuation",
        "rare marks",
        "ligatures",
        "Vietnamese letters",
    ],
)
def test_every_segment_of_a_foreign_script_is_spoken_in_few_parts(
    synthesizer: Synthesizer, text: str, sizes: list[int]
) -> None:
    for segment in Reader(language="en-US").push(text, last=True)[:3]:
        sizes.clear()
        assert synthesizer.plan(replace(JOB, text=segment.text)).plan.count > 0
        assert len(sizes) <= 16
        assert max(sizes) <= 2 * module.MAX_PHONEMES + 3
