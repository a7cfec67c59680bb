"""What more than one command can be told."""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

import platformdirs

from .config import KEY_VARIABLE, MEANINGS, VALUES, option_of

__all__ = [
    "DATABASE",
    "DOWNLOADS",
    "add_json",
    "add_key",
    "add_settings",
    "data_folder",
    "key_of",
    "search_path",
]

DATABASE: Final = ("data", "database_url", "pg_bin", "pg_user")
"""The settings that say where the database is."""

DOWNLOADS: Final = "where downloaded voices are, in its folder voices"
"""The data folder, for those who need no database."""

_SHARED_DATA: Final = Path("/var/lib/lipwire")


def add_settings(parser: argparse._ActionsContainer, *names: str, **meanings: str) -> None:
    """Options for settings; what they may be is checked where the environment is, too.

    `meanings` are of those that are for something else here than in a server.
    """
    for name in [*names, *meanings]:
        parser.add_argument(
            option_of(name),
            help=meanings.get(name, MEANINGS[name]).replace("%", "%%"),
            metavar=VALUES[name],
            # What was given before a command within a command stays.
            default=argparse.SUPPRESS,
        )


def add_json(parser: argparse.ArgumentParser, *, below: bool = False) -> None:
    """`below` is for a command of one that takes it, too: said to either, it holds."""
    default = argparse.SUPPRESS if below else False
    parser.add_argument("--json", action="store_true", help="for programs", default=default)


def add_key(parser: argparse._ActionsContainer, right: str) -> None:
    parser.add_argument(
        "--key",
        help=f"a key that may {right}, where one is wanted ({KEY_VARIABLE})",
        metavar="KEY",
    )


def key_of(options: argparse.Namespace) -> str | None:
    """What was typed goes before the environment."""
    return options.key or os.environ.get(KEY_VARIABLE) or None


def data_folder() -> Path:
    """Where what is kept lies, unless somebody says where."""
    # PostgreSQL refuses to run as root, and the account that it gets cannot look into /root.
    if sys.platform != "win32" and os.geteuid() == 0:
        return _SHARED_DATA
    try:
        return platformdirs.user_data_path("lipwire")
    except RuntimeError:
        # A container's account may have neither a HOME nor an entry in the password file.
        return _SHARED_DATA


def search_path() -> str:
    """Where programs are looked for."""
    return os.environ.get("PATH", os.defpath)
