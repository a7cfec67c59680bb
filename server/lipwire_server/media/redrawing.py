"""Pictures that nobody vouches for are decoded in a process of their own, which may fall."""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lipwire_protocol.errors import ErrorCode, LipwireError

from . import redraw_child

__all__ = ["Picture", "redraw"]

_PATIENCE_S: Final = 20.0
"""The child has half as much of computing."""
_ANSWER_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    media_type: str
    width: int
    height: int


async def redraw(
    source: Path, target: Path, *, child: Path = Path(redraw_child.__file__)
) -> Picture:
    """Draws the picture anew into `target`, which is as if nobody had ever touched it.

    Raises LipwireError `unreadable` for what is damaged or moves or takes too much to decode, and
    `message_limit` for too many pixels. Whatever happens, the child is gone afterwards.
    """
    answer = await _ask([sys.executable, "-I", str(child), str(source), str(target)])
    try:
        told = json.loads(answer)
    except ValueError:
        # It fell: out of memory or out of time, or worse.
        text = "the picture takes too much to decode: save it again, or smaller"
        raise LipwireError(ErrorCode.UNREADABLE, text) from None
    if "code" in told:
        raise LipwireError(ErrorCode(told["code"]), told["text"])
    return Picture(**told)


async def _ask(command: list[str]) -> bytes:
    """What the program answers; nothing where it falls or takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # The server's holds the address of the database. Windows starts nothing without one.
            env=None if sys.platform == "win32" else {},
        )
    except OSError as error:
        raise LipwireError(
            ErrorCode.OVERLOADED, "pictures cannot be looked at now", retry_after_ms=5_000
        ) from error
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await process.stdout.read(_ANSWER_BYTES)
    except TimeoutError:
        return b""
    finally:
        if process.returncode is None:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """It has answered, or nobody waits for it any more."""
    with suppress(ProcessLookupError):
        process.kill()
    await asyncio.shield(process.wait())
