"""What a key may be good for."""

from collections.abc import Collection, Iterable
from enum import StrEnum

__all__ = ["Scope", "is_within", "known_scopes"]


class Scope(StrEnum):
    SPEAK = "speak"
    """Sessions, and whatever makes speech, its timing or a movie."""
    READ = "read"
    """What is stored: of everybody."""
    WRITE = "write"
    """Changing what is stored."""
    WATCH = "watch"
    """Sessions of others, with the secret for that, and nothing else; who may speak may watch."""


def is_within(scope: Scope, scopes: Collection[Scope]) -> bool:
    """Whether who is good for those may do that."""
    return scope in scopes or (scope is Scope.WATCH and Scope.SPEAK in scopes)


def known_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Without those that only a newer server knows."""
    known = frozenset(Scope)
    return frozenset(Scope(name) for name in names if name in known)
