"""How a mouth is held, in twelve numbers, and how it is held for each viseme.

The numbers are what a person who rigs faces calls controls. They mix linearly, so the weights of
a mouth (`lipsync.blend`) are all that is needed to hold it at any time.
"""

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.visemes import SETS, Oculus

__all__ = ["HELD", "Articulation", "Articulations", "articulations"]

Articulations: TypeAlias = NDArray[np.float64]
"""Shape (..., 12): the numbers of `Articulation` in order."""


class Articulation(NamedTuple):
    """From 0 to 1, but for those that say otherwise."""

    jaw: float = 0.0
    """Dropped: chin, lower lip, lower teeth and tongue go down."""
    wide: float = 0.0
    """-1..1: the corners together, or apart."""
    round: float = 0.0
    """Pursed: narrow, thick, and the teeth hidden."""
    upper: float = 0.0
    """Upper lip raised, which shows the upper teeth."""
    lower: float = 0.0
    """Lower lip lowered, which shows the lower teeth."""
    press: float = 0.0
    """Lips pressed together; stronger than `jaw`."""
    tuck: float = 0.0
    """Lower lip under the upper teeth."""
    teeth: float = 0.0
    """Lower teeth brought up to the upper ones."""
    tongue: float = 0.0
    """Height of the tongue's body."""
    tip: float = 0.0
    """Tip of the tongue raised behind the upper teeth."""
    out: float = 0.0
    """Tip of the tongue between the teeth."""
    smile: float = 0.0
    """-1..1: corners down, or up."""


_HELD: Final = {
    Oculus.SIL: Articulation(smile=0.45),
    Oculus.PP: Articulation(press=1.0, wide=-0.06, round=0.10, smile=0.10),
    Oculus.FF: Articulation(jaw=0.08, wide=0.12, upper=0.62, tuck=1.0, smile=0.05),
    Oculus.TH: Articulation(jaw=0.20, wide=0.10, upper=0.30, lower=0.22, tongue=0.45, out=1.0),
    Oculus.DD: Articulation(jaw=0.22, wide=0.12, upper=0.28, lower=0.30, tongue=0.50, tip=0.95),
    Oculus.KK: Articulation(jaw=0.32, wide=0.10, upper=0.22, lower=0.28, tongue=0.85),
    Oculus.CH: Articulation(jaw=0.10, wide=-0.25, round=0.62, upper=0.52, lower=0.62, teeth=0.92),
    Oculus.SS: Articulation(jaw=0.05, wide=0.45, upper=0.48, lower=0.58, teeth=0.95, smile=0.10),
    Oculus.NN: Articulation(jaw=0.15, wide=0.08, upper=0.24, lower=0.22, tongue=0.45, tip=0.80),
    Oculus.RR: Articulation(
        jaw=0.18, wide=-0.22, round=0.55, upper=0.22, lower=0.25, tongue=0.66, teeth=0.25
    ),
    Oculus.AA: Articulation(jaw=0.95, wide=0.12, upper=0.30, lower=0.22, tongue=0.14),
    Oculus.E: Articulation(jaw=0.50, wide=0.48, upper=0.34, lower=0.30, tongue=0.38),
    Oculus.IH: Articulation(jaw=0.26, wide=0.62, upper=0.34, lower=0.34, tongue=0.55, smile=0.10),
    Oculus.OH: Articulation(jaw=0.62, wide=-0.25, round=0.70, upper=0.10, lower=0.10, tongue=0.22),
    Oculus.OU: Articulation(jaw=0.20, wide=-0.45, round=1.0, upper=0.05, tongue=0.32),
}

HELD: Final[Articulations] = np.array([_HELD[viseme] for viseme in Oculus])
"""Shape (15, 12): how the mouth is held for each Oculus viseme."""


_STEPS: Final = 10_000
_HELD_STEPS: Final = np.rint(HELD * _STEPS)
"""Whole numbers, whose sums are exact: a frame does not depend on how many are asked for."""


def articulations(weights: NDArray[np.uint8]) -> Articulations:
    """The mouth for Oculus weights of shape (frames, 15), which add up to 255."""
    assert weights.shape[-1] == len(SETS["oculus"])
    held: Articulations = weights @ _HELD_STEPS / (255.0 * _STEPS)
    return held
