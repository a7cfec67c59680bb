"""Where sentences and clauses end. Rules only; `segmenter` applies them to a stream of text."""

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Final

from .abbreviations import (
    ABBREVIATIONS,
    AMBIGUOUS,
    BEFORE_NUMBERS,
    BEFORE_ORDINALS,
    STARTERS,
    TITLES,
)

__all__ = ["LOOKAHEAD", "MAX_BLOCK", "Undecided", "clause_ends", "first_sentence_end"]

LOOKAHEAD: Final = 32
"""Characters after a full stop that may be looked at to decide whether it ends a sentence."""


MAX_BLOCK: Final = 400
"""Characters between `[[` and `]]`; brackets that are farther apart are no block."""


class Undecided(Enum):
    """Answers that are not a position."""

    NO_END = auto()
    MORE_TEXT_NEEDED = auto()


_STRONG = "。！？｡؟۔।॥።፧፨։။។៕།༎᠃᠉\u037e"
"""End a sentence whatever comes after them."""

_GREEK = "\u0370-\u037d\u037f-\u03ff\u1f00-\u1fff"
_CANDIDATE = re.compile(rf"\[\[|[.!?…{_STRONG}]+|(?<=[{_GREEK}]);|\n[^\S\n]*\n")
_BLOCK_END = "]]"
_QUOTES = "\"'”’“‘»›」』"
_CLOSERS = re.compile(rf"[{re.escape(_QUOTES)}）)\]}}】〉》*_]*")
_FRENCH_CLOSER = re.compile(rf"\s»(?=[\s.,;:!?)]|\Z)[{re.escape(_QUOTES)}）)\]}}】〉》*_]*")
"""In French there is a space before it; in German » opens, and “ closes."""
_THIN_SPACES = "\u00a0\u202f"
_WORD = re.compile(r"[^\W\d_]+")
_LAST_TOKEN = re.compile(r"[^\s(\[{\"“‘«„¿¡]*$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")
_ROMAN = re.compile(r"[IVXLC]{2,}")
_DATE = re.compile(r"\d{1,2}\.\s?\d{1,2}\Z")
_WORD_BEFORE = re.compile(r"(\w+)\s+\S*\Z")
_NUMBER = re.compile(r"\d+(.?)", re.DOTALL)
_SAID = re.compile(r"と|って|[他她它我你您].{0,3}?[说說问問道喊叫答]")
_SAID_REACH = 5
"""Characters in which a quotation's "he said" is seen, in Chinese and Japanese."""
_ADDRESS = re.compile(r"://|www\.|@|/|\\", re.IGNORECASE)
_CLAUSE_MARK = re.compile(r"\[\[|[,;:](?=\s)|[，、；：،؛]|—|–(?!\d)|(?<=\s)-(?=\s)")


def first_sentence_end(
    text: str, start: int, scan: int, stop: int, final: bool
) -> tuple[int | Undecided, int]:
    """The end of the sentence that begins at `start`, at most at `stop`.

    What is before `scan` was looked at already; the second value is where to go on when more text
    has come, or when the text is cut earlier. `final` says that no more will come.
    """
    while (found := _CANDIDATE.search(text, scan, stop)) is not None:
        end = _decide(text, start, found, final)
        if end is Undecided.MORE_TEXT_NEEDED or (isinstance(end, int) and end <= stop):
            return end, found.start()
        scan = found.end()
        if found.group() == "[[":
            block_end = text.find(_BLOCK_END, scan, stop)
            scan = block_end + 2 if block_end >= 0 else scan
    # A newline may turn out to be half of a blank line, a bracket the half of two.
    unfinished = len(text[scan:stop]) - len(text[scan:stop].rstrip().removesuffix("["))
    return Undecided.NO_END, max(scan, stop - unfinished)


def clause_ends(text: str, start: int, stop: int) -> Iterator[int]:
    """Where clauses of text[start:stop] end, in order; the character after each is known."""
    position = start
    while (found := _CLAUSE_MARK.search(text, position, stop)) is not None:
        position = found.end()
        if found.group() == "[[":
            block_end = text.find(_BLOCK_END, position, stop)
            if block_end < 0:
                return
            position = block_end + len(_BLOCK_END)
            continue
        closed = _CLOSERS.match(text, position, stop)
        end = closed.end() if closed is not None else position
        if end < len(text):
            yield end


def _decide(text: str, start: int, found: re.Match[str], final: bool) -> int | Undecided:
    """Where the sentence ends with this candidate, if it does."""
    mark = found.group()
    if mark.startswith("\n"):
        return found.start()
    if mark == "[[":
        closed = text.find(_BLOCK_END, found.end(), found.end() + MAX_BLOCK) >= 0
        full = len(text) - found.end() >= MAX_BLOCK
        return Undecided.NO_END if closed or final or full else Undecided.MORE_TEXT_NEEDED
    closers = _CLOSERS.match(text, found.end())
    end = closers.end() if closers is not None else found.end()
    if end < len(text) and _may_be_closed(text, start, end):
        if end + 1 == len(text) and not final:
            return Undecided.MORE_TEXT_NEEDED
        french = _FRENCH_CLOSER.match(text, end)
        end = french.end() if french is not None else end
    if end >= len(text):
        return end if final else Undecided.MORE_TEXT_NEEDED
    if any(character in _STRONG for character in mark):
        return _decide_strong(text, found, end, final)
    if not text[end].isspace():
        return _decide_joined(text, start, found, end, final)
    if mark == "." or "…" in mark or ".." in mark:
        return _decide_full_stop(text, start, found, end, final)
    return _decide_by_next(text, found, end, final)


def _may_be_closed(text: str, start: int, end: int) -> bool:
    """Whether what stands at `end` may be the space before a »."""
    character = text[end]
    if character in _THIN_SPACES:
        return True
    return character.isspace() and text.count("«", start, end) > text.count("»", start, end)


def _decide_strong(text: str, found: re.Match[str], end: int, final: bool) -> int | Undecided:
    """A sign that ends sentences, but not where it ends a quotation and "he said" follows."""
    if not any(character in _QUOTES for character in text[found.end() : end]):
        return end
    if text[end].isspace():
        return _unless(str.islower, text, end, final)
    if _SAID.match(text, end):
        return Undecided.NO_END
    return end if final or len(text) - end >= _SAID_REACH else Undecided.MORE_TEXT_NEEDED


def _decide_joined(
    text: str, start: int, found: re.Match[str], end: int, final: bool
) -> int | Undecided:
    """No space after it: "today?I am fine" is two sentences; 3.14, node.js and a?b=1 are not."""
    following = text[end : end + 2]
    if len(following) < 2 and not final:
        return Undecided.MORE_TEXT_NEEDED
    if following[0] in "¿¡" and end == found.end():
        return end
    if not following[0].isupper() or end != found.end():
        return Undecided.NO_END
    token = _last_token(text, start, found.start())
    if _ADDRESS.search(token) is not None or not token:
        return Undecided.NO_END
    if found.group() in ("!", "?", "?!", "!?", "!!", "??"):
        return end
    word_follows = len(following) < 2 or following[1].islower() or not following[1].isalnum()
    one_word = len(token) > 1 and token.isalpha() and token[-1].islower()
    if found.group() == "." and one_word and word_follows and following[1:] != ".":
        return end
    return Undecided.NO_END


def _decide_full_stop(
    text: str, start: int, found: re.Match[str], end: int, final: bool
) -> int | Undecided:
    """A full stop or an ellipsis with a space after it."""
    token = _last_token(text, start, found.start())
    if found.group() != ".":
        return _unless(str.islower, text, end, final)
    bare = token.lower().strip("'’").replace("’", "'").rpartition("'")[2]
    if bare in ABBREVIATIONS or (bare in TITLES and token[0].isupper()):
        return Undecided.NO_END
    if bare in BEFORE_NUMBERS or bare.endswith("str"):
        return _unless(str.isdigit, text, end, final)
    if token.isdigit() or _ROMAN.fullmatch(token):
        return _decide_number(text, start, found, token, final)
    if bare in AMBIGUOUS or (_INITIALS.fullmatch(token + ".") and token != "I"):
        return _if_starter(text, end, final)
    return _decide_by_next(text, found, end, final)


def _decide_number(
    text: str, start: int, found: re.Match[str], token: str, final: bool
) -> int | Undecided:
    """A number and a full stop: of a list, an ordinal ("am 3. Mai"), a date, or the end."""
    before = text[max(start, found.start() - 40) : found.start()]
    if before.strip() == token:
        return Undecided.NO_END
    word = _WORD_BEFORE.search(before)
    if len(token) <= 2 and word is not None and word[1].lower() in BEFORE_ORDINALS:
        return Undecided.NO_END
    end = found.end()
    following = text[end : end + LOOKAHEAD].lstrip()
    number = _NUMBER.match(following)
    if number is not None and len(token) <= 2:
        if not number[1] and not final:
            return Undecided.MORE_TEXT_NEEDED
        is_date = number[1] == "." or _DATE.search(before) is not None
        return Undecided.NO_END if is_date else end
    return _unless(str.islower, text, end, final)


def _decide_by_next(text: str, found: re.Match[str], end: int, final: bool) -> int | Undecided:
    """A sentence ends, but “Stop!” he said does not end with the quotation."""
    if end > found.end():
        return _unless(str.islower, text, end, final)
    return end


def _unless(goes_on: Callable[[str], bool], text: str, end: int, final: bool) -> int | Undecided:
    """Ends the sentence unless it goes on with such a character."""
    following = text[end : end + LOOKAHEAD].lstrip(" \t\n\u00a0\u202f—–")
    if not following:
        complete = final or len(text) - end >= LOOKAHEAD
        return end if complete else Undecided.MORE_TEXT_NEEDED
    return Undecided.NO_END if goes_on(following[0]) else end


def _if_starter(text: str, end: int, final: bool) -> int | Undecided:
    """Ends the sentence if the next word, with a capital, is one that begins sentences."""
    following = text[end : end + LOOKAHEAD]
    word = _WORD.match(following, len(following) - len(following.lstrip()))
    complete = final or len(following) >= LOOKAHEAD
    if word is None:
        waiting = not following.strip() and not complete
        return Undecided.MORE_TEXT_NEEDED if waiting else Undecided.NO_END
    if word.end() == len(following) and not complete:
        return Undecided.MORE_TEXT_NEEDED
    begins = word.group()[0].isupper() and word.group().lower() in STARTERS
    return end if begins else Undecided.NO_END


def _last_token(text: str, start: int, position: int) -> str:
    """What is written without a space before `position`, at most 80 characters of it."""
    found = _LAST_TOKEN.search(text[max(start, position - 80) : position])
    return found.group() if found is not None else ""
