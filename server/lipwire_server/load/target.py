"""Where a load test goes, and how many may go there."""

import errno
import socket
import ssl
import sys
from typing import Final
from urllib.parse import urlunsplit

from lipwire_protocol import ErrorCode, LipwireError

from ..addresses import split_address

__all__ = ["OWN_LIMITS", "make_room", "stream_url", "trusting_any", "why"]

_STREAM: Final = "/v1/stream"
_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_OTHER_FILES: Final = 64
"""What a process has open beside its sockets."""

OWN_LIMITS: Final = {
    errno.EMFILE: "no more files may be opened here",
    errno.ENFILE: "no more files may be opened here",
    errno.EADDRNOTAVAIL: "no port is left here",
    errno.ENOBUFS: "no memory is left here",
    errno.ENOMEM: "no memory is left here",
}
"""What is wanting on this side, and no fault of the server's."""


def stream_url(text: str) -> str:
    """`host:port`, http(s):// or ws(s):// as the address of the stream there.

    Raises LipwireError for what is no address.
    """
    parts = split_address(text, _SCHEMES, "http")
    path = parts.path.rstrip("/")
    if not path.endswith(_STREAM):
        path += _STREAM
    return urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, "", ""))


def trusting_any() -> ssl.SSLContext:
    """For a server whose certificate nobody vouches for."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def why(error: OSError) -> str:
    """What kept a connection from being, in a few words."""
    if error.errno in OWN_LIMITS:
        return OWN_LIMITS[error.errno]
    match error:
        case ssl.SSLCertVerificationError():
            return f"the certificate does not hold: {error.verify_message}"
        case ssl.SSLError():
            return "it speaks no TLS"
        case socket.gaierror():
            return "there is no such host"
        case ConnectionRefusedError():
            return "nobody listens there"
        case TimeoutError():
            return "no answer for 30 s"
        case _:
            return error.strerror or str(error) or type(error).__name__


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
