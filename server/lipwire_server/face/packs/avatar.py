"""An avatar that was loaded: its manifest, and the pictures of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import msgspec

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

    @classmethod
    def of(cls, manifest: Manifest, files: Mapping[str, bytes]) -> Self:
        """An avatar of what is known to be right; `load_avatar` is for what is not."""
        # Once back and forth: 1 and 1.0 are equal, and are written differently.
        plain = msgspec.json.decode(msgspec.json.encode(manifest), type=Manifest)
        hashed = hashlib.sha256(msgspec.json.encode(plain))
        for name in sorted(files):
            # Of a fixed length each, so that no two packs are the same string of bytes.
            hashed.update(hashlib.sha256(name.encode()).digest())
            hashed.update(hashlib.sha256(files[name]).digest())
        return cls(manifest=manifest, files=files, key=hashed.hexdigest()[:32])
