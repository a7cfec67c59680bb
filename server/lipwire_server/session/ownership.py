"""Whose a session is: what is done with it elsewhere ends it here."""

from dataclasses import dataclass
from uuid import UUID

from lipwire_protocol import ErrorCode, LipwireError

from ..store.recollections import Standing
from .registry import OpenSession, Registry
from .watching import Watching

__all__ = ["Ownership"]


@dataclass(frozen=True, slots=True)
class Ownership:
    """The sessions that this process has, or shows to those who watch."""

    registry: Registry
    watching: Watching

    def holds(self, id: UUID) -> bool:
        return self.registry.current(id) is not None or any(self.watching.of(id))

    def held(self) -> list[UUID]:
        return list({*self.registry.ids, *self.watching.sessions})

    def note(self, standing: Standing) -> None:
        """How a session stands in the database."""
        session = self.registry.current(standing.id)
        if standing.is_deleted:
            self.delete(standing.id)
        elif session is not None and session.journal.epoch < standing.epoch:
            self.hand_over(session)

    def hand_over(self, session: OpenSession) -> None:
        """Another process has gone on with it: whoever speaks or watches it here is told so."""
        elsewhere = LipwireError(ErrorCode.TAKEN_OVER, "the session goes on at another server")
        self.registry.let_go(session, elsewhere)
        for showing in self.watching.of(session.id):
            if showing.account is session.memory.account:
                showing.fail(elsewhere)

    def delete(self, id: UUID) -> None:
        """It was deleted: there is no such session any more, for anybody."""
        # One for each time: whoever raises an error leaves his frames on it.
        deleted = LipwireError(ErrorCode.NOT_FOUND, "the session was deleted")
        self.registry.delete(id, deleted)
        for showing in self.watching.of(id):
            showing.fail(deleted)
