"""A command that was understood is done: its settings, its event loop, its output and its end."""

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TextIO

from lipwire_protocol import LipwireError

from .config import VARIABLES, Settings
from .edge.loop import new_event_loop
from .observe.logging import configure_logging, logging_aside
from .options import data_folder

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """The status to exit with: 0, the command's own, or 1 after a line that says what is wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names of voices have letters that not every terminal can show.
            stream.reconfigure(errors="replace")
    status = 1
    try:
        settings = _settings(options)
        is_serving = options.command == "serve"
        configure_logging(settings.log_level if is_serving else "warning", settings.log_format)
        # Nobody who is spoken to waits for whoever reads the log.
        aside = logging_aside() if is_serving else nullcontext()
        with aside, asyncio.Runner(loop_factory=new_event_loop) as runner:
            status = runner.run(_act(settings, options))
    except* LipwireError as group:
        for error in _leaves(group):
            sys.stderr.write(f"lipwire: {error}\n")
    except* KeyboardInterrupt:
        status = 130
    return status


def _settings(options: argparse.Namespace) -> Settings:
    """What the options say goes before the environment, and is checked like it."""
    typed = {
        field: str(getattr(options, field))
        for field in VARIABLES
        if getattr(options, field, None) is not None
    }
    return Settings.read(os.environ, data_folder(), typed)


async def _act(settings: Settings, options: argparse.Namespace) -> int:
    with _output() as out:
        return await options.act(settings, options, out) or 0
    return 0


@contextmanager
def _output() -> Iterator[TextIO]:
    """Standard output, of which `| head` may read less than all."""
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would flush once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leaves(group: BaseExceptionGroup[LipwireError]) -> Iterator[LipwireError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
