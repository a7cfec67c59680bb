"""Who may come in: looks at keys, tokens and the pages that connections come from."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError

from ..store.keys import StoredKey
from .keys import Guest, Keys
from .scopes import Scope, is_within
from .visitors import Visitors

__all__ = ["Gate", "is_welcome"]

_log = logging.getLogger(__name__)

_FRESH: Final = timedelta(seconds=20)
"""A key that is revoked elsewhere is good for that much longer."""
_SOON: Final = timedelta(seconds=1)
"""How often a key that nobody knows may make us look again."""


class Gate:
    """Lets in whoever shows a key that is in use, or everybody where none is asked for.

    The keys are kept: while the database is away, those that were known last are good.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[list[StoredKey]]],
        *,
        locked: bool,
        visitors: Visitors,
        wall: Callable[[], datetime],
    ) -> None:
        """`locked` says whether a key is needed. `load` raises LipwireError while it cannot."""
        self.locked = locked
        self.visitors = visitors
        self._load = load
        self._wall = wall
        self._keys: Keys | None = None
        self._loaded: datetime | None = None
        self._loading = asyncio.Lock()

    async def admit(self, shown: str | None, scope: Scope) -> Guest | None:
        """Whoever shows that; None where everybody may come in and nothing is shown.

        Raises LipwireError: `unauthorized`, `forbidden`, and `storage_unavailable` where no keys
        are known yet.
        """
        if shown is None:
            if self.locked:
                raise LipwireError(
                    ErrorCode.UNAUTHORIZED,
                    "this server wants a key: send it as `token` of the first message, "
                    "or as `Authorization: Bearer ...`",
                )
            return None
        if not self.locked:
            return None
        guest = await self._guest(shown)
        if guest is None:
            raise LipwireError(
                ErrorCode.UNAUTHORIZED, "this key or token is not known, or is not good any more"
            )
        if not is_within(scope, guest.scopes):
            may = ", ".join(sorted(guest.scopes)) or "nothing"
            raise LipwireError(ErrorCode.FORBIDDEN, f"this key cannot {scope}; it can {may}")
        return guest

    async def still_holds(self, guest: Guest) -> bool:
        """Whether the key with which somebody came in is in use still."""
        try:
            await self._refresh(_FRESH)
        except LipwireError:
            return True
        return self._keys is None or guest.key.id in self._keys

    async def count(self) -> int:
        """Keys that are in use. Raises LipwireError while that cannot be known."""
        await self._refresh(timedelta(0))
        return len(self._keys or ())

    async def _guest(self, shown: str) -> Guest | None:
        await self._refresh(_FRESH)
        assert self._keys is not None
        guest = self._keys.guest(shown, self._wall())
        if guest is None:
            # It may have been made a moment ago.
            await self._refresh(_SOON)
            guest = self._keys.guest(shown, self._wall())
        return guest

    async def _refresh(self, age: timedelta) -> None:
        if self._is_younger(age):
            return
        async with self._loading:
            if self._is_younger(age):
                return  # Somebody else has, meanwhile.
            # What is made while they are read is not among them.
            began = self._wall()
            try:
                self._keys = Keys(await self._load())
            except LipwireError:
                if self._keys is None:
                    raise
                _log.debug("keys could not be read again")
                began = self._wall()
            self._loaded = began

    def _is_younger(self, age: timedelta) -> bool:
        return self._loaded is not None and abs(self._wall() - self._loaded) < age


def is_welcome(origin: str | None, host: str | None, allowed: Iterable[str]) -> bool:
    """Whether a page of that origin may use this server; programs that are no page name none.

    A page of this server itself always may.
    """
    if origin is None:
        return True
    known = frozenset(allowed)
    if "*" in known or origin in known:
        return True
    _, colon, rest = origin.partition("://")
    return bool(colon) and host is not None and rest.lower() == host.lower()
