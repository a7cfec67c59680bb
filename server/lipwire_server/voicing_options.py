"""What can be said to `lipwire voices`."""

import argparse
import sys
from typing import Final, TextIO

from .config import Settings
from .options import DOWNLOADS, add_json, add_settings
from .voicing import download_voices, list_voices, remove_voices, search_voices

__all__ = ["add"]

_EXAMPLES: Final = """\
examples:
  lipwire voices                            what is here
  lipwire voices search --language de       what could speak German
  lipwire voices search lessac --json
  lipwire voices download en_US-lessac-medium de_DE-thorsten-medium
  lipwire serve --voice en_US-lessac-medium
"""

_MARKED: Final = "the one with the * (en_US-joe-medium)"


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output."""
    parser.description = "Without a command: the voices that are here, the default one with a *."
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_json(parser)
    add_settings(parser, "voices", "catalogue", voice=_MARKED, data=DOWNLOADS)
    parser.set_defaults(act=_list)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_list(commands.add_parser("list", help="which voices are here"))
    _add_search(commands.add_parser("search", help="what the catalogue offers"))
    _add_download(commands.add_parser("download", help="bring voices from the catalogue"))
    _add_remove(commands.add_parser("remove", help="delete downloaded voices"))


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.description = "The voices that are here, the default one with a *."
    add_json(parser, below=True)
    add_settings(parser, "voices", voice=_MARKED, data=DOWNLOADS)
    parser.set_defaults(act=_list)


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.description = "What the catalogue offers; + marks what is here already."
    parser.add_argument(
        "text", nargs="*", help="words that name, language or quality have", metavar="TEXT"
    )
    parser.add_argument("--language", help="de, de_DE or German", metavar="LANGUAGE")
    add_json(parser, below=True)
    add_settings(parser, "voices", "catalogue", data=DOWNLOADS)
    parser.set_defaults(act=_search)


def _add_download(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Brings voices from the catalogue. What broke off goes on with the same command."
    )
    parser.add_argument(
        "names",
        nargs="+",
        help="name, alias, or a part of the name that only one has",
        metavar="NAME",
    )
    parser.add_argument(
        "--force", action="store_true", help="again, even where the voice is there and whole"
    )
    add_settings(parser, "catalogue", data=DOWNLOADS)
    parser.set_defaults(act=_download)


def _add_remove(parser: argparse.ArgumentParser) -> None:
    parser.description = "Deletes downloaded voices."
    parser.add_argument("names", nargs="+", help="the whole name of a voice", metavar="NAME")
    add_settings(parser, data=DOWNLOADS)
    parser.set_defaults(act=_remove)


async def _list(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    list_voices(settings, out, as_json=options.json)


async def _search(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    text = " ".join(options.text)
    await search_voices(settings, text, out, language=options.language, as_json=options.json)


async def _download(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await download_voices(settings, options.names, out, sys.stderr, force=options.force)


async def _remove(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    remove_voices(settings, options.names, out)
