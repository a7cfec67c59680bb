"""Which tables there are, what is in them, and which migrations made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TypeAlias

import asyncpg

from .migrate import MIGRATIONS

__all__ = [
    "Plain",
    "Table",
    "applied_migrations",
    "count",
    "quoted",
    "shipped_migrations",
    "tables",
]

Plain: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A connection that is no pool's."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[str, ...]

    @property
    def listed(self) -> str:
        """Its columns, for a statement."""
        return ", ".join(map(quoted, self.columns))


async def tables(connection: Plain) -> list[Table]:
    """Those that hold what is kept, whatever they refer to before themselves."""
    rows = await connection.fetch(
        """
        SELECT relation.oid, relname AS name, array_agg(attname ORDER BY attnum) AS columns,
               array(SELECT confrelid FROM pg_constraint
                     WHERE contype = 'f' AND conrelid = relation.oid) AS parents
        FROM pg_class relation JOIN pg_attribute ON attrelid = relation.oid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND NOT relispartition AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
          AND relname <> 'lipwire_migration' AND NOT starts_with(relname, '_pogo')
        GROUP BY relation.oid, relname ORDER BY relname
        """
    )
    known = {row["oid"]: Table(row["name"], tuple(row["columns"])) for row in rows}
    order = TopologicalSorter(
        {row["oid"]: set(row["parents"]) & known.keys() - {row["oid"]} for row in rows}
    )
    return [known[oid] for oid in order.static_order()]


async def count(connection: Plain, table: Table) -> int:
    rows = await connection.fetchval(f"SELECT count(*) FROM {quoted(table.name)}")
    assert isinstance(rows, int)
    return rows


async def applied_migrations(connection: Plain) -> list[str]:
    """Of a database that has none, none."""
    if await connection.fetchval("SELECT to_regclass('public._pogo_migration')") is None:
        return []
    rows = await connection.fetch(
        "SELECT migration_id FROM public._pogo_migration WHERE schema_name = 'public' ORDER BY 1"
    )
    return [row["migration_id"] for row in rows]


def shipped_migrations() -> Sequence[str]:
    """Those of this version."""
    return sorted(file.stem for file in MIGRATIONS.glob("*.sql"))


def quoted(name: str) -> str:
    """A name in a statement, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
