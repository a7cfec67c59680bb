"""Entity tags: is what somebody has still what there is (RFC 9110, section 13)."""

import re

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["ANY", "matches", "quoted", "read_tags"]

ANY = "*"
"""The tag that any version has."""

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(rf"\s*(?:{_TAG.pattern})(?:\s*,\s*(?:{_TAG.pattern}))*\s*")


def quoted(tag: str) -> str:
    return f'"{tag}"'


def read_tags(header: str, value: str | None, *, weak: bool) -> frozenset[str] | None:
    """The tags of `If-Match` or `If-None-Match`; None without the header.

    A weak tag says that things mean the same: enough to be kept, not enough to be changed.
    """
    if value is None:
        return None
    if value.strip() == ANY:
        return frozenset({ANY})
    if _LIST.fullmatch(value) is None:
        raise LipwireError(ErrorCode.BAD_MESSAGE, f'{header} is not "*" nor a list of quoted tags')
    return frozenset(found[2] for found in _TAG.finditer(value) if weak or not found[1])


def matches(tags: frozenset[str], tag: str) -> bool:
    return ANY in tags or tag in tags
