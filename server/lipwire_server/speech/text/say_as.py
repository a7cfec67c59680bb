"""How SSML's `say-as` wants a word to be read."""

import re
from typing import Final

__all__ = ["read_as"]

_GROUPS = re.compile(r"\+?\d+")

_SUFFIXES: Final = {
    "de": ".", "da": ".", "nb": ".", "nn": ".", "no": ".", "fi": ".", "cs": ".", "sk": ".",
    "sl": ".", "hr": ".", "hu": ".", "pl": ".", "et": ".", "is": ".", "tr": ".",
    "fr": "e", "nl": "e", "es": "º", "it": "º", "pt": "º", "ca": "º", "gl": "º",
}  # fmt: skip
"""What makes a number an ordinal, where it is always the same."""


def read_as(text: str, interpret_as: str, language: str) -> str | None:
    """What is said for `text`; None where it is not known how to read it like that."""
    match interpret_as:
        case "characters" | "spell-out" | "verbatim":
            return " ".join("".join(text.split()))
        case "digits":
            return " ".join("".join(text.split()))
        case "telephone":
            return ", ".join(" ".join(group) for group in _GROUPS.findall(text))
        case "cardinal" | "number":
            return text.strip()
        case "ordinal":
            return _ordinal(text.strip(), language)
    return None


def _ordinal(number: str, language: str) -> str | None:
    if not (number.isascii() and number.isdigit()):
        return None
    language = language.lower().partition("-")[0].partition("_")[0]
    if language == "en":
        teens = number[-2:] in ("11", "12", "13")
        return number + ("th" if teens else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th"))
    suffix = _SUFFIXES.get(language)
    return None if suffix is None else number + suffix
