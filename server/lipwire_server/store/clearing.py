"""Deletes sessions with everything that was spoken in them, in bites.

One statement would do, but hours of speech are a million rows, and whoever waits for it has two
seconds, or ten.
"""

from collections.abc import Sequence
from uuid import UUID

from .pool import Connection

__all__ = ["SESSIONS", "clear_sessions", "deleted"]

SESSIONS = 50
"""How many are worth a transaction."""
_UTTERANCES = 200
"""An utterance is about a hundred phonemes."""

# An array, because a join of so many rows tempts PostgreSQL to read the whole table.
_DELETE_UTTERANCES = """
    DELETE FROM utterance WHERE id = ANY (ARRAY(
        SELECT id FROM utterance WHERE session_id = ANY($1) LIMIT $2
    ))
"""


async def clear_sessions(connection: Connection, ids: Sequence[UUID]) -> int:
    """Delete some of what was spoken in these sessions, or else the sessions themselves.

    Returns how many rows that were: 0 where there is nothing left of them. What belongs to an
    utterance or a session goes with it.
    """
    gone = deleted(await connection.execute(_DELETE_UTTERANCES, ids, _UTTERANCES))
    if gone == _UTTERANCES:
        return gone
    return gone + deleted(await connection.execute("DELETE FROM session WHERE id = ANY($1)", ids))


def deleted(status: str) -> int:
    """The number in PostgreSQL's answer to a DELETE."""
    return int(status.rpartition(" ")[2])
