"""The tokens of a text whose timing is told: words between spaces, characters in some scripts."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

__all__ = ["TextSpan", "spoken_span", "tokens"]

TextSpan: TypeAlias = tuple[int, int]
"""Offsets of the first code point and after the last."""

_TOKEN = re.compile(r"\[\[.*?\]\]|(?:(?!\[\[.*?\]\])\S)+", re.DOTALL)

_WRITTEN_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"  # kana, Han
)

_SPOKEN_PUNCTUATION = frozenset("%‰#&@*")


def tokens(text: str) -> list[TextSpan]:
    """Spans of everything between spaces, in order; blocks `[[...]]` are one token each."""
    found: list[TextSpan] = []
    for token in _TOKEN.finditer(text):
        if token.group().startswith("[[") or not _WRITTEN_WITHOUT_SPACES.search(token.group()):
            found.append(token.span())
        else:
            cuts = [token.start(), *_cuts(text, *token.span()), token.end()]
            found += pairwise(cuts)
    return found


def spoken_span(text: str, span: TextSpan) -> TextSpan:
    """The span without the punctuation around it; the whole of it where nothing else is in it."""
    begin, end = span
    while begin < end and _is_silent(text[begin]):
        begin += 1
    while end > begin and _is_silent(text[end - 1]):
        end -= 1
    return (begin, end) if begin < end else span


def _cuts(text: str, begin: int, end: int) -> Iterator[int]:
    """Where one character ends and the next begins, in a token of a script without spaces."""
    for index in range(begin + 1, end):
        if unicodedata.category(text[index]).startswith("M"):
            continue
        if any(_WRITTEN_WITHOUT_SPACES.match(text[i]) for i in (index - 1, index)):
            yield index


def _is_silent(character: str) -> bool:
    if character in _SPOKEN_PUNCTUATION:
        return False
    return character == "`" or unicodedata.category(character).startswith("P")
