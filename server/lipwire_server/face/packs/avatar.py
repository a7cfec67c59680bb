"""An avatar that was loaded: its manifest, and the pictures of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from .manifest import Manifest

__all__ = ["Avatar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Avatar:
    manifest: Manifest
    files: Mapping[str, bytes]
    """Every picture that the manifest names, as PNG or WebP with transparency. They were decoded
    and encoded again: nothing else is in them."""
    key: str
    """A hash of all of it: equal avatars have equal keys."""
