"""What can be said to `lipwire load`."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

from rich.console import Console
from rich.live import Live

from lipwire_protocol import ErrorCode, LipwireError

from .config import KEY_VARIABLE
from .load.crowd import LINES, Moment, Plan, Result, run
from .load.document import document
from .load.page import page
from .load.progress import screen, summary
from .load.roles import USUAL, Role, read_mix
from .load.target import make_room, stream_url
from .load.thresholds import DEFAULTS, Verdict, judge, read_thresholds

__all__ = ["add_load"]

_STANDARD_OUTPUT: Final = "-"
_LONGEST: Final = 10_000
"""Characters of a text: as many as the server takes in one message."""
_MOST_TEXTS: Final = 10_000

_DESCRIPTION: Final = """\
A crowd comes to a server, stays, and is measured. Every one of them hears in real time, as a
player would, and holds the server to what the protocol promises: nothing missing, nothing twice,
timing before its sound, mouth shapes that fill their segment to the sample.
"""

_WORDS: Final = {
    Role.IDLE: "connects, and is there",
    Role.SPEAKER: "has one text after another spoken, and hears each to its end",
    Role.STREAMER: "the same, with texts that come word by word, as from a language model",
    Role.INTERRUPTER: "interrupts what it hears",
    Role.LISTENER: "watches a session that the load test itself speaks in",
    Role.DROPPER: "loses its connection in the middle, and goes on with the session",
    Role.SLOW: "stops reading in the middle",
}

_EXAMPLES: Final = """\
examples:
  lipwire load                                        100 sockets for a minute, to this machine
  lipwire load --sockets 500 --duration 300 --html report.html
  lipwire load https://voice.example.com --key KEY --mix speaker=100 --sockets 20
  lipwire load --mix listener=100 --sockets 2000      an audience
  lipwire load --script questions.txt --same          one text, which the server makes once
  lipwire load --fail-if 'first_sound_p95_ms>500' --fail-if 'gaps>5' --json -

Ctrl-C ends it early, and what was measured until then is told.
It ends with 0, with 1 when a threshold is broken, and with 2 when there was nothing to measure.
Without --fail-if these are the thresholds:
  {defaults}
One for the same figure takes the place of such a one. docs/load.md says what each figure is.
"""


def add_load(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options runs it: it is given them and an output, and tells its status."""
    roles = "\n".join(f"  {role:12} {text}" for role, text in _WORDS.items())
    parser.description = _DESCRIPTION
    parser.epilog = f"roles:\n{roles}\n\n" + _EXAMPLES.format(
        defaults=", ".join(map(str, DEFAULTS)),
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "url",
        nargs="?",
        default="http://127.0.0.1:8000",
        help="where the server is (http://127.0.0.1:8000)",
        metavar="URL",
    )
    _add_crowd(parser.add_argument_group("the crowd"))
    _add_results(parser.add_argument_group("what comes out"))
    parser.set_defaults(act=_load)


def _add_crowd(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--sockets", type=_count, default=100, help="how many (100)", metavar="N")
    group.add_argument(
        "--ramp", type=_seconds, default=10.0, help="in which all of them come (10)", metavar="S"
    )
    group.add_argument(
        "--duration",
        type=_duration,
        default=60.0,
        help="until everybody goes, from the first who comes (60)",
        metavar="S",
    )
    usual = ",".join(f"{role}={share}" for role, share in USUAL.items())
    group.add_argument(
        "--mix", default=usual, help=f"who is in it, as proportions ({usual})", metavar="MIX"
    )
    group.add_argument(
        "--script", type=Path, help="what they say: a file with a text a line", metavar="FILE"
    )
    group.add_argument("--same", action="store_true", help="all say the first text")
    group.add_argument("--voice", help="whose voice (the server's)", metavar="NAME")
    group.add_argument(
        "--key", help=f"a key that may speak, where one is wanted ({KEY_VARIABLE})", metavar="KEY"
    )
    group.add_argument(
        "--seed", type=int, default=0, help="another number, another crowd (0)", metavar="N"
    )


def _add_results(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--json", help="all of it, for programs; - is standard output", metavar="FILE"
    )
    group.add_argument("--html", type=Path, help="a page with plots, in one file", metavar="FILE")
    group.add_argument(
        "--fail-if",
        action="append",
        default=[],
        help="a threshold, like 'first_sound_p95_ms>500'; more than once for several",
        metavar="WHAT",
    )
    group.add_argument("--quiet", action="store_true", help="nothing but what is broken")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 1_000_000 and len(text) < 8):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000000")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _duration(text: str) -> float:
    seconds = _seconds(text)
    if seconds < 1:
        raise argparse.ArgumentTypeError("a test takes a second at least")
    return seconds


async def _load(options: argparse.Namespace, out: TextIO) -> int:
    try:
        thresholds = read_thresholds(options.fail_if)
        plan = _plan(options)
        make_room(plan.sockets)
        for path in _files(options):
            _write(path, "", "a")
        result = await _run(plan, out, is_quiet=options.quiet or options.json == _STANDARD_OUTPUT)
    except LipwireError as error:
        sys.stderr.write(f"lipwire: {error}\n")
        return 2
    verdicts = judge(thresholds, result.tally)
    _tell(options, result, verdicts, out)
    return 1 if any(verdict.is_broken for verdict in verdicts) else 0


def _plan(options: argparse.Namespace) -> Plan:
    return Plan(
        url=stream_url(options.url),
        sockets=options.sockets,
        ramp_s=min(options.ramp, options.duration),
        duration_s=options.duration,
        mix=read_mix(options.mix),
        lines=LINES if options.script is None else _read_script(options.script),
        is_same=options.same,
        token=options.key or os.environ.get(KEY_VARIABLE) or None,
        voice=options.voice,
        seed=options.seed,
    )


def _read_script(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = [line.strip() for _, line in zip(range(_MOST_TEXTS), file, strict=False)]
    except UnicodeDecodeError as error:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE, f"{path} is no {error.encoding} text: {error.reason}"
        ) from error
    except OSError as error:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE, f"cannot read {path}: {error.strerror}"
        ) from error
    texts = [line for line in lines if line]
    if not texts:
        raise LipwireError(ErrorCode.BAD_MESSAGE, f"there is no text in {path}")
    if any(len(text) > _LONGEST for text in texts):
        raise LipwireError(
            ErrorCode.BAD_MESSAGE, f"a text in {path} has more than {_LONGEST} characters"
        )
    return texts


async def _run(plan: Plan, out: TextIO, *, is_quiet: bool) -> Result:
    with _stopping() as stop:
        if is_quiet or not out.isatty():
            return await run(plan, stop=stop)
        with Live(console=Console(file=out), auto_refresh=False, transient=True) as live:

            def show(moment: Moment) -> None:
                live.update(screen(plan, moment), refresh=True)

            return await run(plan, show, stop=stop)


@contextmanager
def _stopping() -> Iterator[asyncio.Event]:
    """Ctrl-C ends the test and not the program: what was measured is told. A second one does."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def end() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        stop.set()

    with suppress(NotImplementedError, RuntimeError, ValueError):
        # Neither on Windows nor outside of the main thread.
        loop.add_signal_handler(signal.SIGINT, end)
    try:
        yield stop
    finally:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGINT)


def _files(options: argparse.Namespace) -> Sequence[Path]:
    """Those that will be written: tried before a test that takes an hour, not after it."""
    named = [options.html]
    if options.json is not None and options.json != _STANDARD_OUTPUT:
        named.append(Path(options.json))
    return [path for path in named if path is not None]


def _write(path: Path, text: str, mode: str = "w") -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE, f"cannot write {path}: {error.strerror}"
        ) from error


def _tell(
    options: argparse.Namespace, result: Result, verdicts: Sequence[Verdict], out: TextIO
) -> None:
    told = document(result, verdicts)
    text = f"{json.dumps(told, indent=1)}\n"
    if options.json == _STANDARD_OUTPUT:
        out.write(text)
    elif options.json is not None:
        _write(Path(options.json), text)
    if options.html is not None:
        _write(options.html, page(told, result.tally))
    if options.quiet or options.json == _STANDARD_OUTPUT:
        for verdict in verdicts:
            if verdict.is_broken:
                sys.stderr.write(f"broken  {verdict}\n")
    else:
        Console(file=out, highlight=False).print(summary(result, verdicts))
