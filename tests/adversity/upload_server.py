"""A server that does nothing but take files in: `python -m tests.adversity.upload_server DSN DATA`.

Without voices, its memory is what uploads take.
"""

import asyncio
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from uuid_utils.compat import uuid7

from lipwire_server.http import assets
from lipwire_server.http.rest import routes
from lipwire_server.store.files import FileBlobs
from lipwire_server.store.pool import Database
from tests.server.http.resources import storage_with


async def main(dsn: str, data: Path) -> None:
    async with Database.open(dsn) as database, FileBlobs.open_in(data) as files:
        operations = assets.operations(storage_with(database, data), files, uuid7)
        app = Starlette(routes=routes(operations))
        config = uvicorn.Config(
            app, port=0, http="h11", lifespan="off", log_level="info", access_log=False
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
