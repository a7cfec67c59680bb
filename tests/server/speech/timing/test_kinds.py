import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.timing.kinds import phonemizer_for
from lipwire_server.speech.voices.config import PHONEME_TYPES


class _Pinyin(ModuleType):
    """Stands in for `pypinyin`, which is optional."""

    Style = SimpleNamespace(TONE3=8)

    @staticmethod
    def lazy_pinyin(text: str, **options: Any) -> list[str]:
        assert options["style"] == 8
        return [f"{text}3"]


@pytest.fixture(autouse=True)
def pinyin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypinyin", _Pinyin("pypinyin"))


@pytest.mark.parametrize(
    ("phoneme_type", "phonemes"),
    [
        ("espeak", ["h", "ˈ", "ɑ", "o", "ː"]),
        ("text", ["h", "a", "o"]),
        ("pinyin", ["h", "ao", "3"]),
    ],
)
def test_every_type_reads_in_its_own_way(phoneme_type: str, phonemes: list[str]) -> None:
    known = {key: [0] for key in ("^", "_", "$", "h", "a", "o", "ao", "3", "ˈ", "ʊ")}
    phonemizer = phonemizer_for(phoneme_type, "de", known)
    assert phonemizer.phonemes("hao") == phonemes


def test_all_types_are_listed() -> None:
    for phoneme_type in PHONEME_TYPES:
        phonemizer_for(phoneme_type, "en-us", DEFAULT_PHONEME_ID_MAP)


def test_another_type_is_refused() -> None:
    with pytest.raises(LipwireError, match=r"'thai'.*espeak, text, pinyin") as caught:
        phonemizer_for("thai", "th", DEFAULT_PHONEME_ID_MAP)
    assert caught.value.code is ErrorCode.UNSUPPORTED
