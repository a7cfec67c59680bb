"""A server whose clock on the wall jumps by a day, there and back: nobody is timed out by it.

Needs the library of Debian's `faketime`; without it, it is left out.
"""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from lipwire_client import connect
from lipwire_protocol import Chunk, LipwireError, ServerMessage
from tests.adversity.beside import listening, small_server
from tests.patience import TO_BE_CUT, reporting
from tests.server_process import ServerProcess

SEEN_WITHIN_S = 1
"""Each look at its clock would cost a server the reading of a file otherwise."""
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="there is no faketime")


def tell(clock: Path, jump: str) -> None:
    """All of it at once: a server looks whenever it likes."""
    told = clock.with_suffix(".told")
    told.write_text(jump)
    told.chmod(0o644)
    told.replace(clock)


async def lost_in_the_middle(server: ServerProcess, clock: Path, jump: str) -> UUID:
    """One who loses his connection, comes back when the clock has jumped, and hears the rest."""
    async with connect(server.stream, TO_BE_CUT) as session:

        def cut(message: ServerMessage) -> None:
            if isinstance(message, Chunk):
                session._socket.transport.abort()

        with pytest.raises(LipwireError):
            await session.say("Rice is often served in round bowls, is it?", on_message=cut)
        point = session.resume_point
    await asyncio.to_thread(tell, clock, jump)
    await asyncio.sleep(SEEN_WITHIN_S + 0.2)
    async with connect(server.stream, resume=point) as session, reporting(session) as report:
        spoken = await session.finish(on_message=report)
    assert spoken.ended is not None and spoken.ended.reason == "done"
    return UUID(point.id)


async def test_a_day_there_and_back_times_nobody_out(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    tell(clock, "+0d")
    names = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": str(SEEN_WITHIN_S),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with small_server(tmp_path / "voices", names) as server:
        async with listening(server, dry=True):
            ids = [await lost_in_the_middle(server, clock, jump) for jump in ("+1d", "-1d", "+0d")]
        assert len(set(ids)) == 3
        async with connect(server.stream) as session:
            assert (await session.say("All is well.")).ended is not None
        milliseconds = [id.int >> 80 for id in ids]
        assert milliseconds[1] - milliseconds[0] > 80_000_000, "its clock did jump"
