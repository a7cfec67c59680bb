"""The sessions of this process: those on a connection, and those that lost theirs lately."""

import asyncio
import hashlib
import hmac
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from lipwire_protocol import EndReason, ErrorCode, LipwireError

from ..store.recollections import OVER
from .conversation import Conversation
from .journal import Journal
from .memory import Memory

__all__ = [
    "LOST",
    "Displaced",
    "OpenSession",
    "Registry",
    "Secrets",
    "gone",
    "is_secret",
    "sha256",
    "taken_over",
    "unheard",
]

_log = logging.getLogger(__name__)

LOST: Final = 1006
"""The close code of who went without a word: he may come back."""
_WAITING: Final = 1_000
_CHARACTERS: Final = 20_000_000
_NOBODY: Final = bytes(32)
_DELETED: Final = 1_000
"""Whoever was about to come in when it was deleted must not: he needs no longer than that many."""

Displaced: TypeAlias = Callable[[LipwireError], None]
"""Tells a connection why the session is not its own any more."""


def unheard(why: LipwireError) -> None:
    """For who has no connection to tell it."""


def gone() -> LipwireError:
    text = "there is no such session, or none any more; open a new one"
    return LipwireError(ErrorCode.NOT_FOUND, text)


def taken_over() -> LipwireError:
    return LipwireError(ErrorCode.TAKEN_OVER, "the session goes on on another connection")


def sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def is_secret(shown: str, secret: str | None) -> bool:
    """Takes as long for a session that is not there as for one that is."""
    is_same = hmac.compare_digest(sha256(shown), sha256(secret or ""))
    return is_same and secret is not None


@dataclass(slots=True)
class Secrets:
    """Hashes of what opens a session: the newest secret, and the one before until that is used."""

    newest: bytes
    previous: bytes | None = None

    def open_with(self, shown: bytes) -> bool:
        previous = self.previous or self.newest
        return hmac.compare_digest(shown, self.newest) | hmac.compare_digest(shown, previous)


@dataclass(slots=True, kw_only=True, eq=False)
class OpenSession:
    """A session and the connection that it has, or had last."""

    id: UUID
    memory: Memory
    journal: Journal
    secrets: Secrets
    conversation: Conversation
    displaced: Displaced
    _expiry: asyncio.TimerHandle | None = None

    @property
    def is_waiting(self) -> bool:
        """It has lost its connection."""
        return self._expiry is not None

    def wait(self, seconds: float, expired: Callable[[], None]) -> None:
        self._expiry = asyncio.get_running_loop().call_later(seconds, expired)

    def wait_no_more(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None


class Registry:
    """Knows every session of this process. Of more than 1,000 that wait to be taken up, or of more
    text than 20 million characters, a piece counted as 100 more, what waits longest is given up: it
    is in the database still."""

    def __init__(self, waiting: int = _WAITING, characters: int = _CHARACTERS) -> None:
        self._sessions: dict[UUID, OpenSession] = {}
        self._waiting: dict[UUID, OpenSession] = {}
        self._limit = waiting
        self._characters = characters
        self._given_up = 0
        """For want of room."""
        self._deleted: deque[UUID] = deque(maxlen=_DELETED)

    @property
    def waiting(self) -> int:
        """Sessions that have lost their connection."""
        return len(self._waiting)

    def add(self, session: OpenSession) -> None:
        """From now on this is the session, and another one with its id is not."""
        self._sessions[session.id] = session

    def current(self, id: UUID) -> OpenSession | None:
        return self._sessions.get(id)

    def find(self, id: UUID, shown: bytes) -> OpenSession | None:
        """The session, if that is the hash of its secret."""
        session = self._sessions.get(id)
        secrets = Secrets(_NOBODY) if session is None else session.secrets
        return session if secrets.open_with(shown) else None

    @property
    def ids(self) -> list[UUID]:
        return list(self._sessions)

    def was_deleted(self, id: UUID) -> bool:
        """Lately."""
        return id in self._deleted

    def displace(self, session: OpenSession, why: LipwireError) -> None:
        """Takes it from the connection that it is on, or from waiting for one."""
        if session.is_waiting:
            session.wait_no_more()
            self._waiting.pop(session.id, None)
        else:
            session.conversation.detach()
            session.displaced(why)

    def let_go(self, session: OpenSession, why: LipwireError) -> None:
        """It is not this process's any more: nothing else of it is spoken or recorded here."""
        self.displace(session, why)
        session.conversation.forget()
        session.journal.let_go()
        session.memory.close()
        del self._sessions[session.id]

    def delete(self, id: UUID, why: LipwireError) -> None:
        """Nobody finds it here any more."""
        self._deleted.append(id)
        if (session := self._sessions.get(id)) is not None:
            self.let_go(session, why)

    def lost(self, session: OpenSession, close_code: int, seconds: float) -> None:
        """Its connection is gone: it waits for another one, unless it has that already, or is over.

        It waits for that many seconds, then it is ended.
        """
        if self._sessions.get(session.id) is not session or session.is_waiting:
            return
        if close_code in OVER or not seconds:
            session.conversation.abandon(EndReason.ERROR)
            session.memory.close()
            session.journal.closed(close_code)
            del self._sessions[session.id]
            return
        session.conversation.detach()
        session.displaced = unheard
        session.journal.closed(close_code)
        self.keep(session, seconds)

    def keep(self, session: OpenSession, seconds: float) -> None:
        """Lets it wait for a connection."""
        session.wait(seconds, lambda: self._give_up(session))
        self._waiting[session.id] = session
        while self._is_full():
            oldest = next(iter(self._waiting.values()))
            self._given_up += 1
            if self._given_up.bit_count() == 1:
                # At 1, 2, 4, 8, ...: whoever opens thousands must not fill the log, too.
                text = "session %s is given up: too many wait to be taken up; so far: %d"
                _log.warning(text, oldest.id, self._given_up)
            self._give_up(oldest)

    def _is_full(self) -> bool:
        characters = sum(session.memory.weight for session in self._waiting.values())
        return len(self._waiting) > self._limit or characters > self._characters

    def close(self) -> None:
        """Ends those that wait."""
        for session in list(self._waiting.values()):
            self._give_up(session)

    def _give_up(self, session: OpenSession) -> None:
        session.wait_no_more()
        session.conversation.abandon(EndReason.ERROR)
        session.memory.close()
        del self._waiting[session.id], self._sessions[session.id]
