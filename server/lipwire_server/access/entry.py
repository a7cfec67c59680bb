"""The way in of one connection."""

from .gate import Gate
from .keys import Guest
from .scopes import Scope

__all__ = ["Entry"]


class Entry:
    """Nobody is in before `admit`; whoever is has to `leave`."""

    def __init__(self, gate: Gate, key: str | None = None) -> None:
        """`key` is what the handshake showed, if it did."""
        self._gate = gate
        self._visitors = gate.visitors
        self._key = key
        self._guest: Guest | None = None

    @property
    def key(self) -> str | None:
        """Names the key that was shown."""
        return None if self._guest is None else str(self._guest.key.id)

    async def admit(self, token: str | None, scope: Scope = Scope.SPEAK) -> None:
        """Lets in with what the first message shows, or the handshake. Raises LipwireError."""
        guest = await self._gate.admit(token or self._key, scope)
        if guest is not None:
            self._visitors.enter(guest)
        self._guest = guest

    def charge(self, characters: int) -> None:
        """Counts what is to be spoken. Raises LipwireError (`rate_limited`)."""
        self._visitors.charge(self._guest, characters)

    def owe(self, characters: int) -> None:
        """Counts what is spoken already, whatever there was left."""
        self._visitors.owe(self._guest, characters)

    def check_again(self) -> None:
        """Before anything is spoken a second time. Raises LipwireError (`rate_limited`)."""
        self._visitors.check_again(self._guest)

    def owe_again(self, characters: int) -> None:
        """Counts what is spoken a second time, made anew or not."""
        self._visitors.owe_again(self._guest, characters)

    async def is_welcome_still(self) -> bool:
        """Whether the key is still in use."""
        return self._guest is None or await self._gate.still_holds(self._guest)

    def leave(self) -> None:
        if self._guest is not None:
            self._visitors.leave(self._guest)
            self._guest = None
