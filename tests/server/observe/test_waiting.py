import io
import logging
import re
import sys

import pytest

from lipwire_server.observe.logging import configure_logging
from lipwire_server.observe.once import ONCE, tell_once
from lipwire_server.observe.waiting import waiting
from tests.terminal import Terminal


def seen(terminal: Terminal) -> str:
    """What is on it in the end: what was wiped away is not."""
    text = re.sub(r"[^\n]*\n(\x1b\[\?25h)?\r\x1b\[1A\x1b\[2K", "", terminal.getvalue())
    lines = (line.rpartition("\x1b[2K")[2] for line in text.split("\n"))
    return "\n".join(re.sub(r"\x1b\[\??[0-9;]*[a-z]", "", line) for line in lines)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_a_command_shows_what_it_waits_for_and_wipes_it_away(terminal: Terminal) -> None:
    configure_logging("warning")
    with waiting(terminal):
        tell_once("making [bold] the database")
        assert "making [bold] the database (once" in terminal.getvalue()
        assert "0:00:0" in terminal.getvalue()
        tell_once("preparing the voice")
    assert "preparing the voice" in terminal.getvalue()
    assert "INFO" not in terminal.getvalue()
    assert seen(terminal) == ""


def test_beside_a_log_there_is_the_time_alone_and_every_line_stays(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal)
    configure_logging("info")
    log = logging.getLogger("lipwire_server.serving")
    with waiting(terminal, logged=True):
        log.info("loading")
        tell_once("making the database in " + "x" * 200)
        log.info("applying %s", "y" * 200)
    log.info("done")
    shown = [line.partition("INFO    ")[2] for line in seen(terminal).splitlines()]
    assert shown == [
        "loading",
        f"making the database in {'x' * 200} (once, it takes some seconds)",
        "applying " + "y" * 200,
        "done",
    ]
    assert "0:00:0" in terminal.getvalue()


def test_where_nothing_is_done_once_nothing_is_shown(terminal: Terminal) -> None:
    with waiting(terminal), waiting(terminal, logged=True):
        pass
    assert terminal.getvalue() == ""


def test_no_terminal_is_told_anything() -> None:
    configure_logging("warning")
    file = io.StringIO()
    with waiting(file):
        tell_once("making the database")
    assert file.getvalue() == ""


def test_afterwards_the_log_is_as_before(terminal: Terminal) -> None:
    log = logging.getLogger(ONCE)
    before = (log.level, log.propagate, log.handlers[:])
    with pytest.raises(OSError), waiting(terminal):
        tell_once("making the database")
        raise OSError
    assert (log.level, log.propagate, log.handlers) == before
