"""What can be said to `lipwire serve`."""

import argparse
from typing import Final, TextIO

from .config import VARIABLES, Settings
from .options import add_settings, search_path
from .serving import serve

__all__ = ["add"]

_EXAMPLES: Final = """\
examples:
  lipwire serve                        for this machine, at http://127.0.0.1:8000/
  lipwire serve --port 0               on a free port, which the log tells
  lipwire serve --voice en_US-lessac-medium --avatar ida
  lipwire serve --host 0.0.0.0         for others too, who need a key: see lipwire keys

Each setting is an environment variable, too: --keep-days is LIPWIRE_KEEP_DAYS.
docs/configuration.md says more about each of them.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output."""
    parser.description = (
        "Runs the server and its page until Ctrl-C. What was said is kept in an embedded\n"
        "PostgreSQL, unless --database-url names another one."
    )
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_settings(parser, *VARIABLES)
    parser.add_argument(
        "--insecure",
        action="store_const",
        const="open",
        dest="access",
        default=argparse.SUPPRESS,
        help="the same as --access open: whoever reaches it may use it",
    )
    parser.set_defaults(act=_serve)


async def _serve(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await serve(settings, search_path())
