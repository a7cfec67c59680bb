"""What can be said to `lipwire keys`."""

import argparse
import sys
from typing import Final, TextIO

from . import keys
from .access.scopes import Scope
from .config import Settings
from .options import DATABASE, add_json, add_settings, search_path

__all__ = ["add"]

_EXAMPLES: Final = """\
examples:
  lipwire keys add website                          a key, shown this once
  lipwire keys add kiosk --scopes speak --days 30   good for sessions alone, for a month
  lipwire keys add audience --scopes watch          only to watch sessions, with their secrets
  lipwire keys add trial --characters 2000          2,000 of them a minute, on any sockets
  lipwire keys                                      which there are
  lipwire keys revoke website                       ends it, and its tokens

A server that others can reach asks for a key (--access). A program shows it as `token` of its first
message, or as `Authorization: Bearer ...`. A browser is given a token that ends soon:
  curl -X POST -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" -d '{}' \\
       http://127.0.0.1:8000/v1/tokens
"""


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output."""
    parser.description = "Without a command: the keys that there are."
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_json(parser)
    add_settings(parser, *DATABASE)
    parser.set_defaults(act=_list)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    listing = commands.add_parser("list", help="which there are, and what they are good for")
    add_json(listing, below=True)
    add_settings(listing, *DATABASE)
    listing.set_defaults(act=_list)
    _add_adding(commands.add_parser("add", help="make one"))
    revoking = commands.add_parser("revoke", help="end one")
    revoking.add_argument("name", help="its name, or its id", metavar="NAME")
    add_settings(revoking, *DATABASE)
    revoking.set_defaults(act=_revoke)


def _add_adding(parser: argparse.ArgumentParser) -> None:
    parser.description = "Makes a key and prints it, this once: a hash of it is what is kept."
    parser.add_argument("name", help="what it is known by", metavar="NAME")
    parser.add_argument(
        "--scopes",
        type=_scopes,
        default=tuple(Scope),
        help="what it is good for, of speak,read,write,watch (all of them)",
        metavar="LIST",
    )
    parser.add_argument("--days", type=_positive, help="until it expires (never)", metavar="N")
    parser.add_argument(
        "--characters",
        type=_positive,
        help="that it may have said a minute, however many sockets it has (any number)",
        metavar="N",
    )
    parser.add_argument("--connections", type=_positive, help="at a time (any number)", metavar="N")
    add_settings(parser, *DATABASE)
    parser.set_defaults(act=_add)


def _scopes(text: str) -> tuple[Scope, ...]:
    try:
        return tuple(Scope(name.strip()) for name in text.split(","))
    except ValueError:
        known = ", ".join(Scope)
        raise argparse.ArgumentTypeError(f"{text!r}: it is a list of {known}") from None


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


async def _list(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await keys.show(settings, search_path(), out, as_json=options.json)


async def _add(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await keys.add(
        settings,
        search_path(),
        out,
        sys.stderr,
        name=options.name,
        scopes=options.scopes,
        days=options.days,
        characters_per_minute=options.characters,
        connections=options.connections,
    )


async def _revoke(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await keys.revoke(settings, search_path(), out, options.name)
