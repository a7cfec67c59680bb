"""How SSML's `say-as` wants a word to be read.

What is given back is text that espeak-ng reads like that: "N.H.S" as three letters, where it reads
"A B" with an article.
"""

import re
from typing import Final

__all__ = ["read_as"]

_NUMBERS = re.compile(r"\+?\d+")
_LETTERS_OR_ONE = re.compile(r"[^\W\d_]+|\S")

_SUFFIXES: Final = {"es": "º", "it": "º", "pt": "º", "nl": "."}
"""What makes a number an ordinal, where it is the same for all of them."""


def read_as(text: str, interpret_as: str, language: str) -> str | None:
    """What is said for `text`; None where it is not known how to read it like that."""
    match interpret_as:
        case "characters" | "spell-out" | "verbatim":
            return " ".join(".".join(part) for part in _LETTERS_OR_ONE.findall(text))
        case "digits":
            return " ".join("".join(text.split()))
        case "telephone":
            return ", ".join(" ".join(group) for group in _NUMBERS.findall(text))
        case "cardinal" | "number":
            return text.strip()
        case "ordinal":
            return _ordinal(text.strip(), language)
    return None


def _ordinal(number: str, language: str) -> str | None:
    if not (number.isascii() and number.isdigit()):
        return None
    language = re.split("[-_]", language.lower())[0]
    if language == "en":
        teens = number[-2:] in ("11", "12", "13")
        return number + ("th" if teens else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th"))
    if language == "sv":
        firsts = number[-1] in "12" and number[-2:] not in ("11", "12")
        return number + (":a" if firsts else ":e")
    suffix = _SUFFIXES.get(language)
    return None if suffix is None else number + suffix
