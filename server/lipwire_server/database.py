"""`lipwire db`: where everything is kept, how much it is, and how it gets elsewhere."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from lipwire_protocol import ErrorCode, LipwireError

from .config import Settings
from .opening import Place, opened
from .printing import console_of, plain_table, print_table, progress_on
from .store.files import FileBlobs
from .store.migrate import migrate
from .store.moving import Show, export_all, import_all
from .store.spool import SpoolSurvey, survey
from .store.tables import applied_migrations, count, shipped_migrations, tables

__all__ = ["export_database", "import_database", "migrate_database", "show_database"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    where: str
    version: str
    bytes: int
    applied: list[str]
    missing: list[str]
    """Migrations that this version has and the database has not."""
    newer: list[str]
    """Migrations of a newer version, beside which this one may run."""
    tables: dict[str, int]


async def show_database(
    settings: Settings, search_path: str, out: TextIO, *, as_json: bool = False
) -> None:
    """Says where the database is and what is in it. Changes nothing in it. Raises LipwireError."""
    spool = _survey(settings)
    try:
        async with opened(settings, search_path) as place:
            facts = await _facts(place)
    except LipwireError:
        if spool.records:
            _show_facts({"spool": _told(spool)}, out)
        raise
    if as_json:
        told = {**asdict(facts), "spool": {**asdict(spool), "folder": str(_spool(settings))}}
        out.write(f"{json.dumps(told, indent=1)}\n")
        return
    missing = ", ".join(facts.missing)
    shown = {
        "where": facts.where,
        "version": f"PostgreSQL {facts.version}",
        "size": decimal(facts.bytes),
        "migrations": ", ".join(facts.applied) or "none",
        "missing": missing and f"{missing}: `lipwire db migrate` applies them",
        "newer": ", ".join(facts.newer),
        "spool": _told(spool),
    }
    _show_facts({name: text for name, text in shown.items() if text}, out)
    _show_counts(facts.tables, out)


async def migrate_database(settings: Settings, search_path: str, out: TextIO) -> None:
    """Brings the tables to what this version needs. Raises LipwireError."""
    async with opened(settings, search_path) as place:
        before = set(await applied_migrations(place.connection))
        await migrate(place.dsn)
        new = [name for name in await applied_migrations(place.connection) if name not in before]
    said = f"applied {', '.join(new)}" if new else "nothing to do: all migrations are applied"
    out.write(f"{place.where}: {said}\n")


async def export_database(
    settings: Settings, search_path: str, path: Path, out: TextIO, err: TextIO
) -> None:
    """Writes everything that is kept into one file. Raises LipwireError."""
    spool = _survey(settings)
    async with (
        opened(settings, search_path) as place,
        FileBlobs.open_in(settings.data) as files,
    ):
        with _progress(err) as show:
            manifest, size = await export_all(place.connection, files, path, show)
    if spool.records:
        err.write(
            f"lipwire: {spool.records} records still wait in {_spool(settings)} and are not in it:"
            f" run the server until they are written, and export again\n"
        )
    if manifest.missing_blobs:
        err.write(f"lipwire: {manifest.missing_blobs} files were not there any more\n")
    rows = sum(member.rows for member in manifest.tables.values())
    out.write(f"{path}: {rows} rows, {len(manifest.blobs)} files, {decimal(size)}\n")


async def import_database(
    settings: Settings,
    search_path: str,
    path: Path,
    out: TextIO,
    err: TextIO,
    *,
    replace: bool = False,
) -> None:
    """Takes everything out of such a file, or nothing. Raises LipwireError."""
    async with (
        opened(settings, search_path) as place,
        FileBlobs.open_in(settings.data) as files,
    ):
        with _progress(err) as show:
            manifest = await import_all(
                place.dsn, place.connection, files, path, show, replace=replace
            )
    rows = sum(member.rows for member in manifest.tables.values())
    out.write(f"{place.where}: {rows} rows and {len(manifest.blobs)} files out of {path}\n")


async def _facts(place: Place) -> _Facts:
    connection = place.connection
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        applied, shipped = await applied_migrations(connection), shipped_migrations()
        return _Facts(
            where=place.where,
            version=await connection.fetchval("SHOW server_version"),
            bytes=await connection.fetchval("SELECT pg_database_size(current_database())"),
            applied=applied,
            missing=[name for name in shipped if name not in applied],
            newer=[name for name in applied if name not in shipped],
            tables={
                table.name: await count(connection, table) for table in await tables(connection)
            },
        )


def _spool(settings: Settings) -> Path:
    return settings.data / "spool"


def _survey(settings: Settings) -> SpoolSurvey:
    try:
        return survey(_spool(settings))
    except OSError as error:
        raise LipwireError(
            ErrorCode.STORAGE_UNAVAILABLE, f"cannot read {_spool(settings)}: {error.strerror}"
        ) from error


def _told(spool: SpoolSurvey) -> str:
    if not spool.files and not spool.unreadable:
        return "empty"
    text = f"{spool.records} records in {spool.files} files, {decimal(spool.bytes)}"
    text += ", which a server writes when it runs" if spool.records else ""
    unreadable = f"; {spool.unreadable} files cannot be read by this version"
    return text + (unreadable if spool.unreadable else "")


def _show_facts(facts: dict[str, str], out: TextIO) -> None:
    width = max(map(len, facts))
    for name, text in facts.items():
        out.write(f"{name:{width}}  {text}\n")


def _show_counts(counts: dict[str, int], out: TextIO) -> None:
    if not counts:
        return
    grid = plain_table()
    grid.add_column("table")
    grid.add_column("rows", justify="right")
    for name in sorted(counts):
        grid.add_row(Text(name), str(counts[name]))
    out.write("\n")
    print_table(grid, console_of(out))


@contextmanager
def _progress(err: TextIO) -> Iterator[Show]:
    with progress_on(
        err,
        TextColumn("{task.description:16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    ) as bar:
        task = bar.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show
