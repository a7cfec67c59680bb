import ast
import sys
from collections.abc import Sequence
from pathlib import Path

import piper
import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.lipsync.table import viseme_table
from lipwire_server.speech.timing import pinyin
from lipwire_server.speech.timing.alignment import Unit, units_in_time
from lipwire_server.speech.timing.pinyin import PinyinPhonemizer, in_characters, pypinyin_syllables
from lipwire_server.speech.timing.words import place_words

_SYLLABLES = "ni3 hao3 shi4 jie4 er4 shi2 nv3 er2 xue2 yuan2 you3 ge4 ren2 ri4 n2 yi1"
READINGS = dict(zip("你好世界二十女儿学元有个人日嗯一", _SYLLABLES.split(" "), strict=True))


def pipers_keys() -> list[str]:
    """Of `piper.phonemize_chinese`, which cannot be imported without its own packages."""
    source = Path(piper.__file__).with_name("phonemize_chinese.py").read_text("utf-8")
    for statement in ast.parse(source).body:
        if (
            isinstance(statement, ast.AnnAssign)
            and ast.unparse(statement.target) == "PHONEME_TO_ID"
        ):
            assert isinstance(statement.value, ast.Dict)
            return [
                ast.literal_eval(key)
                for key in statement.value.keys
                if isinstance(key, ast.Constant)
            ]
    raise AssertionError("Piper has no PHONEME_TO_ID any more")


PHONEME_TO_ID = {key: [index] for index, key in enumerate(["_", "^", "$", *pipers_keys()])}


def read(text: str) -> Sequence[str]:
    return [READINGS.get(character, character) for character in text]


@pytest.fixture
def chinese() -> PinyinPhonemizer:
    return PinyinPhonemizer(PHONEME_TO_ID, read)


def test_a_syllable_is_an_initial_a_final_and_a_tone(chinese: PinyinPhonemizer) -> None:
    assert chinese.phonemes("你好，二。") == [*"ni3h", "ao", *"3，Ø", "er", *"4。"]


def test_what_the_voice_cannot_say_is_left_out(chinese: PinyinPhonemizer) -> None:
    assert chinese.phonemes("你abc“好”嗯☃") == ["n", "i", "3", "h", "ao", "3", "Ø", "en", "2"]


def test_syllables_in_brackets_are_taken_as_they_are(chinese: PinyinPhonemizer) -> None:
    assert chinese.phonemes("[[lü4 x]]好") == [*"lv4h", "ao", "3"]


def test_ids_have_a_pad_after_every_syllable_and_pause_as_in_piper(
    chinese: PinyinPhonemizer,
) -> None:
    found = chinese.ids(["n", "i", "3", "，", "h", "ao", "3"])
    keys = ["^", "n", "i", "3", "_", "，", "_", "h", "ao", "3", "_", "$"]
    assert list(found.ids) == [number for key in keys for number in PHONEME_TO_ID[key]]
    assert found.symbols == ("^", "n", "i", "3", " ", ",", " ", "x", "aʊ", "3", " ", "$")


def test_the_pad_before_a_syllable_is_of_it_and_finals_are_their_sounds(
    chinese: PinyinPhonemizer,
) -> None:
    ids = chinese.ids(chinese.phonemes("人有，"))
    frames = [1 if symbol == " " else 4 for symbol in ids.symbols]
    assert units_in_time(ids, frames) == [
        Unit("^", 0, 4, -1),
        Unit("ʐ", 4, 8, 0),
        Unit("ə", 8, 13, 0),
        Unit("n2", 13, 16, 0),
        Unit("j", 16, 21, 1),
        Unit("oʊ3", 21, 29, 1),
        Unit(",", 29, 39, -1),
    ]


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("日", ["ʐ", "ɨ4"]),
        ("学", ["ɕ", "y", "ɛ2"]),
        ("元", ["j", "y", "ɛ", "n2"]),
        ("女", ["n", "y3"]),
        ("世", ["ʂ", "ɨ4"]),
    ],
)
def test_finals_sound_as_their_initial_makes_them(
    chinese: PinyinPhonemizer, text: str, sounds: list[str]
) -> None:
    ids = chinese.ids(chinese.phonemes(text))
    units = units_in_time(ids, [6] * len(ids.ids))
    assert [unit.symbol for unit in units if unit.word >= 0] == sounds


def test_every_character_is_a_word_and_a_number_is_one(chinese: PinyinPhonemizer) -> None:
    text = "你好，有21个人。"
    ids = chinese.ids(chinese.phonemes(text))
    units = units_in_time(ids, [3] * len(ids.ids))
    words, _ = place_words(text, units, chinese.token_phonemes)
    assert [(word.text, word.spoken) for word in words] == [
        ("你", 1), ("好", 1), ("有", 1), ("21", 3), ("个", 1), ("人", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0", "零"),
        ("7", "七"),
        ("10", "十"),
        ("12", "十二"),
        ("110", "一百一十"),
        ("1005", "一千零五"),
        ("1984", "一千九百八十四"),
        ("20000", "二万"),
        ("10010", "一万零一十"),
        ("100000001", "一亿零一"),
        ("1200340000", "十二亿零三十四万"),
        ("007", "零零七"),
        ("12345678901234567", "一二三四五六七八九零一二三四五六七"),
        ("3.14", "三点一四"),
        ("-5", "负五"),
        ("12%", "百分之十二"),
        ("-7°C", "零下七度"),
    ],
)
def test_numbers_are_read_in_characters(number: str, said: str) -> None:
    assert in_characters(number) == said


def test_every_key_of_piper_has_a_sound_with_a_mouth_shape() -> None:
    initials_and_finals = [key for key in pipers_keys() if key.isalpha()]
    table = viseme_table()
    for key in initials_and_finals:
        sounds = {**pinyin._INITIALS, **pinyin._FINALS}[key].split("·")
        assert all(table.sounds(sound) for sound in sounds), key


def test_without_pypinyin_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    with pytest.raises(LipwireError, match="pip install pypinyin") as caught:
        pypinyin_syllables()
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_pypinyin_reads_with_tones_and_leaves_the_rest_as_it_is() -> None:
    pytest.importorskip("pypinyin")
    assert list(pypinyin_syllables()("我们a，银行")) == ["wo3", "men5", "a", "，", "yin2", "hang2"]
