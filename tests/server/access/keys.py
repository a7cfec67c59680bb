"""Keys that need no database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lipwire_protocol import LipwireError
from lipwire_server.access.gate import Gate
from lipwire_server.access.keys import hash_of
from lipwire_server.access.visitors import Visitors
from lipwire_server.store.errors import storage_away
from lipwire_server.store.keys import StoredKey

__all__ = ["NOW", "Clock", "Cupboard", "stored"]

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def stored(key: str = "lipwire_ours", number: int = 1, **named: Any) -> StoredKey:
    return StoredKey(
        **{
            "id": UUID(int=number),
            "name": f"key {number}",
            "hash": hash_of(key),
            "token_secret": bytes([number]) * 32,
            "scopes": ("speak", "read", "write", "watch"),
            "created_at": NOW,
            **named,
        }
    )


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Cupboard:
    """Where the keys of a gate are, and how often it has looked."""

    def __init__(self, *keys: StoredKey) -> None:
        self.keys = list(keys)
        self.away = False
        self.looks = 0
        self.takes_s = 0.0
        """How long a look takes."""
        self.clock = Clock()

    def gate(self, *, locked: bool = True, per_address: int = 0) -> Gate:
        visitors = Visitors(per_address, lambda: (self.clock.now - NOW).total_seconds())
        return Gate(self._load, locked=locked, visitors=visitors, wall=lambda: self.clock.now)

    async def _load(self) -> list[StoredKey]:
        self.looks += 1
        if self.away:
            raise _away()
        keys = list(self.keys)
        self.clock.pass_(self.takes_s)
        return keys


def _away() -> LipwireError:
    return storage_away("a test")
