"""The address of a server, as people type it."""

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from lipwire_protocol import ErrorCode, LipwireError

__all__ = ["split_address"]


def split_address(text: str, schemes: Collection[str], scheme: str | None = None) -> SplitResult:
    """The parts of it; `scheme` is that of one that has none.

    Raises LipwireError for what is no address, or has none of the `schemes`.
    """
    whole = text if scheme is None or "://" in text else f"{scheme}://{text}"
    try:
        parts = urlsplit(whole)
        is_known = bool(parts.hostname) and parts.port != 0 and not re.search(r"[\s@\\]", whole)
    except ValueError:
        is_known = False
    if not is_known or parts.scheme not in schemes:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            f"{text!r} is no address of a server; it is like http://127.0.0.1:8000",
        )
    return parts
