import io
import json
import logging
import os
import subprocess
import sys
import threading

import pytest

from lipwire_server.observe.context import SESSION
from lipwire_server.observe.logging import configure_logging, logging_aside


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


async def test_programs_are_given_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
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


async def test_what_is_logged_aside_is_what_would_be_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("info", "json")
    log = logging.getLogger("lipwire_server.ws")
    with logging_aside(patience_s=60):
        SESSION.set("0199")
        log.info("closed: %d", 1000, extra={"code": 1000})
        log.debug("not heard")
    SESSION.set(None)
    log.info("after it")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first["message"] == "closed: 1000"
    assert (first["session"], first["code"]) == ("0199", 1000)
    assert second["message"] == "after it"


def test_who_logs_does_not_wait_for_who_reads_and_is_told_what_was_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    pipe = io.TextIOWrapper(os.fdopen(writing, "wb"), "utf-8")
    monkeypatch.setattr(sys, "stderr", pipe)
    configure_logging("info")
    log = logging.getLogger("lipwire_server.ws")
    read: list[bytes] = []

    def listen() -> None:
        with os.fdopen(reading, "rb") as file:
            read.extend(file)

    reader = threading.Thread(target=listen)
    with logging_aside(most=100, patience_s=60):
        for number in range(20_000):
            log.info("line %d", number)
        reader.start()  # Nobody has read until here, and a pipe holds some hundreds.
    pipe.close()
    reader.join()
    words = [line.decode().split() for line in read]
    numbers = [int(line[-1]) for line in words if line[-2] == "line"]
    lost = [int(line[3]) for line in words if line[4:6] == ["lines", "of"]]
    assert numbers == sorted(set(numbers)) and numbers[0] == 0
    assert len(lost) == len(words) - len(numbers) >= 1
    assert len(numbers) + sum(lost) == 20_000


def test_a_process_ends_though_nobody_reads_what_it_logs() -> None:
    script = (
        "import logging\n"
        "from lipwire_server.observe.logging import configure_logging, logging_aside\n"
        "configure_logging('info')\n"
        "log = logging.getLogger('lipwire_server')\n"
        "with logging_aside(most=100, patience_s=0.01):\n"
        "    log.info('line 0')\n"
        "    input()\n"
        "    for number in range(1, 20_000):\n"
        "        log.info('line %d', number)\n"
        "print('over')\n"
    )
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin and process.stderr
    assert process.stderr.readline().endswith(b"line 0\n")
    process.stdin.write(b"\n")
    process.stdin.flush()
    # Nobody has read on: the interpreter leaves a thread behind that is stuck.
    assert process.wait() == 0
    out, err = process.communicate()
    assert out == b"over\n"
    assert b"Fatal" not in err
