"""How sessions stand in the database: others, who have the same one, take them up or delete them.

Whoever does says so to everybody who listens, in the transaction in which it happens. A listener
looks at all of its sessions when it begins, and twice a minute from then on: what is said while its
connection is lost it does not hear, nor anything at all through a pooler of transactions.

What a listener has shows signs of life: a session that people are in is not given up as lost,
however long they keep silent.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final, Protocol
from uuid import UUID

from .pool import UNAVAILABLE, Connection
from .recollections import Standing
from .storage import Storage

__all__ = ["CHANNEL", "Holder", "Standings"]

CHANNEL: Final = "lipwire_session"
"""On it, the id of a session is said that has changed hands, or was deleted."""
_LOOK_S: Final = 30.0
_AGAIN_S: Final = 2.0
_SHOW_LIFE: Final = """
    UPDATE session SET updated_at = now() WHERE id = ANY (ARRAY(
        SELECT id FROM session
        WHERE id = ANY($1) AND ended_at IS NULL AND updated_at < now() - interval '6 hours'
        LIMIT 1000 FOR UPDATE SKIP LOCKED
    ))
"""


class Holder(Protocol):
    """Has sessions, and wants to know when they are not its own any more."""

    def holds(self, id: UUID) -> bool: ...

    def held(self) -> Collection[UUID]: ...

    def note(self, standing: Standing) -> None: ...


class Standings:
    """Tells a holder; while the database is away, nothing can be known."""

    def __init__(self, storage: Storage, holder: Holder, look_s: float = _LOOK_S) -> None:
        self._storage = storage
        self._holder = holder
        self._look_s = look_s

    async def run(self) -> None:
        """For ever. Has one connection of the pool."""
        while True:
            database = self._storage.database
            if database is not None and self._storage.fault is None:
                with suppress(*UNAVAILABLE):
                    async with database.connection() as connection:
                        await self._listen(connection)
            await asyncio.sleep(_AGAIN_S)

    async def _listen(self, connection: Connection) -> None:
        changed: set[UUID] = set()
        came = asyncio.Event()
        hear = _hearing(self._holder, changed, came)
        connection.add_termination_listener(lambda lost: came.set())
        await connection.add_listener(CHANNEL, hear)
        now = asyncio.get_running_loop().time
        due = now()
        try:
            while True:
                asked: Collection[UUID] = tuple(changed)
                changed.clear()
                came.clear()
                # However much is said: who was not heard is found by nothing else.
                if not asked or now() >= due:
                    asked, due = self._holder.held(), now() + self._look_s
                    await connection.execute(_SHOW_LIFE, asked)
                await self._look(connection, asked)
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        await came.wait()
        finally:
            # At once, also where the database is frozen and would not take back a word.
            connection.terminate()

    async def _look(self, connection: Connection, ids: Collection[UUID]) -> None:
        rows = await connection.fetch(
            """
            SELECT id, epoch, deleted_at IS NOT NULL AS is_deleted FROM session
            WHERE id = ANY($1) AND (epoch > 0 OR deleted_at IS NOT NULL)
            """,
            ids,
        )
        for row in rows:
            self._holder.note(Standing(**row))


def _hearing(holder: Holder, changed: set[UUID], came: asyncio.Event) -> Callable[..., None]:
    def hear(connection: object, process: int, channel: str, said: object) -> None:
        with suppress(ValueError):
            id = UUID(str(said))
            if holder.holds(id):
                changed.add(id)
                came.set()

    return hear
