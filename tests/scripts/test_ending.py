"""What a bench has started ends with it, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = """
import signal, sys, tempfile, time
from benches.ending import end_in_order
end_in_order()
with tempfile.TemporaryDirectory() as folder:
    try:
        print("open", flush=True)
        time.sleep(100)
    finally:
        print("ending", flush=True)
        sys.stdin.readline()
        print("ended", flush=True)
"""
WHOLE = """
import signal, sys
from benches.ending import end_in_order, held
end_in_order()
with held():
    with held():
        print("started", flush=True)
        sys.stdin.readline()
    print("noted", flush=True)
print("and on", flush=True)
"""
WORKSHOP = """
import sys
from contextlib import ExitStack
from benches import process
from benches.ending import end_in_order
end_in_order()
LISTENS = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1])));"
SLEEPS = "import time; time.sleep(100)"

class Told(process._Process):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        print(self.pid, flush=True)

process._Process = Told
listens = [sys.executable, "-c", LISTENS + SLEEPS]
with ExitStack() as house:
    for _ in range(2):
        server = process.PeerServer("http", lambda port: [*listens, str(port)])
        house.callback(server.close)
    process.PeerServer("http", lambda port: [sys.executable, "-c", SLEEPS])
"""
WORKER = """
from benches.workers.loop import serve
def start():
    def answer(request):
        import sys, time
        try:
            print("busy", flush=True, file=sys.stderr)
            time.sleep(100)
        finally:
            print("put away", flush=True, file=sys.stderr)
    return answer, {}
serve(start)
"""


@contextmanager
def _running(program: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_to_end_puts_everything_away_and_is_not_disturbed_in_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    with _running(HOUSE, tmp_path) as process:
        assert _line(process) == "open"
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        assert _line(process) == "ending"
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGHUP)
        assert process.stdin is not None
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert _line(process) == "ended"
        assert process.wait() == 128 + number
    assert list(tmp_path.iterdir()) == []


def test_what_must_be_done_whole_is_done_before_it_ends(tmp_path: Path) -> None:
    with _running(WHOLE, tmp_path) as process:
        assert _line(process) == "started"
        process.send_signal(signal.SIGTERM)
        assert process.stdin is not None
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert _line(process) == "noted"
        assert process.wait() == 128 + signal.SIGTERM
        assert _line(process) == ""


def test_servers_end_with_it_and_the_one_that_was_just_starting_too(tmp_path: Path) -> None:
    with _running(WORKSHOP, tmp_path) as process:
        pids = [int(_line(process)) for _ in range(3)]
        assert all(map(_is_there, pids))
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    assert not any(map(_is_there, pids))


def test_a_worker_that_is_told_to_end_in_the_middle_of_its_work_puts_it_away(
    tmp_path: Path,
) -> None:
    with _running(WORKER, tmp_path) as process:
        assert _line(process) == "{}"
        assert process.stdin is not None and process.stderr is not None
        process.stdin.write('{"do": "it"}\n')
        process.stdin.flush()
        assert process.stderr.readline() == "busy\n"
        process.send_signal(signal.SIGTERM)
        assert process.stderr.readline() == "put away\n"
        assert process.wait() == 128 + signal.SIGTERM
