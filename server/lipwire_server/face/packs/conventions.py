"""How people name the pictures of talking characters, and what is told by it.

Only names are looked at here. A name is cut into words: `lisa-A.png` is `lisa` and `A`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from .checking import OPTIONAL, REQUIRED
from .manifest import MouthSet

__all__ = ["CONVENTIONS", "Convention", "Parts", "recognised"]

_PICTURES: Final = (".png", ".webp", ".jpg", ".jpeg")
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])")
_SHUT: Final = frozenset(("closed", "close", "shut"))
_EYES: Final = frozenset(("eye", "eyes", "lid", "lids"))
_BLINKS: Final = frozenset(("blink", "blinking", "eyesclosed", "closedeyes"))
_SILENT: Final = frozenset(("idle", "quiet", "silent", "mouthclosed"))
_TALKS: Final = frozenset(("talk", "talking", "speak", "speaking", "mouthopen"))
_BASES: Final = ("base", "mouthless", "body", "face", "head", "character", "background")

_LIVE_PNG: Final = "assets"
_AT_EASE: Final = frozenset(("neutral", "normal", "idle", "default", "base"))
_FEELINGS: Final = {
    "happy": "happy", "joy": "happy", "smile": "happy", "sad": "sad", "sadness": "sad",
    "surprised": "surprised", "surprise": "surprised", "thoughtful": "thoughtful",
    "thinking": "thoughtful", "angry": "angry", "anger": "angry",
}  # fmt: skip


class Convention(StrEnum):
    PACK = "pack"
    LIVEPNG = "livepng"
    OCULUS = "oculus"
    PRESTON_BLAIR = "preston_blair"
    RHUBARB = "rhubarb"
    PNGTUBER = "pngtuber"


@dataclass(kw_only=True)
class Parts:
    """What the files of a character are for."""

    set: MouthSet
    mouths: dict[str, str] = field(default_factory=dict)
    """File of each shape."""
    feelings: dict[tuple[str, str], str] = field(default_factory=dict)
    """File of each emotion and shape."""
    base: str | None = None
    """What the mouths are drawn on; without it each is the whole picture."""
    open_eyes: str | None = None
    closed_eyes: str | None = None


def recognised(names: Iterable[str]) -> tuple[Convention, Parts] | None:
    """The convention that the files follow."""
    there = list(names)
    for convention, find in CONVENTIONS.items():
        if parts := find(there):
            return convention, parts
    return None


def _words(name: str) -> list[str]:
    return [word for word in _WORDS.split(PurePosixPath(name).stem) if word]


def _pictures(names: Iterable[str]) -> list[str]:
    return [name for name in names if PurePosixPath(name).suffix.lower() in _PICTURES]


def _by_last_word(of: MouthSet) -> Callable[[list[str]], Parts | None]:
    """Characters whose pictures have the names of shapes as they are, or at the end."""
    shapes = (*REQUIRED[of], *OPTIONAL[of])
    by_word = {shape.lower(): shape for shape in shapes} | _more_words(of)

    def find(names: list[str]) -> Parts | None:
        parts, others = Parts(set=of), []
        for name in _pictures(names):
            words = _words(name)
            shape = by_word.get(words[-1].lower()) if words else None
            if shape and not _EYES.intersection(words) and shape not in parts.mouths:
                parts.mouths[shape] = name
            else:
                others.append(name)
        if not set(parts.mouths).issuperset(REQUIRED[of]):
            return None
        return _with_rest(parts, others)

    return find


def _more_words(of: MouthSet) -> dict[str, str]:
    if of is MouthSet.PRESTON_BLAIR:
        return {"cdgknrsthyz": "etc", "consonants": "etc", "w": "WQ", "fv": "FV", "mbp": "MBP"}
    return {}


def _with_rest(parts: Parts, others: Iterable[str]) -> Parts:
    """Eyes and base out of the pictures that are no mouths."""
    bases: list[str] = []
    for name in others:
        words = [word.lower() for word in _words(name)]
        if _BLINKS.intersection(words) or (_EYES & {*words} and _SHUT & {*words}):
            parts.closed_eyes = parts.closed_eyes or name
        elif _EYES.intersection(words):
            parts.open_eyes = parts.open_eyes or name
        else:
            bases.append(name)
    named = [name for name in bases if any(word.lower() in _BASES for word in _words(name))]
    if named or len(bases) == 1:
        parts.base = (named or bases)[0]
    return parts


def _pngtuber(names: list[str]) -> Parts | None:
    parts, others = Parts(set=MouthSet.PNGTUBER), []
    blinking: dict[str, str] = {}
    for name in _pictures(names):
        mouth, shut = _states([word.lower() for word in _words(name)])
        if mouth and shut:
            blinking.setdefault(mouth, name)
        elif mouth and mouth not in parts.mouths:
            parts.mouths[mouth] = name
        else:
            others.append(name)
    if not {"closed", "open"}.issubset(parts.mouths):
        return None
    if blinking:
        others.insert(0, blinking.get("closed") or next(iter(blinking.values())))
        parts.closed_eyes = others.pop(0)
    return _with_rest(parts, others)


def _states(words: list[str]) -> tuple[str, bool]:
    """Which mouth a picture is of, if any, and whether its eyes are closed."""
    mouth, shut, of_eyes = "", False, False
    for word in words:
        if word in _EYES:
            of_eyes = True
        elif word in _BLINKS:
            shut = True
        elif of_eyes and (word in _SHUT or word == "open"):
            shut, of_eyes = shut or word in _SHUT, False
        elif word in _SHUT or word in _SILENT:
            mouth = "closed"
        elif word == "open" or word in _TALKS:
            mouth = "open"
        elif word in ("half", "e", "u"):
            mouth = word
    return mouth, shut


def _live_png(names: list[str]) -> Parts | None:
    """`model.json` and assets/style/expression/variant/: a variant's pictures open the mouth."""
    if "model.json" not in names:
        return None
    variants: dict[tuple[str, ...], list[str]] = {}
    for name in _pictures(names):
        folders = PurePosixPath(name).parts[:-1]
        if len(folders) == 4 and folders[0] == _LIVE_PNG:
            variants.setdefault(folders[1:], []).append(name)
    styles = sorted({style for style, _, _ in variants}, key=_formality)
    expressions: dict[str, dict[str, str]] = {}
    for (style, expression, _), files in sorted(variants.items()):
        if style == styles[0] and len(files) > 1:
            expressions.setdefault(expression, _opening(files))
    if not expressions:
        return None
    parts = Parts(set=MouthSet.PNGTUBER, mouths=expressions[min(expressions, key=_restlessness)])
    for expression, shapes in expressions.items():
        if feeling := _FEELINGS.get(expression.lower()):
            for shape, file in shapes.items():
                parts.feelings.setdefault((feeling, shape), file)
    return parts


def _formality(style: str) -> tuple[bool, str]:
    """Least for what sounds like the usual one, then for the first of the alphabet."""
    return style.lower() not in _AT_EASE, style


def _restlessness(expression: str) -> tuple[int, int, str]:
    """Least for `idle`, then for what sounds like it, then for the first of the alphabet."""
    name = expression.lower()
    return name != "idle", name not in _AT_EASE, expression


def _opening(files: list[str]) -> dict[str, str]:
    files = sorted(files, key=lambda name: [(len(word), word) for word in _words(name)])
    shapes = {"closed": files[0], "open": files[-1]}
    return shapes | ({"half": files[len(files) // 2]} if len(files) > 2 else {})


CONVENTIONS: Final[Mapping[Convention, Callable[[list[str]], Parts | None]]] = {
    Convention.LIVEPNG: _live_png,
    Convention.OCULUS: _by_last_word(MouthSet.OCULUS),
    Convention.PRESTON_BLAIR: _by_last_word(MouthSet.PRESTON_BLAIR),
    Convention.RHUBARB: _by_last_word(MouthSet.RHUBARB),
    Convention.PNGTUBER: _pngtuber,
}
"""In the order in which they are tried: the one with the most shapes first."""
