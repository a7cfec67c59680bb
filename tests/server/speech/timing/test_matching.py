import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.speech.timing import matching
from lipwire_server.speech.timing.matching import match

short_text = st.text(alphabet="abcd", max_size=12)


def _cost(source: str, target: str, matched: list[int]) -> int:
    aligned = [(i, j) for j, i in enumerate(matched) if i >= 0]
    changes = sum(source[i] != target[j] for i, j in aligned)
    return changes + len(source) + len(target) - 2 * len(aligned)


def _edit_distance(source: str, target: str) -> int:
    row = list(range(len(target) + 1))
    for i, symbol in enumerate(source, 1):
        above, row = row, [i]
        for j, other in enumerate(target, 1):
            row.append(min(above[j - 1] + (symbol != other), above[j] + 1, row[-1] + 1))
    return row[-1]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("abc", "abc", [0, 1, 2]),
        ("abc", "ac", [0, 2]),
        ("ac", "abc", [0, -1, 1]),
        ("abc", "axc", [0, 1, 2]),
        ("", "ab", [-1, -1]),
        ("ab", "", []),
    ],
)
def test_symbols_are_aligned_with_the_fewest_changes(
    source: str, target: str, expected: list[int]
) -> None:
    assert match(source, target) == expected


@given(short_text, short_text)
def test_no_alignment_is_cheaper(source: str, target: str) -> None:
    assert _cost(source, target, match(source, target)) == _edit_distance(source, target)


@given(short_text, short_text)
def test_the_indices_rise(source: str, target: str) -> None:
    found = [index for index in match(source, target) if index >= 0]
    assert found == sorted(set(found))


def test_what_is_too_long_is_matched_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MAX_CELLS", 10)
    assert match("abcd", "xxxxxxxx") == [0, 0, 1, 1, 2, 2, 3, 3]
