"""`avatar.json` to a manifest, with errors that people understand."""

import re
from typing import Final

import msgspec

from .manifest import FORMAT, Manifest
from .sources import wrong

__all__ = ["MANIFEST", "MANIFEST_BYTES", "read_manifest"]

MANIFEST: Final = "avatar.json"
MANIFEST_BYTES: Final = 4 << 20

_PLACE: Final = re.compile(r"^(.*) - at `(key in )?\$\.?(.*)`$", re.DOTALL)


class _Head(msgspec.Struct):
    format: str = ""


def read_manifest(data: bytes) -> Manifest:
    """What the file says. Whether its pictures fit it is another question (`checking`)."""
    if len(data) > MANIFEST_BYTES:
        raise wrong(f"{MANIFEST} has more than {MANIFEST_BYTES >> 20} MB: it is not one of ours")
    # Editors on Windows put a mark in front.
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        head = msgspec.json.decode(data, type=_Head)
        if not head.format:
            raise wrong(f"{MANIFEST} does not say its format: write {FORMAT!r} there")
        if head.format != FORMAT:
            raise wrong(
                f"{MANIFEST} is of the format {head.format[:50]!r}, and this version reads"
                f" {FORMAT!r}: write that, or get a version that reads the other"
            )
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.ValidationError as error:
        raise wrong(f"{MANIFEST}: {_readable(str(error))}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise wrong(f"{MANIFEST} is no JSON: {error}") from error


def _readable(text: str) -> str:
    """`Expected int - at $.size` as `size: expected int`."""
    match = _PLACE.match(text)
    if not match:
        return text[:1].lower() + text[1:]
    what, _, place = match.groups()
    return f"{place or 'the whole'}: {what[:1].lower()}{what[1:]}"
