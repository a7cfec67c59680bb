"""The table of mouth shapes: for every symbol that a Piper voice knows, what the lips do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from lipwire_protocol.visemes import SETS, WEIGHT_SETS, Oculus

__all__ = [
    "REST",
    "Articulation",
    "Copy",
    "Release",
    "Shape",
    "VisemeTable",
    "matrix",
    "viseme_table",
]

REST: Final = {
    "oculus": "sil",
    "azure": "0",
    "mpeg4": "0",
    "rhubarb": "X",
    "preston_blair": "rest",
    "polly": "sil",
}
"""What each set calls a mouth that says nothing."""

_DIPHTHONG_TENTHS = 6
_AFFRICATE_TENTHS = 4
_UNSTRESSED_GAIN = 0.92
_NUMBERS = {name: Oculus(number) for number, name in enumerate(SETS["oculus"])}
_NEUTRAL = "ə"
"""The mouth that says nothing in particular: of a sound that is not known, or has no shape."""
_COPIED = frozenset(("oculus", "mpeg4", "rhubarb", "preston_blair"))
"""Sets without a shape for sounds of the throat; Azure and Polly have one for `h`."""

_LEAST = 0.3
"""Dominance of a sound for which neither lips nor jaw matter."""
_BURST = frozenset("pʘ")
_HELD = frozenset("mɱfvⱱ")


class Copy(StrEnum):
    """Sounds made in the throat have no shape of their own."""

    NEXT = "next"
    PREVIOUS = "prev"


class Release(StrEnum):
    """When closed lips part, seen from the phoneme's end."""

    BURST = "burst"
    """Of `p`: the lips part, then air is heard."""
    VOICED = "voiced"
    """Of `b`: they part with the voice."""
    ASPIRATED = "aspirated"
    """Of `pʰ`: the air that follows belongs to the phoneme."""
    HELD = "held"
    """Of `m` and `f`: as long as the phoneme is heard."""


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
    release: Release | None = None
    """Of a sound that needs the lips to touch; None for all others."""
    rounding: float = 0.0
    """How far the lips are rounded, 0..1."""
    dominance: float = 1.0
    """How much the mouth cares: 1 for vowels and lips, less where only the tongue matters."""

    @property
    def is_closed(self) -> bool:
        """Whether the lips touch, however briefly."""
        return self.release is not None


@dataclass(frozen=True, slots=True)
class Articulation:
    """All that the table says about a phoneme."""

    shapes: tuple[Shape, ...]
    """In order: two of a diphthong or an affricate, else one."""
    gain: float
    """How stress, length and the like change how far a vowel opens the mouth."""
    numbers: Mapping[str, tuple[int, ...]]
    """Wire numbers by the name of the set of events: two where it moves, else one."""
    copies: Mapping[str, Copy]
    """In which sets it has the number of a neighbour, if one has any to lend."""
    choices: tuple[frozenset[int], ...]
    """For each of Rhubarb's numbers, which others do as well: consonants go with vowels."""

    @property
    def tenths(self) -> int:
        """Of its time, in which the first of two shapes is seen."""
        return _DIPHTHONG_TENTHS if self.shapes[0].is_vowel else _AFFRICATE_TENTHS


class VisemeTable:
    """Access to the table by phoneme. Immutable after it was loaded."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        symbols: Mapping[str, Mapping[str, Any]] = raw["symbols"]
        self._entries = {
            symbol: entry
            for symbol, entry in symbols.items()
            if entry["kind"] in ("vowel", "consonant")
        }
        self._marks = {
            symbol: entry
            for symbol, entry in symbols.items()
            if entry["kind"] in ("modifier", "length")
        }
        self._shapes = {symbol: _shape(symbol, entry) for symbol, entry in self._entries.items()}
        for symbol, shape in self._shapes.items():
            if not shape.mix:  # A glottal stop: nothing moves, but the mouth is not at rest.
                self._shapes[symbol] = replace(self._shapes[_NEUTRAL], copy=shape.copy)
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
        } | {
            symbol: "".join(part["base"] for part in entry["sequence"])
            for symbol, entry in self._entries.items()
            if entry.get("sequence")
        }
        sequences = raw["sequences"]
        self._sequences: Mapping[str, Mapping[str, Any]] = {
            **sequences["diphthongs"],
            **sequences["affricates"],
        }
        self._articulation = lru_cache(4096)(self._articulate)

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of every sound by its symbol."""
        return self._shapes

    @property
    def joined(self) -> frozenset[str]:
        """Pairs of symbols that are one phoneme: diphthongs and affricates."""
        return frozenset(self._sequences)

    def gain(self, phoneme: str) -> float:
        """Factor by which stress opens the mouth farther in a vowel; below 1 without stress."""
        return self._gains.get(phoneme[:1], _UNSTRESSED_GAIN)

    def sounds(self, phoneme: str) -> list[Shape]:
        """The shapes of a phoneme in order, as its diacritics change them.

        Stress, length and tones have none, and what is not known is passed over.
        """
        shapes: list[Shape] = []
        for symbol in self._spelled(phoneme):
            if symbol in self._shapes:
                shapes.append(self._shapes[symbol])
            elif shapes and symbol in self._marks:
                shapes[-1] = _marked(shapes[-1], self._marks[symbol])
        return shapes

    def articulation(self, phoneme: str) -> Articulation:
        """Everything about a phoneme, stress mark and diacritics included."""
        return self._articulation(phoneme)

    def _spelled(self, phoneme: str) -> str:
        for pair, composed in self._composed.items():
            phoneme = phoneme.replace(pair, composed)
        return "".join(self._alike.get(symbol, symbol) for symbol in phoneme)

    def _articulate(self, phoneme: str) -> Articulation:
        spelled = self._spelled(phoneme)
        core = [symbol for symbol in spelled if symbol in self._entries]
        shapes = self.sounds(phoneme)
        copies: dict[str, Copy] = {}
        if not core:  # Not known: it holds what was before, if only a little.
            core, shapes = [_NEUTRAL], [replace(self._shapes[_NEUTRAL], copy=Copy.PREVIOUS)]
            copies = dict.fromkeys(SETS, Copy.PREVIOUS)
        elif len(core) == 1 and (copy := shapes[0].copy):
            copies = {name: copy for name in SETS if name in _COPIED or not self._names(name, core)}
        elif len(core) > 2:  # A cluster under one sign: where it begins and where it ends.
            core, shapes = [core[0], core[-1]], [shapes[0], shapes[-1]]
        gain = self.gain(phoneme)
        for mark in spelled:
            gain *= self._marks.get(mark, {}).get("gain", 1.0)
        visemes = tuple(int(shape.viseme) for shape in shapes)
        return Articulation(
            shapes=tuple(shapes),
            gain=gain,
            numbers={"oculus": visemes, "mpeg4": visemes}
            | {
                name: tuple(
                    SETS[name].index(shape)
                    for shape in self._names(name, core) or self._names(name, [_NEUTRAL])
                )
                for name in ("azure", "rhubarb", "preston_blair", "polly")
            },
            copies=copies,
            choices=tuple(
                frozenset(map(SETS["rhubarb"].index, self._entries[symbol].get("rhubarb_alt", ())))
                for symbol in core
            ),
        )

    def _names(self, name: str, core: Sequence[str]) -> list[str]:
        """What a set calls the shapes of sounds that are one phoneme."""
        pair = self._sequences.get("".join(core), {})
        of_pair = pair.get("rhubarb_seq" if name == "rhubarb" else name)
        if of_pair is not None:
            return [str(shape) for shape in ([of_pair] if isinstance(of_pair, str) else of_pair)]
        of_each = [self._entries[symbol].get(name) for symbol in core]
        return [
            str(shape)
            for several in of_each
            for shape in (several if isinstance(several, list) else [several])
            if shape
        ]


@cache
def viseme_table() -> VisemeTable:
    """The table that comes with the package, read once."""
    return VisemeTable(_raw())


@cache
def matrix(weight_set: str) -> tuple[tuple[float, ...], ...]:
    """Rows by Oculus viseme, columns by the shapes of another weight set.

    ARKit's is our own. Of the two that are published, one presses the lips together for `E` and
    `ih` and puckers them for `f`, the other puts the tongue out for `t` and `th`: both were made
    for one face each. In ours the jaw follows the openness of the sound, rounding is funnel and
    pucker together, and left and right do the same.
    """
    rows: Mapping[str, Mapping[str, float]] = _raw()[f"oculus_to_{weight_set}"]
    return tuple(
        tuple(float(rows[viseme].get(shape, 0.0)) for shape in WEIGHT_SETS[weight_set])
        for viseme in SETS["oculus"]
    )


@cache
def _raw() -> Mapping[str, Any]:
    content = files("lipwire_server.lipsync").joinpath("visemes.json").read_text("utf-8")
    raw: Mapping[str, Any] = json.loads(content)
    return raw


def _shape(symbol: str, entry: Mapping[str, Any]) -> Shape:
    primary = str(entry["primary"])
    copies = primary.startswith("@")
    mix = {_NUMBERS[name]: float(weight) for name, weight in entry["oculus"].items()}
    cares = entry["dominance"]
    return Shape(
        viseme=_NUMBERS[entry["fallback_primary"] if copies else primary],
        amount=min(1.0, sum(mix.values())),
        is_vowel=entry["kind"] == "vowel",
        copy=Copy(primary[1:]) if copies else None,
        mix=mix,
        release=_release(symbol, entry),
        rounding=float(entry["round"]),
        dominance=_LEAST + (1 - _LEAST) * max(cares["lips"], cares["jaw"]),
    )


def _release(symbol: str, entry: Mapping[str, Any]) -> Release | None:
    # Approximants come near a closure but let air through: `β`, `ʋ`.
    if entry["closure"] not in ("bilabial", "labiodental") or symbol == "ʋ":
        return None
    if symbol in _BURST:
        return Release.BURST
    return Release.HELD if symbol in _HELD else Release.VOICED


def _marked(shape: Shape, entry: Mapping[str, Any]) -> Shape:
    """A shape with a diacritic: labialised, palatalised, aspirated, the core of a syllable."""
    if entry.get("release_at") == "start" and shape.is_closed:
        return replace(shape, release=Release.ASPIRATED)
    if entry.get("nucleus"):
        return replace(shape, dominance=1.0)
    if "jaw_mul" in entry:
        mix = {viseme: weight * entry["jaw_mul"] for viseme, weight in shape.mix.items()}
        return replace(shape, mix=mix, amount=min(1.0, sum(mix.values())))
    if "blend" not in entry or shape.is_closed or shape.copy is not None:
        return shape
    mix = dict(shape.mix)
    for name, share in entry["blend"].items():
        # What is blended in takes its place from the rest first, then from the others.
        room = (1 - share) / max(sum(mix.values()), 1 - share)
        mix = {viseme: weight * room for viseme, weight in mix.items()}
        mix[_NUMBERS[name]] = mix.get(_NUMBERS[name], 0.0) + share
    rounding = max(shape.rounding, entry["blend"].get("ou", 0.0))
    return replace(shape, mix=mix, amount=min(1.0, sum(mix.values())), rounding=rounding)
