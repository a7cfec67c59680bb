"""Phonemes that are too many to be read in one go, in parts."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from .symbols import MODIFIERS, PAUSES, SPACE

__all__ = ["parted"]

_Place: TypeAlias = Callable[[Sequence[str], int], bool]


def parted(phonemes: Sequence[str], longest: int) -> list[Sequence[str]]:
    """Parts of about the same length, of at most `longest` phonemes each.

    Cut where there is a pause, else between words, else after a sound that is complete, else
    anywhere. A space at which is cut is in neither part.
    """
    parts: list[Sequence[str]] = []
    begin = 0
    while (rest := len(phonemes) - begin) > longest:
        count = -(-rest // longest)
        cut = _cut(phonemes, begin, -(-rest // count), longest)
        parts.append(_without_spaces(phonemes[begin:cut]))
        begin = cut
    parts.append(_without_spaces(phonemes[begin:]))
    return [part for part in parts if part]


def _cut(phonemes: Sequence[str], begin: int, length: int, longest: int) -> int:
    """Where to cut a part that begins at `begin`: as near to `length` as can be."""
    places = range(begin + max(1, longest // 2), begin + longest + 1)
    for is_fit in _PLACES:
        fit = [place for place in places if is_fit(phonemes, place)]
        if fit:
            return min(fit, key=lambda place: abs(place - begin - length))
    return begin + length


def _is_after_pause(phonemes: Sequence[str], place: int) -> bool:
    return _is_between_words(phonemes, place) and phonemes[place - 2] in PAUSES


def _is_between_words(phonemes: Sequence[str], place: int) -> bool:
    return phonemes[place - 1] == SPACE


def _is_after_sound(phonemes: Sequence[str], place: int) -> bool:
    """Of pinyin, after a tone: its syllables have no spaces between them."""
    return phonemes[place - 1] in MODIFIERS and phonemes[place] not in MODIFIERS


_PLACES: Final[tuple[_Place, ...]] = (_is_after_pause, _is_between_words, _is_after_sound)


def _without_spaces(phonemes: Sequence[str]) -> Sequence[str]:
    begin, end = 0, len(phonemes)
    while begin < end and phonemes[begin] == SPACE:
        begin += 1
    while end > begin and phonemes[end - 1] == SPACE:
        end -= 1
    return phonemes[begin:end]
