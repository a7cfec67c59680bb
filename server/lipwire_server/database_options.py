"""What can be said to `lipwire db`."""

import argparse
import sys
from pathlib import Path
from typing import Final, TextIO

from .config import Settings
from .database import export_database, import_database, migrate_database, show_database
from .options import DATABASE, add_json, add_settings, search_path

__all__ = ["add"]

_EXAMPLES: Final = """\
examples:
  lipwire db                                  where sessions are kept, and how many
  lipwire db status --json                    the same, for programs
  lipwire db migrate                          bring the tables to this version before a server does
  lipwire db export monday.zip                everything, with sound and pictures, in one file
  lipwire db import monday.zip                all of it, into an empty database

From the embedded database to a server of your own, and back:
  lipwire db export all.zip
  lipwire db import all.zip --database-url postgresql://lipwire@db.example/lipwire

It does not matter whether a server runs: without one, the embedded database is started for as long
as it takes. A new major version of PostgreSQL takes an export with the old one before, and an
import into an empty folder after.
"""

_EXPORT_NOTE: Final = """\
The file is a zip: rows as text, files as they are, and a manifest with the SHA-256 of each of them.
What comes while it is written is not in it. It holds all that was said: keep it like the database.
"""

_IMPORT_NOTE: Final = """\
Everything is checked while it is read, and is there at once in the end, or not at all. A database
that is not empty is refused, unless --replace says that what is in it may go.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output."""
    parser.description = "Without a command: the status of the database."
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_json(parser)
    add_settings(parser, *DATABASE)
    parser.set_defaults(act=_status)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    status = commands.add_parser("status", help="where it is, what is in it, what waits for it")
    status.description = "Where the database is, its version and size, migrations, rows, spool."
    add_json(status, below=True)
    add_settings(status, *DATABASE)
    status.set_defaults(act=_status)
    migration = commands.add_parser("migrate", help="bring the tables to this version")
    migration.description = (
        "Applies the migrations that are missing; a server does it at its start."
    )
    add_settings(migration, *DATABASE)
    migration.set_defaults(act=_migrate)
    _add_export(commands.add_parser("export", help="write everything into one file"))
    _add_import(commands.add_parser("import", help="read such a file"))


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.description = "Writes everything that is kept into one file."
    parser.epilog = _EXPORT_NOTE
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, help="a new .zip", metavar="FILE")
    add_settings(parser, *DATABASE)
    parser.set_defaults(act=_export)


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.description = "Reads a file that `lipwire db export` wrote."
    parser.epilog = _IMPORT_NOTE
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, help="what was exported", metavar="FILE")
    parser.add_argument(
        "--replace", action="store_true", help="throw away what is in the database now"
    )
    add_settings(parser, *DATABASE)
    parser.set_defaults(act=_import)


async def _status(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await show_database(settings, search_path(), out, as_json=options.json)


async def _migrate(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await migrate_database(settings, search_path(), out)


async def _export(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await export_database(settings, search_path(), options.file, out, sys.stderr)


async def _import(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    await import_database(
        settings, search_path(), options.file, out, sys.stderr, replace=options.replace
    )
