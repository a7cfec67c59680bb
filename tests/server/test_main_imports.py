"""What the command line imports for a command, and what not."""

import os
import subprocess
import sys


def imported(*commands: str) -> set[str]:
    """The packages that a new process has after it was asked about these commands."""
    asked = (
        "import sys\n"
        "from lipwire_server.__main__ import main\n"
        "for command in sys.argv[1:]:\n"
        "    try: main([*command.split(), '--help'])\n"
        "    except SystemExit as end: assert end.code == 0\n"
        "print('imported', *{name.partition('.')[0] for name in sys.modules})\n"
    )
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, "-c", asked, *commands]
    shown = subprocess.run(arguments, env=environ, capture_output=True, text=True, check=True)
    *_, last = shown.stdout.splitlines()
    return set(last.split()[1:])


ROOMS = {"asyncpg", "av", "httpx", "numpy", "onnx", "onnxruntime", "piper", "starlette", "uvicorn"}
"""What takes long to open."""


def test_who_asks_for_help_waits_for_no_room() -> None:
    assert "msgspec" in imported("")
    assert not imported("") & {*ROOMS, "asyncio", "rich"}


def test_no_voice_is_opened_for_what_is_kept_or_watched() -> None:
    opened = imported("keys", "db", "top", "load", "voices") & ROOMS
    assert opened == {"asyncpg", "httpx"}


def test_neither_the_web_nor_the_database_is_opened_to_say_something() -> None:
    opened = imported("say") & ROOMS
    assert "onnxruntime" in opened
    assert not opened & {"asyncpg", "starlette", "uvicorn"}
