import asyncio
from pathlib import Path
from typing import Never
from urllib.parse import urlsplit

import pytest

from lipwire_server import doctor
from lipwire_server.config import Settings
from lipwire_server.doctor import Finding, examine
from tests.server.test_serving import serving
from tests.server.voices import tiny_settings
from tests.tiny_voice import NAME

AWAY = "postgresql://someone:secret@127.0.0.1:1/x"


async def findings(settings: Settings) -> dict[str, Finding]:
    return {finding.topic: finding async for finding in examine(settings, "")}


async def test_every_topic_is_reported_whatever_is_wrong_with_one(tmp_path: Path) -> None:
    report = await findings(tiny_settings(tmp_path, port=0, database_url=AWAY))
    assert list(report) == ["python", "voice", "database", "port", "pages"]
    wrong = [finding.topic for finding in report.values() if not finding.well]
    assert wrong == ["database"]
    assert NAME in report["voice"].text
    assert "times faster than real time" in report["voice"].text


@pytest.mark.parametrize("dsn", [AWAY, "postgresql://someone:secret@127.0.0.1:port/x"])
async def test_a_database_that_is_away_is_named_without_its_password(
    tmp_path: Path, dsn: str
) -> None:
    report = await findings(tiny_settings(tmp_path, port=0, database_url=dsn))
    assert "DATABASE_URL" in report["database"].text
    assert "speaking works without it" in report["database"].text
    assert "secret" not in report["database"].text


async def test_a_database_that_is_away_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(*_: object) -> Never:
        raise AssertionError("it was waited for")

    monkeypatch.setattr(doctor, "open_storage", wait)
    report = await findings(tiny_settings(tmp_path, port=0, database_url=AWAY))
    assert "127.0.0.1:1/x does not answer" in report["database"].text
    assert "start it, or correct DATABASE_URL" in report["database"].text


async def test_a_voice_that_is_missing_is_wrong(tmp_path: Path) -> None:
    report = await findings(tiny_settings(tmp_path, voice="nobody", port=0, database_url=AWAY))
    assert not report["voice"].well
    assert "nobody" in report["voice"].text


async def test_a_port_that_somebody_else_has_is_wrong(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"status": "ok"}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as taken:
        port = taken.sockets[0].getsockname()[1]
        report = await findings(tiny_settings(tmp_path, port=port, database_url=AWAY))
    assert not report["port"].well
    assert f"127.0.0.1:{port}: Address already in use" in report["port"].text


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_beside_a_lipwire_that_runs_its_port_is_all_right(tmp_path: Path, host: str) -> None:
    async with serving(tmp_path) as (_, _, url, _):
        port = urlsplit(url).port
        settings = tiny_settings(tmp_path, host=host, port=port, database_url=AWAY)
        report = await findings(settings)
    assert report["port"].well
    assert report["port"].text.startswith(f"a Lipwire runs at {host}:{port} already")
