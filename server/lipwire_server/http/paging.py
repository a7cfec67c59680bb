"""Lists in pages: `?limit=` and `?after=`, which says where the last page ended."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from msgspec import Meta, Struct

from lipwire_protocol.errors import ErrorCode, LipwireError

from .decoding import Query

__all__ = ["Page", "PageQuery", "page", "read_cursor", "read_id", "read_number"]

_Item = TypeVar("_Item")
_Row = TypeVar("_Row")

_LARGEST = 2**53 - 1


class PageQuery(Query):
    limit: Annotated[int, Meta(ge=1, le=200, description="Items on a page.")] = 50
    after: Annotated[
        Annotated[str, Meta(max_length=400, pattern="^[A-Za-z0-9_-]+$")] | None,
        Meta(description="`next` of the page before; opaque."),
    ] = None


class Page(Struct, Generic[_Item], kw_only=True, frozen=True):
    """Some items of a list."""

    items: list[_Item]
    next: str | None
    """`after` of the next page; null on the last one."""


def page(
    rows: Sequence[_Row],
    limit: int,
    *,
    key: Callable[[_Row], object],
    shown: Callable[[_Row], _Item],
) -> Page[_Item]:
    """The first `limit` of `rows`, which holds one more where there is a next page.

    `key` is what the list is sorted by; the store is asked for what comes after it.
    """
    rest = len(rows) > limit
    return Page(
        items=[shown(row) for row in rows[:limit]],
        next=_cursor(str(key(rows[limit - 1]))) if rest else None,
    )


def read_cursor(after: str | None) -> str | None:
    """The key that the last page ended with; None on the first one."""
    if after is None:
        return None
    try:
        key = urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode()
    except (binascii.Error, ValueError):
        raise _unknown() from None
    # One spelling only: what decodes to the same but was not made here is refused.
    if _cursor(key) != after or not key or "\0" in key:
        raise _unknown()
    return key


def read_id(after: str | None) -> UUID | None:
    """The same, of a list that is sorted by id."""
    key = read_cursor(after)
    try:
        return None if key is None else UUID(key)
    except ValueError:
        raise _unknown() from None


def read_number(after: str | None) -> int | None:
    """The same, of a list that is sorted by a number."""
    key = read_cursor(after)
    if key is None:
        return None
    if not (key.isascii() and key.isdecimal() and len(key) < 17 and int(key) <= _LARGEST):
        raise _unknown()
    return int(key)


def _cursor(key: str) -> str:
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _unknown() -> LipwireError:
    return LipwireError(
        ErrorCode.BAD_MESSAGE, "query: `after` is not the `next` of a page of this list"
    )
