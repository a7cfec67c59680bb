"""The table of mouth shapes: for every symbol that a Piper voice knows, what the lips do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from lipwire_protocol.visemes import SETS, Oculus

__all__ = ["CLOSURES", "Copy", "Shape", "VisemeTable", "viseme_table"]

CLOSURES = frozenset((Oculus.PP, Oculus.FF))
"""Shapes in which the lips touch: seen at once when they are late or too short."""

_UNSTRESSED_GAIN = 0.92

_NUMBERS = {name: Oculus(number) for number, name in enumerate(SETS["oculus"])}


class Copy(StrEnum):
    """Sounds made in the throat have no shape of their own."""

    NEXT = "next"
    PREVIOUS = "prev"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the mouth does for one sound."""

    viseme: Oculus
    """The strongest of the mix; for a copy the shape where there is nothing to copy."""
    amount: float
    """How far the mouth goes from neutral to the shape, 0..1."""
    is_vowel: bool
    copy: Copy | None
    mix: Mapping[Oculus, float]
    """Weights that add up to 1 at most; the rest is `sil`."""


class VisemeTable:
    """Access to the table by phoneme. Immutable after it was loaded."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        symbols: Mapping[str, Mapping[str, Any]] = raw["symbols"]
        self._shapes = {
            symbol: _shape(entry)
            for symbol, entry in symbols.items()
            if entry["kind"] in ("vowel", "consonant")
        }
        self._composed = {
            base + mark: composed
            for mark, entry in symbols.items()
            for base, composed in entry.get("compose", {}).items()
        }
        self._gains = {
            symbol: float(entry["gain"])
            for symbol, entry in symbols.items()
            if entry["kind"] == "stress"
        }
        unmapped: Mapping[str, Mapping[str, Any]] = raw["unmapped_espeak_codepoints"]
        self._alike = {
            symbol: str(entry["like"]) for symbol, entry in unmapped.items() if entry.get("like")
        }
        sequences = raw["sequences"]
        self._joined = frozenset((*sequences["diphthongs"], *sequences["affricates"]))

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of every sound by its symbol."""
        return self._shapes

    @property
    def joined(self) -> frozenset[str]:
        """Pairs of symbols that are one phoneme: diphthongs and affricates."""
        return self._joined

    def gain(self, phoneme: str) -> float:
        """Factor by which stress opens the mouth farther in a vowel; below 1 without stress."""
        return self._gains.get(phoneme[:1], _UNSTRESSED_GAIN)

    def sounds(self, phoneme: str) -> list[Shape]:
        """The shapes of a phoneme in order: two of a diphthong or an affricate, else one.

        Stress, length, tones and diacritics are passed over. Empty for what is not known.
        """
        for pair, composed in self._composed.items():
            phoneme = phoneme.replace(pair, composed)
        symbols = "".join(self._alike.get(symbol, symbol) for symbol in phoneme)
        return [self._shapes[symbol] for symbol in symbols if symbol in self._shapes]


@cache
def viseme_table() -> VisemeTable:
    """The table that comes with the package, read once."""
    content = files("lipwire_server.lipsync").joinpath("visemes.json").read_text("utf-8")
    return VisemeTable(json.loads(content))


def _shape(entry: Mapping[str, Any]) -> Shape:
    primary = str(entry["primary"])
    copies = primary.startswith("@")
    mix = {_NUMBERS[name]: float(weight) for name, weight in entry["oculus"].items()}
    return Shape(
        viseme=_NUMBERS[entry["fallback_primary"] if copies else primary],
        amount=min(1.0, sum(mix.values())),
        is_vowel=entry["kind"] == "vowel",
        copy=Copy(primary[1:]) if copies else None,
        mix=mix,
    )
