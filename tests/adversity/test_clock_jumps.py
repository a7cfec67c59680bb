"""A server whose clock on the wall jumps by a day, there and back: nobody is timed out by it.

Needs Debian's `libfaketime`; without it, it is left out.
"""

import asyncio
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from lipwire_client import connect
from lipwire_protocol import Chunk, LipwireError, ServerMessage
from tests.adversity.beside import listening, small_server
from tests.patience import TO_BE_CUT, reporting
from tests.server_process import ServerProcess

DAY_S = 86_400
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="there is no faketime")


def tell(clock: Path, days: int) -> None:
    """All of it at once: a server looks whenever it likes."""
    told = clock.with_suffix(".told")
    told.write_text(f"{days:+}d")
    told.chmod(0o644)
    told.replace(clock)


async def jump(server: ServerProcess, clock: Path, days: int) -> None:
    """Returns when the server has seen it, in the times that it puts on its answers."""
    await asyncio.to_thread(tell, clock, days)
    async with httpx.AsyncClient(timeout=60) as client:
        off = float("inf")
        while abs(off) > DAY_S / 2:
            date = (await client.get(f"{server.url}/healthz")).headers["date"]
            off = parsedate_to_datetime(date).timestamp() - time.time() - days * DAY_S
            await asyncio.sleep(0.05)


async def lost_in_the_middle(server: ServerProcess, clock: Path, days: int) -> UUID:
    """One who loses his connection, comes back when the clock has jumped, and hears the rest."""
    async with connect(server.stream, TO_BE_CUT) as session:

        def cut(message: ServerMessage) -> None:
            if isinstance(message, Chunk):
                session._socket.transport.abort()

        with pytest.raises(LipwireError):
            await session.say("Rice is often served in round bowls, is it?", on_message=cut)
        point = session.resume_point
    await jump(server, clock, days)
    async with connect(server.stream, resume=point) as session, reporting(session) as report:
        spoken = await session.finish(on_message=report)
    assert spoken.ended is not None and spoken.ended.reason == "done"
    return UUID(point.id)


async def test_a_day_there_and_back_times_nobody_out(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    tell(clock, 0)
    names = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        # Each look at its clock would cost a server the reading of a file otherwise.
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with small_server(tmp_path / "voices", names) as server:
        async with listening(server, dry=True):
            ids = [await lost_in_the_middle(server, clock, days) for days in (1, -1, 0)]
        assert len(set(ids)) == 3
        async with connect(server.stream) as session:
            assert (await session.say("All is well.")).ended is not None
        milliseconds = [id.int >> 80 for id in ids]
        assert milliseconds[1] - milliseconds[0] > 80_000_000, "its clock did jump"
