"""Objects in columns of type jsonb, which keeps the values of numbers and writes all digits."""

import json
from typing import Any

import msgspec

__all__ = ["from_jsonb", "to_jsonb"]

_WHOLE = 20
"""Characters of a whole number that is read as one; 2**53 has 16."""


def to_jsonb(value: object) -> str:
    return msgspec.json.encode(value).decode()


def from_jsonb(text: str) -> dict[str, Any]:
    """What was put there: 1e300 is no whole number of 301 digits, though the text has them."""
    value: dict[str, Any] = json.loads(text, parse_int=_number)
    return value


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < _WHOLE else float(digits)
