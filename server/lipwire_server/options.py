"""What more than one command can be told."""

import argparse
from collections.abc import Callable
from typing import Final

__all__ = ["DATABASE", "AddSettings", "add_json"]

AddSettings = Callable[..., None]
"""Adds options for settings, which are named one after another, to a parser."""

DATABASE: Final = ("data", "database_url", "pg_bin", "pg_user")
"""The settings that say where the database is."""


def add_json(parser: argparse.ArgumentParser, *, below: bool = False) -> None:
    """`below` is for a command of one that takes it, too: said to either, it holds."""
    default = argparse.SUPPRESS if below else False
    parser.add_argument("--json", action="store_true", help="for programs", default=default)
