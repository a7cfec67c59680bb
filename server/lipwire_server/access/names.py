"""The names under which this server may be asked for.

A page can have its own name lead to the machine of whoever looks at it: to the browser, a server
there is then one and the same site as the page, which may read everything.
"""

from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

__all__ = ["NEARBY", "host_of", "is_own_name"]

NEARBY: Final = frozenset(
    {"*", "*.local", "*.lan", "*.internal", "*.home.arpa", "*.localdomain", "*.svc"}
)
"""Names that nobody can have on the internet: those without a dot, and those that are for houses
and clusters."""


def is_own_name(host: str | None, known: Collection[str]) -> bool:
    """Whether a request with that `Host` was meant for this machine, or for one of the `known`:
    `*` is a word without a dot.

    An address is no name that could lead elsewhere. Browsers always say whom they mean.
    """
    if host is None:
        return True
    name = host_of(host)
    if _is_address(name) or name.endswith(".localhost") or name in ("localhost", *known):
        return True
    if "." not in name:
        return bool(name) and "*" in known
    return any(name.endswith(ending[1:]) for ending in known if ending.startswith("*."))


def host_of(authority: str) -> str:
    """The name or the address, without a port, of `name:8000` or `[::1]:8000`."""
    name = authority.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
