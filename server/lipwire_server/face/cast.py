"""Which avatars there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Cast"]


@dataclass(frozen=True, slots=True)
class Cast:
    default: str
    """Whose face is shown when none is asked for."""
    sizes: Mapping[str, int]
    """For each one, the width of the largest pictures of it."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """How each one is shown to people; as its name where there is none."""
