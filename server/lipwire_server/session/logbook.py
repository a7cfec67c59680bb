"""What is asked of the log of sessions that this process does not have in memory."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from ..store.recollections import LoggedSession, Recounted

__all__ = ["LookUp", "Recount", "TakeUp", "nothing", "nowhere", "unknown"]


class TakeUp(Protocol):
    def __call__(
        self,
        id: UUID,
        *,
        shown_sha256: bytes,
        new_sha256: bytes,
        first: int | None,
        now: datetime,
        window: timedelta,
    ) -> Awaitable[LoggedSession | None]:
        """Makes a session of another process this one's: see `store.speech_log`.

        Raises LipwireError (`storage_unavailable`) where that cannot be known now.
        """


class LookUp(Protocol):
    def __call__(self, id: UUID, utterance: int, /) -> Awaitable[LoggedSession | None]:
        """What was said for an utterance of a session: see `store.speech_log`.

        Raises LipwireError (`storage_unavailable`) where that cannot be known now.
        """


async def nothing(id: UUID, utterance: int, /) -> LoggedSession | None:
    """For a host whose sessions are not stored."""
    return None


async def nowhere(
    id: UUID,
    *,
    shown_sha256: bytes,
    new_sha256: bytes,
    first: int | None,
    now: datetime,
    window: timedelta,
) -> LoggedSession | None:
    """For a host whose sessions are not stored."""
    return None


class Recount(Protocol):
    def __call__(self, id: UUID, watch_secret: str, /) -> Awaitable[Recounted | None]:
        """What was spoken in a session: see `store.recounting`.

        Raises LipwireError (`storage_unavailable`) where that cannot be known now.
        """


async def unknown(id: UUID, watch_secret: str, /) -> Recounted | None:
    """For a host whose sessions are not stored."""
    return None
