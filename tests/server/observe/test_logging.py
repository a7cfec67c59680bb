import logging

import pytest

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
