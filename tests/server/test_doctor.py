from pathlib import Path

import pytest

from lipwire_server import doctor
from lipwire_server.config import Settings
from lipwire_server.doctor import Finding, examine
from lipwire_server.serving import listen
from tests.server.voices import tiny_settings
from tests.tiny_voice import NAME

AWAY = "postgresql://someone:secret@127.0.0.1:1/x"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_DATABASE_S", 0.1)


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


async def test_a_voice_that_is_missing_is_wrong(tmp_path: Path) -> None:
    report = await findings(tiny_settings(tmp_path, voice="nobody", port=0, database_url=AWAY))
    assert not report["voice"].well
    assert "nobody" in report["voice"].text


async def test_a_port_that_is_taken_is_wrong(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        report = await findings(tiny_settings(tmp_path, port=port, database_url=AWAY))
    assert not report["port"].well
    assert f"127.0.0.1:{port}" in report["port"].text
