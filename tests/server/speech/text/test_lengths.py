import pytest

from lipwire_server.speech.text.lengths import length_as_read

LATIN = "abcXYZäßéłñ ,.;:!?-–—…'\"“”„‚‘’«»()[]"


@pytest.mark.parametrize("language", ["", "en-US", "de", "ru-RU", "zh-CN"])
def test_latin_letters_and_usual_punctuation_are_one_for_every_voice(language: str) -> None:
    assert {length_as_read(character, language) for character in LATIN} == {1}
    assert {length_as_read(character, language) for character in "，。！？、（）「」"} == {1}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru-RU", "Сегодня"),
        ("uk", "їжак"),
        ("el-GR", "Σήμερα"),
        ("ar-JO", "مرحبا"),
        ("fa", "سلام"),
        ("hi-IN", "पार्क"),
        ("ka", "დღეს"),
        ("vi-VN", "Tiếng Việt"),
        ("ro", "știință"),
        ("am", "ዛሬ"),
    ],
)
def test_the_letters_of_the_voices_own_language_are_one(language: str, text: str) -> None:
    assert {length_as_read(character, language) for character in text} == {1}


def test_a_chinese_character_is_a_syllable_to_a_chinese_voice_and_a_name_to_others() -> None:
    assert length_as_read("今", "zh-CN") == length_as_read("今") == 8
    assert length_as_read("今", "en-US") == 16


@pytest.mark.parametrize(
    ("character", "length"),
    [
        ("7", 7),
        ("٧", 7),
        ("%", 1),
        ("+", 12),
        ("😀", 12),
        ("\u200c", 3),
        ("я", 5),
        ("م", 6),
        ("ह", 3),
        ("ท", 24),
        ("한", 8),
        ("\U0001d407", 24),
        ("\u2049", 12),
        ("\u0301", 1),
        ("\ufe0f", 1),
        ("\u200d", 1),
        ("\ue000", 24),
    ],
    ids=ascii,
)
def test_to_an_english_voice(character: str, length: int) -> None:
    assert length_as_read(character, "en-US") == length


@pytest.mark.parametrize("language", ["", "en-US", "zh-CN"])
def test_phonemes_are_one(language: str) -> None:
    assert {length_as_read(character, language) for character in "ˈɪɚʃŋˌəʔːʲʰɔ̃"} == {1}
    assert length_as_read("ʼ", language) == 1


def test_nothing_is_foreign_to_a_voice_of_no_language() -> None:
    assert {length_as_read(character) for character in "яمहท"} == {1}
