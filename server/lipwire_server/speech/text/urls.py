"""Where a web address stands in a text, and what of it is said."""

import re
from typing import Final

__all__ = ["MAX_URL", "find_url", "host_of", "may_become_url"]

MAX_URL: Final = 2_048
"""Characters of an address; more of it is not said, and counts as nothing."""

_CHARACTERS = r"""[^\s<>"`{}|\\^\u2018-\u201f\u2026\u3000-\uffef]"""
_URL = re.compile(rf"(?:https?://|ftp://|www\.)(?=\w){_CHARACTERS}{{1,{MAX_URL}}}", re.IGNORECASE)
_BEGINNINGS: Final = ("https://", "http://", "ftp://", "www.")
_TRAILING = re.compile(r"""(?<![.,;:!?'*_~\])])[.,;:!?'*_~\])]++\Z""")
_HOST = re.compile(r"(?:\w+://)?(?:[^/?#@]*@)?(?:www\.(?=[^/?#:]*\.))?([^/?#:]+)", re.IGNORECASE)


def find_url(text: str, position: int) -> tuple[int, bool] | None:
    """Where the address that begins at `position` ends, and whether more text could lengthen it."""
    found = _URL.match(text, position)
    if found is None:
        return None
    if len(found.group()) >= MAX_URL:
        return position + MAX_URL, False
    end = found.end()
    trailing = _TRAILING.search(found.group())
    if trailing is not None:
        end -= len(trailing.group())
        # "(see https://en.wikipedia.org/wiki/Mouth_(disambiguation))": one bracket is of the URL.
        unclosed = text.count("(", position, end) - text.count(")", position, end)
        while unclosed > 0 and text[end : end + 1] == ")":
            end, unclosed = end + 1, unclosed - 1
    return end, found.end() == len(text)


def may_become_url(text: str, position: int) -> bool:
    """Whether the text ends in what could be the beginning of an address."""
    rest = text[position : position + 9].lower()
    return len(text) - position <= 8 and any(url.startswith(rest) for url in _BEGINNINGS)


def host_of(url: str) -> str:
    """What is said of an address: "example.com" of "https://www.example.com/path?x=1"."""
    found = _HOST.match(url)
    return found.group(1) if found is not None else url
