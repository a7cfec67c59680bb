"""What a feeling adds to a face. Speech rides on it: it is added to whatever the mouth does."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .articulation import Articulation

__all__ = ["EMOTIONS", "MOUTHS", "NAMES", "NEUTRAL", "Emotion"]


_AT_EASE = Articulation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion:
    """All of it is added to a face that is at ease."""

    mouth: Articulation = _AT_EASE
    lids: float = 0.0
    """To how far they are closed: below 0 the eyes are wide open."""
    squint: float = 0.0
    """0..1: cheeks that push the lower lids up."""
    slant: float = 0.0
    """-1..1: upper lids lower at their inner ends, as in anger, or at their outer ends."""
    brow_raise: float = 0.0
    """-1..1."""
    brow_tilt: float = 0.0
    """-1..1: inner ends down, as in anger, or up, as in sadness."""
    one_brow: float = 0.0
    """-1..1: the brow that is right in the picture is raised, and the other one is not."""
    gaze: tuple[float, float] = (0.0, 0.0)
    """To the right and up, -1..1."""
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Yaw to the right and pitch up, -1..1; roll to the right in radians."""


NEUTRAL: Final = "neutral"

EMOTIONS: Final = {
    NEUTRAL: Emotion(mouth=Articulation(smile=0.20)),
    "happy": Emotion(
        mouth=Articulation(smile=0.80, wide=0.24),
        lids=0.08,
        squint=0.90,
        brow_raise=0.35,
    ),
    "sad": Emotion(
        mouth=Articulation(smile=-0.70, wide=-0.10),
        lids=0.18,
        slant=0.90,
        brow_raise=0.15,
        brow_tilt=1.0,
        gaze=(0.0, -0.25),
        head=(0.0, -0.25, 0.02),
    ),
    "surprised": Emotion(
        mouth=Articulation(jaw=0.36, round=0.42, wide=-0.10),
        lids=-0.30,
        brow_raise=1.0,
        brow_tilt=0.10,
        head=(0.0, 0.15, 0.0),
    ),
    "thoughtful": Emotion(
        mouth=Articulation(smile=-0.16, wide=-0.22, round=0.12),
        lids=0.10,
        brow_raise=0.0,
        brow_tilt=-0.10,
        one_brow=0.9,
        gaze=(0.55, 0.60),
        head=(0.20, 0.15, 0.035),
    ),
    "angry": Emotion(
        mouth=Articulation(smile=-0.55, wide=0.05),
        lids=0.12,
        squint=0.50,
        slant=-1.0,
        brow_raise=-0.70,
        brow_tilt=-1.0,
        head=(0.0, -0.15, 0.0),
    ),
}

NAMES: Final = tuple(EMOTIONS)
"""Indices into this are what the columns of `Poses.emotions` are for."""

MOUTHS: Final = np.array([emotion.mouth for emotion in EMOTIONS.values()])
"""Shape (emotions, 12)."""
