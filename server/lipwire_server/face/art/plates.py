"""All the pictures of an avatar, layer by layer from back to front, before any is drawn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from ..articulation import Articulation
from ..emotions import EMOTIONS, NEUTRAL
from ..packs.manifest import Follow, Shows
from .brows import brow
from .character import Character
from .eyes import LIDS, Lids, irises, lids, whites
from .mouth import mouth
from .paint import Fills

__all__ = ["Plate", "Sheet", "sheets"]

_JAWS: Final = tuple(i / 8 for i in range(9))
_ON_THE_WAY: Final = (1 / 3, 2 / 3, 1.0)
"""How strong emotions are while they come and go, and in the end."""
_AWAKE: Final = 0.2
"""Lids that are closed further pass too quickly for steps of an emotion to be seen."""
_BROW: Final = (9.0, 0.32)
"""Pixels and radians."""
_ONE_BROW_PX: Final = 7.0
_FELT: Final = tuple(name for name in EMOTIONS if name != NEUTRAL)


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture to be drawn. Names as in `packs.manifest.Image`."""

    file: str
    """Without a suffix."""
    fills: Callable[[], Fills]
    shape: str | None = None
    value: float | None = None
    emotion: str | None = None
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The pictures of a layer. Names as in `packs.manifest.Layer`."""

    name: str
    plates: tuple[Plate, ...]
    shows: Shows = Shows.ALWAYS
    follow: Follow = Follow.HEAD
    parallax: tuple[float, float] = (0.0, 0.0)
    gaze: tuple[float, float] = (0.0, 0.0)
    brow: tuple[float, float] = (0.0, 0.0)


def sheets(of: Character, codebook: Sequence[Articulation]) -> tuple[Sheet, ...]:
    """The nearer a layer is to the one who looks, the more it moves when the head turns."""
    eyes = (6.0, 4.0)
    faces = tuple(Plate(f"face/{i}", partial(of.face, jaw), value=jaw) for i, jaw in _jaws())
    up, tilt = _BROW
    found = (
        Sheet("backdrop", _still("backdrop", of.backdrop), follow=Follow.NONE),
        Sheet("hair_back", _still("hair_back", of.hair_back), parallax=(-4.0, -2.0)),
        Sheet("torso", _still("torso", of.torso), follow=Follow.BREATH),
        Sheet("face", faces, Shows.JAW, parallax=(2.0, 1.0)),
        Sheet("nose", _still("nose", of.nose), parallax=(9.0, 5.5)),
        Sheet("eyes", _still("eyes", partial(whites, of)), parallax=eyes),
        Sheet("irises", _still("irises", partial(irises, of)), parallax=eyes, gaze=eyes),
        Sheet("lids", tuple(_lids(of)), Shows.LIDS, parallax=eyes),
        Sheet("brow_left", tuple(_brows("brow_left", of, -1)), parallax=eyes, brow=(up, -tilt)),
        Sheet("brow_right", tuple(_brows("brow_right", of, 1)), parallax=eyes, brow=(up, tilt)),
        Sheet("mouth", tuple(_mouths(of, codebook)), Shows.MOUTH, parallax=(6.5, 4.5)),
        Sheet("hair_front", _still("hair_front", of.hair_front), parallax=(4.5, 2.5)),
    )
    return tuple(sheet for sheet in found if sheet.plates)


def _jaws() -> Iterator[tuple[int, float]]:
    return enumerate(_JAWS)


def _still(name: str, fills: Callable[[], Fills]) -> tuple[Plate, ...]:
    return (Plate(name, fills),) if fills() else ()


def _brows(name: str, of: Character, side: int) -> Iterator[Plate]:
    yield Plate(name, partial(brow, of, side))
    for emotion in _FELT:
        raised = EMOTIONS[emotion].one_brow * _ONE_BROW_PX * side
        for strength in _ON_THE_WAY if raised else ():
            yield Plate(
                f"{name}/{emotion}/{_named(0, strength)}",
                partial(brow, of, side, max(raised, 0.4 * raised) * strength),
                emotion=emotion,
                strength=strength,
            )


def _lids(of: Character) -> Iterator[Plate]:
    for step, closed in enumerate(LIDS):
        yield Plate(f"lids/{step}", partial(lids, of, Lids(closed)), value=closed)
    for emotion in _FELT:
        squint, slant = EMOTIONS[emotion].squint, EMOTIONS[emotion].slant
        if not squint and not slant:
            continue
        for step, closed in enumerate(LIDS):
            for strength in _ON_THE_WAY if closed <= _AWAKE else (1.0,):
                at = Lids(closed, squint * strength, slant * strength)
                yield Plate(
                    f"lids/{emotion}/{_named(step, strength)}",
                    partial(lids, of, at),
                    value=closed,
                    emotion=emotion,
                    strength=strength,
                )


def _mouths(of: Character, codebook: Sequence[Articulation]) -> Iterator[Plate]:
    """Those of the neutral face are what all others fall back to."""
    for shape, held in enumerate(codebook):
        fills = partial(mouth, of, _felt(held, NEUTRAL, 1.0))
        yield Plate(f"mouth/{shape}", fills, shape=str(shape))
    for emotion in _FELT:
        for shape, held in enumerate(codebook):
            # The first one is the mouth at rest.
            for strength in _ON_THE_WAY if shape == 0 else (1.0,):
                yield Plate(
                    f"mouth/{emotion}/{_named(shape, strength)}",
                    partial(mouth, of, _felt(held, emotion, strength)),
                    shape=str(shape),
                    emotion=emotion,
                    strength=strength,
                )


def _felt(held: Articulation, emotion: str, strength: float) -> Articulation:
    felt, ease = np.asarray(EMOTIONS[emotion].mouth), np.asarray(EMOTIONS[NEUTRAL].mouth)
    return Articulation(*(np.asarray(held) + ease + (felt - ease) * strength).tolist())


def _named(index: int, strength: float) -> str:
    return str(index) if strength == 1.0 else f"{index}-{round(100 * strength)}"
