"""`lipwire db`, with a real PostgreSQL: one from outside, one that runs, one that it starts."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from tests.stored_records import every_kind, said, spoken
from tests.terminal import Terminal

from lipwire_protocol import LipwireError
from lipwire_server.__main__ import main
from lipwire_server.config import Settings
from lipwire_server.database import (
    export_database,
    import_database,
    migrate_database,
    show_database,
)
from lipwire_server.store.embedded import EmbeddedPostgres
from lipwire_server.store.migrate import migrate
from lipwire_server.store.pool import Database
from lipwire_server.store.records import AudioRecord
from lipwire_server.store.spool import Spool
from lipwire_server.store.writer import PostgresWriter

PATH = os.defpath


async def fill(dsn: str) -> None:
    records = [record for record in every_kind() if not isinstance(record, AudioRecord)]
    async with Database.open(dsn) as database:
        await PostgresWriter(database).write([*records, *(spoken(number) for number in (1, 2))])


async def status(settings: Settings) -> dict[str, object]:
    out = io.StringIO()
    await show_database(settings, PATH, out, as_json=True)
    told: dict[str, object] = json.loads(out.getvalue())
    return told


async def test_the_status_says_where_what_and_how_much(database_dsn: str, tmp_path: Path) -> None:
    await fill(database_dsn)
    settings, out = Settings(data=tmp_path, database_url=database_dsn), io.StringIO()
    await show_database(settings, PATH, out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("where       PostgreSQL at a socket/test_")
    assert any(line.startswith("version     PostgreSQL 1") for line in lines)
    assert any("0001_sessions" in line and line.startswith("migrations") for line in lines)
    assert "spool       empty" in lines
    assert any(line.split() == ["utterance", "3"] for line in lines)
    told = await status(settings)
    assert told["missing"] == told["newer"] == []
    assert isinstance(told["tables"], dict)
    assert told["tables"]["session"] == 1


async def test_what_waits_on_disk_is_told_too(database_dsn: str, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", database_dsn)
    await spool.append([said(1), said(2)])
    settings, out = Settings(data=tmp_path, database_url=database_dsn), io.StringIO()
    await show_database(settings, PATH, out)
    assert "2 records in 1 files" in out.getvalue()
    err = io.StringIO()
    await export_database(settings, PATH, tmp_path / "all.zip", out, err)
    assert "2 records still wait" in err.getvalue()
    gone = replace(settings, database_url="postgresql://ann:secret@127.0.0.1:1/x")
    out = io.StringIO()
    with pytest.raises(LipwireError, match=r"127\.0\.0\.1:1/x does not answer") as caught:
        await show_database(gone, PATH, out)
    assert "2 records in 1 files" in out.getvalue()
    assert "secret" not in str(caught.value)


async def test_missing_migrations_are_named_and_applied(empty_dsn: str, tmp_path: Path) -> None:
    settings, out = Settings(data=tmp_path, database_url=empty_dsn), io.StringIO()
    await show_database(settings, PATH, out)
    assert "0001_sessions, 0002_memory, " in out.getvalue()
    assert ": `lipwire db migrate` applies them" in out.getvalue()
    assert (await status(settings))["tables"] == {}
    for said_so in ("applied 0001_sessions, 0002_memory", "nothing to do"):
        out = io.StringIO()
        await migrate_database(settings, PATH, out)
        assert said_so in out.getvalue()
    assert (await status(settings))["missing"] == []


async def test_embedded_to_one_from_outside_and_back(
    data_root: Path, database_dsn: str, empty_dsn: str, tmp_path: Path
) -> None:
    embedded = Settings(data=data_root)
    await migrate_database(embedded, PATH, io.StringIO())
    await fill(database_dsn)
    outside = Settings(data=tmp_path, database_url=database_dsn)
    out, err = io.StringIO(), Terminal()
    await export_database(outside, PATH, tmp_path / "out.zip", out, err)
    assert "rows, 0 files" in out.getvalue()
    assert "━" in err.getvalue(), "it shows how far it is"
    await import_database(embedded, PATH, tmp_path / "out.zip", out, io.StringIO())
    assert (await status(embedded))["tables"] == (await status(outside))["tables"]
    await export_database(embedded, PATH, tmp_path / "back.zip", out, io.StringIO())
    other = replace(outside, database_url=empty_dsn)
    await import_database(other, PATH, tmp_path / "back.zip", out, io.StringIO())
    assert (await status(other))["tables"] == (await status(outside))["tables"]


async def test_beside_a_server_that_runs_it_uses_that_one(data_root: Path) -> None:
    async with EmbeddedPostgres(data_root / "postgres") as server:
        await migrate(server.dsn)
        told = await status(Settings(data=data_root))
        assert str(told["where"]).endswith("beside a server that runs")
        connection = await asyncpg.connect(server.dsn)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()


async def test_tables_that_are_in_use_are_a_clear_error(database_dsn: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=database_dsn)
    await export_database(settings, PATH, tmp_path / "all.zip", io.StringIO(), io.StringIO())
    connection = await asyncpg.connect(database_dsn)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE session")
            with pytest.raises(LipwireError, match="stop the servers on it"):
                await import_database(
                    settings, PATH, tmp_path / "all.zip", io.StringIO(), io.StringIO(), replace=True
                )
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "dsn", ["postgresql://a:secret@h:port/x", "postgresql://a:secret@127.0.0.1:99999/"]
)
async def test_an_address_that_makes_no_sense_is_told_and_not_quoted(
    tmp_path: Path, dsn: str
) -> None:
    with pytest.raises(LipwireError, match="malformed") as caught:
        await status(Settings(data=tmp_path, database_url=dsn))
    assert "secret" not in str(caught.value)


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings from outside."""
    for name in [*os.environ]:
        if name.startswith("LIPWIRE_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)


@pytest.mark.usefixtures("ground")
def test_the_command_line_does_it_all(data_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, file = ["--data", str(data_root)], str(data_root.parent / "all.zip")
    for arguments, code, said_so in (
        (["migrate", *data], 0, "applied 0001_sessions"),
        (data, 0, "spool"),
        (["status", "--json", *data], 0, '"missing": []'),
        (["export", file, *data], 0, "0 rows"),
        (["export", file, *data], 1, "is there already"),
        (["import", file, *data], 0, "out of"),
        (["import", file, "--replace", *data], 0, "out of"),
        (["import", f"{file}.nowhere", *data], 1, "cannot read"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(["db", *arguments])
        shown = capsys.readouterr()
        assert caught.value.code == code
        assert said_so in shown.out + shown.err


@pytest.mark.usefixtures("ground")
@pytest.mark.parametrize("command", [[], ["status"], ["migrate"], ["export"], ["import"]])
def test_help_says_what_it_does(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["db", *command, "--help"])
    assert caught.value.code == 0
    assert "database" in capsys.readouterr().out
