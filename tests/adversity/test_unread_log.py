"""A log that nobody reads: a terminal that was stopped with Ctrl-S, a pipe that is full."""

import asyncio
import fcntl
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from lipwire_client import connect
from lipwire_protocol import Hello, Speak, UtteranceEnded
from tests.made_once import furnish
from tests.tiny_voice import NAME, write_tiny_voice

PIPE_BYTES = 4_096
GUESTS = 60
"""What is logged of them is twice what the pipe holds."""


async def visit(url: str) -> None:
    """Many come and go, each of whom is logged; the last one is spoken to."""
    for _ in range(GUESTS):
        async with connect(url, Hello()):
            pass
    async with connect(url, Hello()) as session:
        await session.send(Speak(utterance=0, text="Hello.", end=True))
        async for message in session:
            if isinstance(message, UtteranceEnded):
                return


def test_a_server_speaks_and_ends_though_nobody_reads_its_log(tmp_path: Path) -> None:
    furnish(tmp_path, database=False)
    write_tiny_voice(tmp_path)
    environ = {name: text for name, text in os.environ.items() if not name.startswith("LIPWIRE_")}
    environ |= {
        "DATABASE_URL": "postgresql://127.0.0.1:1/nobody",
        "LIPWIRE_DATA": str(tmp_path),
        "LIPWIRE_VOICES": str(tmp_path),
        "LIPWIRE_VOICE": NAME,
        "LIPWIRE_PORT": "0",
    }
    reading, writing = os.pipe()
    if sys.platform == "linux":
        fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    command = [sys.executable, "-m", "lipwire_server", "serve"]
    with (
        os.fdopen(reading, "rb", buffering=0) as log,
        subprocess.Popen(command, env=environ, stderr=writing) as process,
    ):
        os.close(writing)
        try:
            said = b""
            while not (found := re.search(rb"http://127\.0\.0\.1:(\d+)/", said)):
                said += log.read(PIPE_BYTES)
            url = f"ws://127.0.0.1:{int(found[1])}/v1/stream"
            asyncio.run(visit(url))
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0
        finally:
            process.kill()
