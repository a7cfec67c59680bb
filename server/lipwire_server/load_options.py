"""What can be said to `lipwire load`."""

import argparse
import asyncio
import json
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from rich.console import Console
from rich.live import Live

from lipwire_protocol import ErrorCode, LipwireError

from .config import KEY_VARIABLE, Settings
from .load.crowd import LINES, Moment, Plan, Result, run
from .load.document import document
from .load.page import page
from .load.progress import line, screen, summary
from .load.roles import USUAL, Role, read_mix
from .load.target import make_room, stream_url, trusting_any
from .load.thresholds import DEFAULTS, Verdict, judge, read_thresholds
from .options import add_key, key_of

__all__ = ["add"]

_STANDARD_OUTPUT: Final = "-"
_LONGEST: Final = 10_000
"""Characters of a text: as many as the server takes in one message."""
_MOST_TEXTS: Final = 10_000
_LINE_S: Final = 10.0
"""Between two lines of how it goes, where nobody looks at a terminal."""
_TIME: Final = re.compile(r"(?:([\d.]{1,9})h)?(?:([\d.]{1,9})m)?(?:([\d.]{1,9})s?)?", re.ASCII)

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
  lipwire load --sockets 500 --duration 5m --html report.html
  lipwire load https://voice.example.com --key KEY --mix speaker=100 --sockets 20
  lipwire load --mix listener=100 --sockets 2000      an audience
  lipwire load --script questions.txt --same          one text, which the server makes once
  lipwire load --fail-if 'first_sound_p95_ms>500' --fail-if 'gaps>5' --json -

Ctrl-C (or SIGTERM) ends it early, and what was measured until then is told.
It ends with 0, with 1 when a threshold is broken, and with 2 when there was nothing to measure.
Without --fail-if these are the thresholds:
  {defaults}
One for the same figure takes the place of such a one. docs/load.md says what each figure is.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output, and
    tells its status."""
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
        "--ramp-down",
        type=_seconds,
        default=0.0,
        help="in which all of them go, at the end (0)",
        metavar="S",
    )
    group.add_argument(
        "--duration",
        type=_duration,
        default=60.0,
        help="until everybody has gone, from the first who comes (60); 90, 5m and 1h30m are times",
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
    add_key(group, "speak")
    group.add_argument(
        "--insecure", action="store_true", help="take any certificate of an https:// server"
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
    found, seconds = _TIME.fullmatch(text), -1.0
    if found is not None and any(found.groups()):
        with suppress(ValueError):
            hours, minutes, rest = (float(each or 0) for each in found.groups())
            seconds = hours * 3600 + minutes * 60 + rest
    if not 0 <= seconds <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; 90, 90s, 5m and 1h30m are")
    return seconds


def _duration(text: str) -> float:
    seconds = _seconds(text)
    if seconds < 1:
        raise argparse.ArgumentTypeError("a test takes a second at least")
    return seconds


async def _load(settings: Settings, options: argparse.Namespace, out: TextIO) -> int:
    try:
        thresholds = read_thresholds(options.fail_if)
        plan = _plan(options)
        make_room(plan.sockets)
        for path in _files(options):
            _write(path, "", "a")
        began = datetime.now(UTC)
        result = await _run(plan, is_quiet=options.quiet)
    except LipwireError as error:
        hint = f" (here: --key, or {KEY_VARIABLE})" if error.code is ErrorCode.UNAUTHORIZED else ""
        sys.stderr.write(f"lipwire: {error}{hint}\n")
        return 2
    verdicts = judge(thresholds, result.tally)
    _tell(options, result, verdicts, began, out)
    return 1 if any(verdict.is_broken for verdict in verdicts) else 0


def _plan(options: argparse.Namespace) -> Plan:
    ramp_s = min(options.ramp, options.duration)
    return Plan(
        url=stream_url(options.url),
        sockets=options.sockets,
        ramp_s=ramp_s,
        duration_s=options.duration,
        ramp_down_s=min(options.ramp_down, options.duration - ramp_s),
        mix=read_mix(options.mix),
        lines=LINES if options.script is None else _read_script(options.script),
        is_same=options.same,
        token=key_of(options),
        voice=options.voice,
        seed=options.seed,
        tls=trusting_any() if options.insecure else None,
    )


def _read_script(path: Path) -> list[str]:
    texts = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = _read_text(line, f"line {number} of {path}")
                texts += [text] if text else []
                if len(texts) > _MOST_TEXTS:
                    raise _bad(f"there are more than {_MOST_TEXTS} texts in {path}")
    except OSError as error:
        raise _bad(f"cannot read {path}: {error.strerror}") from error
    if not texts:
        raise _bad(f"there is no text in {path}")
    return texts


def _read_text(line: bytes, where: str) -> str:
    try:
        text = line.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise _bad(f"{where} is no UTF-8: {error.reason}") from error
    if len(text) > _LONGEST:
        raise _bad(f"{where} has more than {_LONGEST} characters")
    return text


def _bad(what: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, what)


async def _run(plan: Plan, *, is_quiet: bool) -> Result:
    with _stopping() as stop:
        if is_quiet:
            return await run(plan, stop=stop)
        with _showing(plan) as show:
            return await run(plan, show, stop=stop)


@contextmanager
def _showing(plan: Plan) -> Iterator[Callable[[Moment], None]]:
    """How it goes is told beside what comes out: on a terminal all the time, else now and then."""
    if sys.stderr.isatty():
        with Live(console=Console(file=sys.stderr), auto_refresh=False, transient=True) as live:
            yield lambda moment: live.update(screen(plan, moment), refresh=True)
        return
    due = _LINE_S

    def show(moment: Moment) -> None:
        nonlocal due
        if moment.seconds >= due:
            due += _LINE_S
            sys.stderr.write(f"{line(plan, moment)}\n")
            sys.stderr.flush()

    yield show


@contextmanager
def _stopping() -> Iterator[asyncio.Event]:
    """Ctrl-C ends the test and not the program: what was measured is told. A second one does."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)

    def restore() -> None:
        for each in signals:
            loop.remove_signal_handler(each)

    def end() -> None:
        restore()
        stop.set()

    # Neither on Windows nor outside of the main thread.
    unable = suppress(NotImplementedError, RuntimeError, ValueError)
    with unable:
        for each in signals:
            loop.add_signal_handler(each, end)
    try:
        yield stop
    finally:
        with unable:
            restore()


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
        raise _bad(f"cannot write {path}: {error.strerror}") from error


def _tell(
    options: argparse.Namespace,
    result: Result,
    verdicts: Sequence[Verdict],
    began: datetime,
    out: TextIO,
) -> None:
    told = document(result, verdicts, began)
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
