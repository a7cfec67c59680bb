"""What can be said to `lipwire top`."""

import argparse
from typing import TextIO

from .config import Settings
from .options import add_key, key_of
from .top import show_top

__all__ = ["add"]


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output."""
    parser.description = "Shows what a server is doing, each second anew, until Ctrl-C."
    parser.add_argument(
        "url",
        nargs="?",
        default="http://127.0.0.1:8000",
        help="where it is (http://127.0.0.1:8000)",
        metavar="URL",
    )
    parser.add_argument("--once", action="store_true", help="one object of JSON, for programs")
    add_key(parser, "read")
    parser.set_defaults(act=_top)


async def _top(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await show_top(options.url, out, key=key_of(options), once=options.once)
