"""`/v1/stats`: how much is going on, and how much is stored."""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from lipwire_protocol.errors import LipwireError

from ..speech.port import SpeechStats, Synthesis
from ..store.counts import Counts, count_all
from ..store.storage import Storage
from .rest import Call, Operation

__all__ = ["Stats", "operations"]


class Stats(Struct, kw_only=True, frozen=True):
    connections: int
    speech: SpeechStats
    stored: Annotated[Counts | None, Meta(description="null while the database is away.")]


def operations(
    storage: Storage, synthesis: Synthesis, connections: Callable[[], int]
) -> list[Operation]:
    async def get(call: Call) -> Stats:
        return Stats(
            connections=connections(), speech=synthesis.stats(), stored=await _stored(storage)
        )

    return [
        Operation(
            method="GET",
            path="/v1/stats",
            summary="How much is going on, and how much is stored",
            tag="health",
            handler=get,
            answer=Stats,
        )
    ]


async def _stored(storage: Storage) -> Counts | None:
    try:
        return await count_all(storage.asked())
    except LipwireError:
        return None
