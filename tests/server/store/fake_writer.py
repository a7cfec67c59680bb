"""A database that is a list."""

import asyncio
from collections.abc import Sequence

from lipwire_server.store.errors import UnrecordableError
from lipwire_server.store.records import Record


class FakeWriter:
    """Keeps what is written; the next writes fail with `failures`, and `poison` always does."""

    def __init__(self, *failures: Exception | None, poison: Sequence[Record] = ()) -> None:
        self.failures = list(failures)
        self.poison = poison
        self.batches: list[list[Record]] = []
        self.attempts = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, batch: Sequence[Record]) -> None:
        self.attempts += 1
        await self.gate.wait()
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure
        if any(record in self.poison for record in batch):
            raise UnrecordableError("NotNullViolationError 23502")
        self.batches.append(list(batch))

    @property
    def written(self) -> list[Record]:
        return [record for batch in self.batches for record in batch]
