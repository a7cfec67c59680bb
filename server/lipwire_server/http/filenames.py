"""What people call their files: something to read and to save under, never part of a path here."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

__all__ = ["attachment", "tidy_filename"]

_LONGEST: Final = 200
_SEPARATORS: Final = re.compile(r"[/\\]")
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co")
"""Categories: control, format such as writing backwards, halves of characters, private."""


def tidy_filename(name: str, suffixes: Sequence[str]) -> str:
    """Its last part, without what cannot be seen, ending as such files do."""
    seen = "".join(c for c in name if unicodedata.category(c) not in _UNSEEN)
    last = _SEPARATORS.split(unicodedata.normalize("NFC", seen))[-1].strip(" .")
    if last.lower().endswith(tuple(suffixes)):
        stem, suffix = last.rsplit(".", 1)
        return f"{stem[:_LONGEST] or 'file'}.{suffix}"
    return f"{last[:_LONGEST] or 'file'}{suffixes[0]}"


def attachment(filename: str) -> str:
    """A `Content-Disposition` to save under that name (RFC 6266)."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in filename
    )
    header = f'attachment; filename="{plain}"'
    if plain != filename:
        header += f"; filename*=UTF-8''{quote(filename, safe='')}"
    return header
