"""What can be said to `lipwire avatar`."""

import argparse
import sys
from pathlib import Path
from typing import Final, TextIO

from .casting import BakeRequest, bake_avatar, check_avatar, list_avatars, preview_avatar
from .config import Settings
from .face.packs.conventions import Convention
from .face.packs.importing import About
from .options import add_json, add_settings

__all__ = ["add"]

_EXAMPLES: Final = """\
examples:
  lipwire avatar                                      which there are, the default one with a *
  lipwire avatar preview joe                          draws all that he can do into joe.png
  lipwire avatar preview my-robot/ --out robot.gif    also what is not installed yet
  lipwire avatar check my-robot/                      is it right? if not, what is wrong?
  lipwire avatar bake my-robot/ --license CC0-1.0 --author "Ann"
  LIPWIRE_AVATARS=avatars LIPWIRE_AVATAR=my-robot lipwire serve

docs/avatars.md shows how to make one in ten minutes.
"""

_BAKE_EXAMPLES: Final = """\
examples:
  lipwire avatar bake my-robot/ --out avatars/my-robot.zip
  lipwire avatar bake mouths.zip --kind rhubarb --name lisa --title Lisa
  lipwire avatar bake pngtuber/ --out lisa/           a folder to edit, with an avatar.json
"""

_MARKED: Final = "the one with the * (joe)"


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output."""
    parser.description = "Without a command: the avatars that are here, the default one with a *."
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_json(parser)
    add_settings(parser, "avatars", avatar=_MARKED)
    parser.set_defaults(act=_list)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_list(commands.add_parser("list", help="which avatars there are"))
    _add_check(commands.add_parser("check", help="look for what is wrong with a pack"))
    _add_bake(commands.add_parser("bake", help="make a pack out of pictures"))
    _add_preview(commands.add_parser("preview", help="draw all that an avatar can do"))


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.description = "The avatars that are here, the default one with a *."
    add_json(parser, below=True)
    add_settings(parser, "avatars", avatar=_MARKED)
    parser.set_defaults(act=_list)


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.description = "Loads a pack as a server does, and says what is wrong with it."
    parser.add_argument("path", type=Path, help="a folder or a .zip", metavar="PATH")
    parser.set_defaults(act=_check)


def _add_bake(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Makes a pack out of pictures, or out of a folder with an avatar.json: everything is\n"
        "checked, cut to what is seen and encoded again, and lands in one zip."
    )
    parser.epilog = _BAKE_EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("source", type=Path, help="a folder or a .zip", metavar="SOURCE")
    parser.add_argument(
        "--out",
        type=Path,
        help="the zip, or without .zip a new folder to edit (NAME.zip)",
        metavar="PACK",
    )
    for field, text in (
        ("name", "how it is asked for (that of the source)"),
        ("title", "how it is shown to people (that of the source)"),
        ("author", "who made it"),
        ("license", "under which licence it may be used, such as CC-BY-4.0"),
    ):
        parser.add_argument(f"--{field}", help=text, metavar="TEXT")
    parser.add_argument(
        "--kind",
        type=Convention,
        choices=[*Convention],
        help="what its files are named after (found out)",
    )
    parser.set_defaults(act=_bake)


def _add_preview(parser: argparse.ArgumentParser) -> None:
    parser.description = "Draws visemes, feelings, blinks, gaze and turns into one picture."
    parser.add_argument("wanted", help="its name, or a folder or a .zip", metavar="AVATAR")
    parser.add_argument(
        "--out",
        type=Path,
        help="a .png, .webp or .jpg, or a .gif that moves (NAME.png)",
        metavar="FILE",
    )
    parser.add_argument(
        "--size", type=int, default=192, help="of each face, 32 to 1024 (192)", metavar="PX"
    )
    add_settings(parser, "avatars")
    parser.set_defaults(act=_preview)


async def _list(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    list_avatars(settings, out, as_json=options.json)


async def _check(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    check_avatar(options.path, out)


async def _bake(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    about = About(
        name=options.name, title=options.title, author=options.author, license=options.license
    )
    request = BakeRequest(
        source=options.source, out=options.out, about=about, convention=options.kind
    )
    bake_avatar(request, out, sys.stderr)


async def _preview(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    preview_avatar(settings, options.wanted, options.out, options.size, out)
