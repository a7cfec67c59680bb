"""Mouths of a few named shapes, as other programs' avatars have: which one is shown when.

Such mouths cannot blend. They are cut hard, and a shape stays for a while, or it flickers.
"""

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.visemes import SETS, Oculus

from .articulation import HELD, articulations
from .landmarks import landmarks
from .packs.manifest import MouthSet

__all__ = ["HOLD_MS", "Shapes"]

HOLD_MS: Final = 80
"""How long a shape stays at least, where a pack does not say."""

_OCULUS: Final = {viseme: (name,) for viseme, name in zip(Oculus, SETS["oculus"], strict=True)}

_RHUBARB: Final = {
    Oculus.SIL: ("X", "A"),
    Oculus.PP: ("A",),
    Oculus.FF: ("G", "A"),
    Oculus.TH: ("B",),
    Oculus.DD: ("B",),
    Oculus.KK: ("B",),
    Oculus.CH: ("B",),
    Oculus.SS: ("B",),
    Oculus.NN: ("H", "C"),
    Oculus.RR: ("E",),
    Oculus.AA: ("D",),
    Oculus.E: ("C",),
    Oculus.IH: ("B",),
    Oculus.OH: ("E",),
    Oculus.OU: ("F",),
}

_PRESTON_BLAIR: Final = {
    Oculus.SIL: ("rest", "MBP"),
    Oculus.PP: ("MBP", "rest"),
    Oculus.FF: ("FV", "MBP"),
    Oculus.TH: ("etc", "E"),
    Oculus.DD: ("etc", "E"),
    Oculus.KK: ("etc", "E"),
    Oculus.CH: ("etc", "E"),
    Oculus.SS: ("etc", "E"),
    Oculus.NN: ("L", "etc"),
    Oculus.RR: ("O", "etc"),
    Oculus.AA: ("AI", "E"),
    Oculus.E: ("E", "AI"),
    Oculus.IH: ("etc", "E"),
    Oculus.OH: ("O", "U"),
    Oculus.OU: ("U", "WQ", "O"),
}

_PNGTUBER: Final = {
    Oculus.SIL: ("closed",),
    Oculus.PP: ("closed",),
    Oculus.FF: ("closed",),
    Oculus.TH: ("half", "open"),
    Oculus.DD: ("half", "open"),
    Oculus.KK: ("half", "open"),
    # With two shapes only, what hardly opens the jaw is closed, or the mouth would gape all along.
    Oculus.CH: ("half", "closed"),
    Oculus.SS: ("half", "closed"),
    Oculus.NN: ("half", "closed"),
    Oculus.RR: ("half", "closed"),
    Oculus.AA: ("open",),
    Oculus.E: ("e", "open"),
    Oculus.IH: ("e", "half", "open"),
    Oculus.OH: ("open",),
    Oculus.OU: ("u", "half", "open"),
}

_NAMES: Final[Mapping[MouthSet, Mapping[Oculus, tuple[str, ...]]]] = {
    MouthSet.OCULUS: _OCULUS,
    MouthSet.RHUBARB: _RHUBARB,
    MouthSet.PRESTON_BLAIR: _PRESTON_BLAIR,
    MouthSet.PNGTUBER: _PNGTUBER,
}
"""What each viseme is shown as: the first of them that there is."""

_PLACES: Final = landmarks(HELD)


class Shapes:
    """The shapes that an avatar has out of a set. Immutable."""

    def __init__(self, of: MouthSet, available: Collection[str], hold_ms: int = 0) -> None:
        known = frozenset(name for names in _NAMES[of].values() for name in names)
        there_are = tuple(dict.fromkeys(available))
        self.names = tuple(name for name in there_are if name in known) or there_are[:1]
        """Picks are indices into this."""
        self._hold_ms = hold_ms or HOLD_MS
        names = {viseme: [n for n in _NAMES[of][viseme] if n in self.names] for viseme in Oculus}
        self._visemes = np.array([viseme for viseme in Oculus if names[viseme]], np.intp)
        self._shown = np.array(
            [self.names.index(names[viseme][0]) if names[viseme] else -1 for viseme in Oculus],
            np.intp,
        )

    def pick(
        self,
        weights: NDArray[np.uint8],
        closed: NDArray[np.int8],
        fps: int,
        previous: int | None = None,
    ) -> NDArray[np.intp]:
        """The shape in each frame, shape (frames,), for Oculus weights of shape (frames, 15).

        Mouths are told apart by how they look, not by the largest weight: half of an `aa` is no
        open mouth. A closure is seen in its frame, however short the shape before it was.
        """
        if not self._visemes.size:
            return np.zeros(len(weights), np.intp)
        must = np.where(closed >= 0, self._shown[closed], -1)
        return _held(self._wanted(weights), must, -(-self._hold_ms * fps // 1_000), previous)

    def _wanted(self, weights: NDArray[np.uint8]) -> NDArray[np.intp]:
        """The shape that looks most like the mouth."""
        places = landmarks(articulations(weights))
        distances = ((places[:, None] - _PLACES[self._visemes]) ** 2).sum(axis=2)
        wanted: NDArray[np.intp] = self._shown[self._visemes[distances.argmin(axis=1)]]
        return wanted


def _held(
    wanted: NDArray[np.intp], must: NDArray[np.intp], hold: int, previous: int | None
) -> NDArray[np.intp]:
    shown, age = previous, hold
    held = []
    for want, closure in zip(wanted.tolist(), must.tolist(), strict=True):
        if closure >= 0:
            want = closure
        if shown is None or (want != shown and (closure >= 0 or age >= hold)):
            shown, age = want, 0
        age += 1
        held.append(shown)
    return np.array(held, np.intp)
