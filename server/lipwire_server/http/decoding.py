"""From the bytes and strings of a request to values of the declared types, or a clear refusal."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["Body", "Query", "When", "decode_body", "decode_query"]

_LARGEST = 2**53 - 1
"""What a number may be for every client to count on it."""
_DEEPEST = 32

When = Annotated[datetime, Meta(tz=True)]
"""A moment: with its time zone, as everything that is stored."""


class Body(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of what is sent as JSON: a misspelt field is refused."""


class Query(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of what stands behind the question mark: a misspelt parameter is refused."""


class _Nothing(Query):
    """Of an operation that takes no parameters."""


def decode_query(items: Iterable[tuple[str, str]], type: type[Struct] | None) -> Any:
    """Parameters as a `type`; None where it is None and there are none."""
    values: dict[str, str] = {}
    for name, value in items:
        if name in values:
            raise _refused("query", f"`{name[:100]}` is there twice")
        if "\0" in value:
            raise _refused("query", f"`{name[:100]}` has the character U+0000")
        values[name] = value
    decoded = _convert("query", values, type or _Nothing, strict=False)
    return None if type is None else decoded


def decode_body(raw: bytes, type: Any) -> Any:
    """JSON as a `type`."""
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _refused("body", str(error) if raw else "it is empty; JSON is expected") from None
    _check(value)
    return _convert("body", value, type, strict=True)


def _convert(where: str, value: object, type: Any, *, strict: bool) -> Any:
    try:
        return msgspec.convert(value, type, strict=strict)
    except msgspec.ValidationError as error:
        raise _refused(where, str(error)) from None


def _check(value: object) -> None:
    """Refuses what the database cannot hold or a client could not read back."""
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            if "\0" in item:
                raise _refused("body", "a text has the character U+0000")
        elif isinstance(item, int | float):
            if not math.isfinite(item) or (isinstance(item, int) and abs(item) > _LARGEST):
                raise _refused("body", f"a whole number is beyond {_LARGEST}")
        elif isinstance(item, dict | list):
            if depth == _DEEPEST:
                raise _too_deep()
            inner = [*item, *item.values()] if isinstance(item, dict) else item
            waiting.extend((part, depth + 1) for part in inner)


def _too_deep() -> LipwireError:
    return _refused("body", f"it is nested more than {_DEEPEST} deep")


def _refused(where: str, message: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, f"{where}: {message}")
