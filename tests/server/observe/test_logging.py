import json
import logging

import pytest

from lipwire_server.observe.context import SESSION
from lipwire_server.observe.logging import configure_logging


def test_our_own_lines_begin_at_the_level_and_those_of_libraries_at_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("info")
    for name in ("lipwire_server.ws", "uvicorn.error"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger(name).log(level, "%s", f"{name} at {level}")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert [line.split(" ", 2)[2] for line in shown.err.splitlines()] == [
        "INFO    lipwire_server.ws at 20",
        "WARNING lipwire_server.ws at 30",
        "WARNING uvicorn.error at 30",
    ]


def test_loggers_that_were_there_before_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    early = logging.getLogger("lipwire_server.early")
    configure_logging("debug")
    early.debug("heard")
    assert "DEBUG   heard" in capsys.readouterr().err


def test_programs_are_given_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "json")
    SESSION.set("0199")
    log = logging.getLogger("lipwire_server.ws")
    log.info("closed: %d", 1000, extra={"code": 1000})
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception("it failed")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "info",
        "logger": "lipwire_server.ws",
        "message": "closed: 1000",
        "session": "0199",
        "code": 1000,
    }
    assert "ValueError: two\nlines" in second["exception"]
