"""The routes that speak, with a fake voice, a real database and real files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from lipwire_server.http import audios, sessions, utterances
from lipwire_server.http.lipsync import lipsync_operations
from lipwire_server.http.phonemes import phoneme_operations
from lipwire_server.http.renders import render_operations
from lipwire_server.http.rest import Operation
from lipwire_server.rendering import Renderer
from lipwire_server.session.host import Host
from lipwire_server.stage import new_id
from lipwire_server.store.files import BlobStore, FileBlobs
from lipwire_server.store.pool import Database
from lipwire_server.store.storage import Storage
from tests.fakes import WIRE_VOICE, FakeSynthesis, fake_host
from tests.server.http.resources import asking_for, storage_with

__all__ = ["RATE", "Speakers", "speakers", "speaking_operations"]

RATE = WIRE_VOICE.sample_rate


@dataclass(frozen=True, kw_only=True)
class Speakers:
    client: httpx.AsyncClient
    synthesis: FakeSynthesis
    host: Host
    storage: Storage
    files: BlobStore
    renderer: Renderer
    data: Path

    @property
    def left(self) -> list[Path]:
        """Drafts that nobody removed."""
        return [path for path in (self.data / "drafts").rglob("*") if path.is_file()]


def speaking_operations(
    host: Host, storage: Storage, files: BlobStore, renderer: Renderer
) -> list[Operation]:
    return [
        *phoneme_operations(host),
        *lipsync_operations(host, storage, files),
        *render_operations(host, storage, files, wake=renderer.wake, stop=renderer.stop),
        *audios.operations(storage, files),
        *sessions.operations(storage, host),
        *utterances.operations(storage),
    ]


@asynccontextmanager
async def speakers(
    tmp_path: Path, database: Database | None, synthesis: FakeSynthesis | None = None
) -> AsyncIterator[Speakers]:
    """Without a database, it is away. The renderer does not run by itself."""
    synthesis = synthesis or FakeSynthesis(known=[WIRE_VOICE])
    host = fake_host(synthesis)
    storage = Storage(None, tmp_path) if database is None else storage_with(database, tmp_path)
    if database is not None:
        host = replace(host, new_id=new_id)
    async with FileBlobs.open_in(tmp_path / "data") as files:
        renderer = Renderer(host, storage, files)
        operations = speaking_operations(host, storage, files, renderer)
        async with asking_for(operations) as client:
            yield Speakers(
                client=client,
                synthesis=synthesis,
                host=host,
                storage=storage,
                files=files,
                renderer=renderer,
                data=tmp_path / "data",
            )
