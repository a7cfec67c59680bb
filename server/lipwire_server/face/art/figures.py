"""The figures there are, and the mouths that are drawn of each."""

from typing import Final

from ..articulation import Articulation
from ..codebook import default_codebook
from .character import Character
from .ida import IDA
from .joe import JOE

__all__ = ["FIGURES", "codebook"]

FIGURES: Final[dict[str, Character]] = {figure.name: figure for figure in (JOE, IDA)}


def codebook() -> tuple[Articulation, ...]:
    return tuple(Articulation(*held) for held in default_codebook().entries.tolist())
