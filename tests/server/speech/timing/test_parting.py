import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.speech.timing.parting import parted


def _parted(phonemes: str, longest: int) -> list[str]:
    return ["".join(part) for part in parted(list(phonemes), longest)]


def test_what_is_not_too_long_is_one_part() -> None:
    assert _parted("haloː jˈuː", 10) == ["haloː jˈuː"]


@pytest.mark.parametrize(
    ("phonemes", "longest", "parts"),
    [
        ("ab cd ef gh", 6, ["ab cd", "ef gh"]),
        ("abc, d ef gh ij", 10, ["abc,", "d ef gh ij"]),
        ("a, bc de fg hi jk", 10, ["a, bc de", "fg hi jk"]),
        ("x4i3an5x4i3an5x4i3an5", 9, ["x4i3an5", "x4i3an5", "x4i3an5"]),
        ("abcdefghij", 4, ["abcd", "efg", "hij"]),
        ("ab       cd", 4, ["ab", "cd"]),
    ],
    ids=["a space", "a pause", "a pause that is too far away", "a tone", "anywhere", "spaces"],
)
def test_where_it_is_cut(phonemes: str, longest: int, parts: list[str]) -> None:
    assert _parted(phonemes, longest) == parts


@given(st.text("ab ,ː"), st.integers(1, 30))
def test_nothing_but_spaces_is_lost_and_no_part_is_too_long(phonemes: str, longest: int) -> None:
    parts = _parted(phonemes, longest)
    assert "".join(parts).replace(" ", "") == phonemes.replace(" ", "")
    assert all(0 < len(part) <= max(longest, len(phonemes.strip())) for part in parts)
    if len(phonemes) > longest:
        assert all(len(part) <= longest for part in parts)


@given(st.integers(11, 500))
def test_words_are_parted_into_as_few_as_it_takes_and_none_is_tiny(words: int) -> None:
    parts = _parted("a " * words, 20)
    assert all(10 <= len(part) + 1 <= 20 for part in parts)
