"""Where a load test goes, and how many may go there."""

import re
import sys
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from lipwire_protocol import ErrorCode, LipwireError

__all__ = ["make_room", "stream_url"]

_STREAM: Final = "/v1/stream"
_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_OTHER_FILES: Final = 64
"""What a process has open beside its sockets."""


def stream_url(text: str) -> str:
    """`host:port`, http(s):// or ws(s):// as the address of the stream there.

    Raises LipwireError for what is no address.
    """
    whole = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(whole)
        known = bool(parts.hostname) and parts.port != 0 and not re.search(r"[\s@\\]", whole)
    except ValueError:
        known = False
    if not known or parts.scheme not in _SCHEMES:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            f"{text!r} is no address of a server; it is like http://127.0.0.1:8000",
        )
    path = parts.path.rstrip("/")
    if not path.endswith(_STREAM):
        path += _STREAM
    return urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, "", ""))


def make_room(sockets: int) -> None:
    """Has this process be allowed that many sockets. Raises LipwireError where it cannot be."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = sockets + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            f"{sockets} sockets are more than this process may open: {max(0, hard - _OTHER_FILES)} "
            "are possible here (`ulimit -Hn` says how many files, and root may allow more)",
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
