from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benches.lips.arpabet import MOUTHS, arpabet
from benches.lips.making import listen
from benches.lips.reference import HOP, load, save
from benches.lips.sentences import SENTENCES
from benches.lips.speaking import Speech, in_time
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech.port import PhonemeSpan, Plan
from tests.scripts.fake_lab import FakeSystem

REFERENCE = load()


def test_what_is_saved_is_loaded_again_and_the_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "again.json"
    save(REFERENCE, path)
    assert load(path) == REFERENCE
    first = path.read_bytes()
    save(load(path), path)
    assert path.read_bytes() == first
    assert np.array_equal(load(path).sentences[0].loudness, REFERENCE.sentences[0].loudness)


def test_it_has_every_sentence_and_enough_closed_lips() -> None:
    assert tuple(sentence.text for sentence in REFERENCE.sentences) == SENTENCES
    assert len(SENTENCES) == len(set(SENTENCES)) >= 45
    heard = [one.phone for sentence in REFERENCE.sentences for one in sentence.closures]
    assert all(heard.count(phone) >= 25 for phone in "PBM")
    assert "pocketsphinx" in REFERENCE.versions


def test_its_phonemes_are_those_that_lipwire_times() -> None:
    for sentence in REFERENCE.sentences:
        units = in_time(sentence.phonemes, sentence.frames)
        assert [unit.symbol for unit in units if unit.word >= 0] == [
            phone.symbol for phone in sentence.phones
        ]
        assert units[-1].end * HOP == sentence.count
        assert len(sentence.loudness) * HOP == sentence.count


def test_its_times_are_in_order_and_inside_the_sentence() -> None:
    for sentence in REFERENCE.sentences:
        edges = [edge for phone in sentence.phones for edge in (phone.start, phone.end)]
        assert edges == sorted(edges) and edges[-1] <= sentence.count
        assert all(0 < one.start < one.end < sentence.count for one in sentence.closures)
        assert sentence.phones[0].after_pause


def test_every_phone_has_a_mouth() -> None:
    for sentence in REFERENCE.sentences:
        for phone in sentence.phones:
            assert all(part in MOUTHS for part in phone.phone.split())


def test_marks_and_lengths_do_not_change_a_phone() -> None:
    assert [arpabet(symbol) for symbol in ("ˈuː", "ɪʲ", "n̩", "tʃ", "ts", "ɾ")] == [
        ("UW",), ("IH",), ("N",), ("CH",), ("T", "S"), ("D",),
    ]  # fmt: skip
    with pytest.raises(KeyError):
        arpabet("ʘ")


class FakeSpeaker:
    """Says the first sentence of the reference, as noise."""

    sample_rate = REFERENCE.sample_rate
    sentence = REFERENCE.sentences[0]

    def speak(self, text: str) -> Speech:
        spans = [PhonemeSpan("", 0, self.sentence.count, -1)]
        plan = Plan(
            count=self.sentence.count,
            words=(),
            phonemes=tuple(spans),
            mouth=mouth(spans, self.sample_rate),
            phonemized_ns=0,
            encoded_ns=0,
        )
        noise = np.random.default_rng(0).standard_normal(self.sentence.count).astype(np.float32)
        return Speech(self.sentence.phonemes, self.sentence.frames, plan, 0.1 * noise)


def aligner(*, wrong: bool = False) -> FakeSystem:
    """Hears each phone for 10 ms."""

    def answer(request: object) -> dict[str, object]:
        assert isinstance(request, dict)
        phones = [phone for word in request["words"] for phone in word]
        if wrong:
            phones[3] = "ZH"
        heard = [(phone, 10.0 * index, 10.0 * index + 10) for index, phone in enumerate(phones)]
        return {"phones": heard}

    return FakeSystem("aligner", answer)


def test_each_phoneme_gets_the_time_of_its_phones() -> None:
    sentence = listen("...", FakeSpeaker(), aligner())
    known = FakeSpeaker.sentence
    assert [phone.symbol for phone in sentence.phones] == [one.symbol for one in known.phones]
    second = sentence.phones[1]
    assert (second.start, second.end) == (220, 441)
    ts = next(phone for phone in sentence.phones if phone.symbol == "ts")
    assert ts.end - ts.start == pytest.approx(441, abs=1)
    assert replace(sentence, phones=known.phones, closures=known.closures, text=known.text) == known


def test_an_aligner_that_hears_something_else_is_not_believed() -> None:
    with pytest.raises(ValueError, match="ZH"):
        listen("...", FakeSpeaker(), aligner(wrong=True))
