"""A caller's own pronunciations: which words of a text are said otherwise."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from .sentences import Undecided

__all__ = ["LETTER", "MAX_ENTRY", "TOKEN", "Lexicon", "Match", "is_inside_word"]

MAX_ENTRY: Final = 100
"""Characters of a word; a longer one is never found."""

_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
TOKEN: Final = re.compile(rf"[{_SPACELESS}]|[^\W{_SPACELESS}]+|\s+|[^\w\s]")
"""Words, single characters of the scripts that put no spaces between words, spaces, and signs."""

LETTER: Final = re.compile(rf"[^\W{_SPACELESS}]")


@dataclass(slots=True)
class _Node:
    """What may follow in an entry, and the entries that are complete here."""

    following: dict[str, "_Node"] = field(default_factory=dict)
    any_case: str | None = None
    exact: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    end: int
    say: str


class Lexicon:
    """Finds whole words and phrases, the longest first.

    An entry is found in capitals and small letters alike, unless it has a capital inside a word:
    "new york" and "New York" are any "NEW YORK", but "US" is not "us". An entry that is exactly
    what is written comes before one that is not. Spaces in a phrase stand for any white space. In
    scripts without spaces between words an entry is found wherever its characters are.
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._root = _Node()
        for written, say in entries.items():
            self._add(written.strip()[:MAX_ENTRY], say)

    def __bool__(self) -> bool:
        return bool(self._root.following)

    def match(self, text: str, position: int, *, final: bool) -> Match | Undecided | None:
        """The longest entry that stands at `position`, unless more text could change that."""
        node, begin = self._root, position
        best: Match | None = None
        while (token := TOKEN.match(text, position)) is not None:
            if token.end() - begin > MAX_ENTRY:
                return best
            following = node.following.get(_key(token.group()))
            may_go_on = following is not None or LETTER.match(token.group()) is not None
            if may_go_on and token.end() == len(text) and not final:
                return Undecided.MORE_TEXT_NEEDED
            if following is None:
                return best
            node, position = following, token.end()
            if node.exact and not _goes_on(text, position):
                say = node.exact.get(_spelling(text[begin:position]), node.any_case)
                best = best if say is None else Match(position, say)
        return best

    def _add(self, written: str, say: str) -> None:
        node = self._root
        for token in TOKEN.findall(written):
            node = node.following.setdefault(_key(token), _Node())
        if node is self._root:
            return
        node.exact[_spelling(written)] = say
        if not any(b.isupper() and a.isalnum() for a, b in pairwise(written)):
            node.any_case = say


def _key(token: str) -> str:
    return " " if token.isspace() else token.casefold().replace("’", "'")


def _spelling(written: str) -> str:
    return " ".join(written.replace("’", "'").split())


def is_inside_word(before: str, character: str) -> bool:
    """Whether no entry can begin with a character that has the other one before it."""
    return unicodedata.category(before)[0] == "M" or bool(
        LETTER.match(before) and LETTER.match(character)
    )


def _goes_on(text: str, position: int) -> bool:
    """Whether the word has a vowel sign or an accent after it: then it is another one."""
    return position < len(text) and unicodedata.category(text[position])[0] == "M"
