"""What a bench works with, as an interface: the real one starts processes, a test's does not."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

__all__ = ["Lab", "Missing", "Server", "System"]


class Missing(Exception):
    """A system that cannot be set up here; the text says why."""


class System(Protocol):
    """Something that is asked for one thing at a time and says itself how long it took."""

    @property
    def name(self) -> str: ...

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]: ...


class Server(Protocol):
    """A running server in a process of its own."""

    @property
    def url(self) -> str: ...

    @property
    def pid(self) -> int: ...

    def cpu_s(self) -> float | None:
        """CPU time that its process has used so far; None where that cannot be known."""
        ...

    def settle(self) -> None:
        """Waits until it has nothing left to do."""
        ...


class Lab(Protocol):
    @property
    def rounds(self) -> int: ...

    @property
    def seconds(self) -> float:
        """How long a listener listens."""
        ...

    @property
    def cores(self) -> int: ...

    def system(self, name: str) -> System | None:
        """A worker; None, and a line in the report, when it cannot be set up."""
        ...

    def server(self, name: str) -> AbstractContextManager[Server | None]:
        """A running server; None, and a line in the report, when it cannot be set up."""
        ...

    def probe(self) -> None:
        """Called between measurements: notes how steady the machine is."""
        ...

    def progress(self, what: str, done: int = 0, total: int = 0) -> None: ...
