"""Phonemes in time to mouth shapes in time, in every set of events."""

from collections.abc import Mapping, Sequence

from ..speech.port import PhonemeSpan, VisemeSpan
from .mouth import mouth

__all__ = ["lips"]


def lips(phonemes: Sequence[PhonemeSpan], sample_rate: int) -> Mapping[str, tuple[VisemeSpan, ...]]:
    """Mouth shapes for phonemes that are contiguous from 0, by the name of their set."""
    return mouth(phonemes, sample_rate).sets
