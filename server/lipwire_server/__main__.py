"""The command line: `lipwire serve`, `say`, `voices`, `doctor`."""

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

import platformdirs

from lipwire_protocol import ErrorCode, LipwireError

from .config import MEANINGS, VARIABLES, Settings
from .doctor import examine
from .observe.logging import configure_logging
from .saying import say
from .serving import serve
from .voicing import download_voices, list_voices, remove_voices, search_voices

__all__ = ["main"]

_EXAMPLES = """\
examples:
  lipwire serve                                  a page at http://127.0.0.1:8000/ that speaks
  lipwire serve --port 0                         on a free port, which is printed
  lipwire say "Hello there." --out hello.wav     a file, without a server
  echo "Hello there." | lipwire say - --out hello.wav --timing hello.json
  lipwire voices search --language de            what could speak German
  lipwire voices download de_DE-thorsten-medium  brings a voice
  lipwire doctor                                 what works on this machine, and what does not

Settings from the environment (options go before them):
"""

_VOICES_EXAMPLES = """\
examples:
  lipwire voices                            what is here
  lipwire voices search --language de       what could speak German
  lipwire voices search lessac --json
  lipwire voices download en_US-lessac-medium de_DE-thorsten-medium
  lipwire serve --voice en_US-lessac-medium
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; exits with 0, or with 1 and a line that says what is wrong."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names of voices have letters that not every terminal can show.
            stream.reconfigure(errors="replace")
    status = 1
    try:
        settings = _settings(options)
        configure_logging(settings.log_level if options.command is _serve else "warning")
        status = asyncio.run(options.command(settings, options))
    except* LipwireError as group:
        for error in _leaves(group):
            sys.stderr.write(f"lipwire: {error}\n")
    except* KeyboardInterrupt:
        status = 130
    sys.exit(status)


def _settings(options: argparse.Namespace) -> Settings:
    """What the options say goes before the environment, and is checked like it."""
    given = {
        variable: str(getattr(options, field))
        for field, variable in VARIABLES.items()
        if getattr(options, field, None) is not None
    }
    return Settings.read({**os.environ, **given}, _data_folder())


def _leaves(group: BaseExceptionGroup[LipwireError]) -> Iterator[LipwireError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _data_folder() -> Path:
    # PostgreSQL refuses to run as root, and the account that it gets cannot look into /root.
    if sys.platform != "win32" and os.geteuid() == 0:
        return Path("/var/lib/lipwire")
    return platformdirs.user_data_path("lipwire")


def _search_path() -> str:
    return os.environ.get("PATH", os.defpath)


def _parser() -> argparse.ArgumentParser:
    settings = "".join(f"  {VARIABLES[name]:18} {text}\n" for name, text in MEANINGS.items())
    settings += f"\nWithout LIPWIRE_DATA, sessions are kept in {_data_folder()}.\n"
    parser = argparse.ArgumentParser(
        prog="lipwire",
        description="Text in, a talking face out: speech, visemes and words, streamed.",
        epilog=_EXAMPLES + settings,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"lipwire {version('lipwire')}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="run the server and its page"))
    _add_say(commands.add_parser("say", help="speak a text into a file"))
    _add_voices(commands.add_parser("voices", help="list, find, download and remove voices"))
    _add_doctor(commands.add_parser("doctor", help="try what a server needs and say what is wrong"))
    return parser


def _add_settings(parser: argparse.ArgumentParser, *names: str) -> None:
    """Options for settings; what they may be is checked where the environment is, too."""
    for name in names:
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(
            option,
            help=MEANINGS[name].replace("%", "%%"),
            metavar="VALUE",
            # What was given before a command within a command stays.
            default=argparse.SUPPRESS,
        )


def _add_serve(parser: argparse.ArgumentParser) -> None:
    _add_settings(parser, *VARIABLES)
    parser.set_defaults(command=_serve)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    _add_settings(parser, *VARIABLES)
    parser.set_defaults(command=_doctor)


def _add_voices(parser: argparse.ArgumentParser) -> None:
    parser.description = "Without a command: the voices that are here, the default one with a *."
    parser.epilog = _VOICES_EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="for programs")
    _add_settings(parser, "voice", "voices", "data", "catalogue")
    parser.set_defaults(command=_list_voices)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_search(commands.add_parser("search", help="what the catalogue offers"))
    _add_download(commands.add_parser("download", help="bring voices from the catalogue"))
    _add_remove(commands.add_parser("remove", help="delete downloaded voices"))


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.description = "What the catalogue offers; + marks what is here already."
    parser.add_argument(
        "text", nargs="*", help="words that name, language or quality have", metavar="TEXT"
    )
    parser.add_argument("--language", help="de, de_DE or German", metavar="VALUE")
    parser.add_argument(
        "--json", action="store_true", help="for programs", default=argparse.SUPPRESS
    )
    _add_settings(parser, "voices", "data", "catalogue")
    parser.set_defaults(command=_search_voices)


def _add_download(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Brings voices from the catalogue. What broke off goes on with the same command."
    )
    parser.add_argument(
        "names",
        nargs="+",
        help="name, alias, or a part of the name that only one has",
        metavar="NAME",
    )
    parser.add_argument(
        "--force", action="store_true", help="again, even where the voice is there and whole"
    )
    _add_settings(parser, "data", "catalogue")
    parser.set_defaults(command=_download_voices)


def _add_remove(parser: argparse.ArgumentParser) -> None:
    parser.description = "Deletes downloaded voices."
    parser.add_argument("names", nargs="+", help="the whole name of a voice", metavar="NAME")
    _add_settings(parser, "data")
    parser.set_defaults(command=_remove_voices)


def _add_say(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="what to say; - reads standard input")
    parser.add_argument("--out", type=Path, help="WAV file to write", metavar="FILE")
    parser.add_argument(
        "--timing", type=Path, help="JSON file with words, phonemes and visemes", metavar="FILE"
    )
    parser.add_argument(
        "--rate", type=int, default=100, help="speed in percent, 50 to 200", metavar="N"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="another number, another reading", metavar="N"
    )
    _add_settings(parser, "voice", "voices", "data", "workers")
    parser.set_defaults(command=_say)


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    await serve(settings, _search_path())
    return 0


async def _say(settings: Settings, options: argparse.Namespace) -> int:
    text = _standard_input() if options.text == "-" else options.text
    line = await say(
        settings,
        text,
        out=options.out,
        timing=options.timing,
        rate_percent=options.rate,
        seed=options.seed,
    )
    sys.stdout.write(f"{line}\n")
    return 0


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE, f"standard input is no {error.encoding} text: {error.reason}"
        ) from error


async def _list_voices(settings: Settings, options: argparse.Namespace) -> int:
    with _output() as out:
        list_voices(settings, out, as_json=options.json)
    return 0


async def _search_voices(settings: Settings, options: argparse.Namespace) -> int:
    text = " ".join(options.text)
    with _output() as out:
        await search_voices(settings, text, out, language=options.language, as_json=options.json)
    return 0


@contextmanager
def _output() -> Iterator[TextIO]:
    """Standard output, of which `| head` may read less than all."""
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would flush once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _download_voices(settings: Settings, options: argparse.Namespace) -> int:
    await download_voices(settings, options.names, sys.stdout, sys.stderr, force=options.force)
    return 0


async def _remove_voices(settings: Settings, options: argparse.Namespace) -> int:
    remove_voices(settings, options.names, sys.stdout)
    return 0


async def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    well = True
    async for finding in examine(settings, _search_path()):
        mark = "ok   " if finding.well else "WRONG"
        sys.stdout.write(f"{mark} {finding.topic:9} {finding.text}\n")
        sys.stdout.flush()
        well = well and finding.well
    return 0 if well else 1


if __name__ == "__main__":
    main()
