"""The command line: `lipwire serve`, `say`, `voices`, `avatar`, `db`, `keys`, `top`, `load`..."""

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

from lipwire_protocol import LipwireError

from .casting_options import add_avatar
from .config import KEY_VARIABLE, MEANINGS, VARIABLES, Settings
from .database_options import add_database
from .doctor import examine
from .edge.loop import new_event_loop
from .key_options import add_keys
from .load_options import add_load
from .observe.logging import configure_logging
from .observe.waiting import waiting
from .saying_options import add_say
from .serving import serve
from .top import show_top
from .voicing_options import add_voices

__all__ = ["main"]

_EXAMPLES = """\
examples:
  lipwire serve                                  a page at http://127.0.0.1:8000/ that speaks
  lipwire serve --port 0                         on a free port, which is printed
  lipwire say "Hello there." --out hello.wav     a file, without a server
  lipwire say "Hello there." --movie hello.mp4   a face that says it
  echo "Hello there." | lipwire say - --out hello.wav --timing hello.json
  lipwire voices search --language de            what could speak German
  lipwire voices download de_DE-thorsten-medium  brings a voice
  lipwire avatar preview ida                     draws all that an avatar can do
  lipwire db export all.zip                      everything that is kept, in one file
  lipwire keys add website                       a key for whoever may come in from elsewhere
  lipwire top                                    what a running server is doing
  lipwire load --sockets 200                     how many people it can talk to
  lipwire doctor                                 what works on this machine, and what does not

Settings from the environment (options go before them):
"""

_SHARED_DATA = Path("/var/lib/lipwire")


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
        is_serving = options.command is _serve
        configure_logging(settings.log_level if is_serving else "warning", settings.log_format)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            status = runner.run(options.command(settings, options))
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
        return _SHARED_DATA
    try:
        return platformdirs.user_data_path("lipwire")
    except RuntimeError:
        # A container's account may have neither a HOME nor an entry in the password file.
        return _SHARED_DATA


def _search_path() -> str:
    return os.environ.get("PATH", os.defpath)


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, VARIABLES.values()))
    settings = "".join(f"  {VARIABLES[name]:{width}} {text}\n" for name, text in MEANINGS.items())
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
    say = commands.add_parser("say", help="speak a text into a file")
    say.set_defaults(command=_act)
    add_say(say, _add_settings)
    voices = commands.add_parser("voices", help="list, find, download and remove voices")
    voices.set_defaults(command=_act)
    add_voices(voices, _add_settings)
    avatar = commands.add_parser("avatar", help="list, check, make and look at avatars")
    avatar.set_defaults(command=_avatar)
    add_avatar(avatar, _add_settings)
    database = commands.add_parser(
        "db", help="status, migrations, export and import of what is kept"
    )
    database.set_defaults(command=_database)
    add_database(database, _add_settings)
    keys = commands.add_parser("keys", help="make, list and revoke keys for who may come in")
    keys.set_defaults(command=_database)
    add_keys(keys, _add_settings)
    _add_top(commands.add_parser("top", help="watch a running server"))
    load = commands.add_parser("load", help="send a crowd to a server, and measure it")
    load.set_defaults(command=_load)
    add_load(load)
    _add_doctor(commands.add_parser("doctor", help="try what a server needs and say what is wrong"))
    return parser


def _add_settings(parser: argparse._ActionsContainer, *names: str) -> None:
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
    parser.add_argument(
        "--insecure",
        action="store_const",
        const="open",
        dest="access",
        default=argparse.SUPPRESS,
        help="the same as --access open: whoever reaches it may use it",
    )
    parser.set_defaults(command=_serve)


def _add_top(parser: argparse.ArgumentParser) -> None:
    parser.description = "Shows what a server is doing, each second anew, until Ctrl-C."
    parser.add_argument(
        "url",
        nargs="?",
        default="http://127.0.0.1:8000",
        help="where it is (http://127.0.0.1:8000)",
        metavar="URL",
    )
    parser.add_argument("--once", action="store_true", help="one object of JSON, for programs")
    parser.add_argument(
        "--key", help="a key that may read, where one is wanted (LIPWIRE_KEY)", metavar="KEY"
    )
    parser.set_defaults(command=_top)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    _add_settings(parser, *VARIABLES)
    parser.set_defaults(command=_doctor)


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    await serve(settings, _search_path())
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


async def _act(settings: Settings, options: argparse.Namespace) -> int:
    """A command that has commands of its own."""
    with _output() as out:
        await options.act(settings, options, out)
    return 0


async def _avatar(settings: Settings, options: argparse.Namespace) -> int:
    with _output() as out:
        options.act(settings, options, out)
    return 0


async def _database(settings: Settings, options: argparse.Namespace) -> int:
    with _output() as out:
        await options.act(settings, options, _search_path(), out)
    return 0


async def _top(settings: Settings, options: argparse.Namespace) -> int:
    key = options.key or os.environ.get(KEY_VARIABLE)
    with _output() as out:
        await show_top(options.url, out, key=key, once=options.once)
    return 0


async def _load(settings: Settings, options: argparse.Namespace) -> int:
    with _output() as out:
        return int(await options.act(options, out))


async def _doctor(settings: Settings, options: argparse.Namespace) -> int:
    well = True
    findings = examine(settings, _search_path())
    while True:
        with waiting(sys.stderr):
            finding = await anext(findings, None)
        if finding is None:
            break
        mark = "ok   " if finding.well else "WRONG"
        sys.stdout.write(f"{mark} {finding.topic:9} {finding.text}\n")
        sys.stdout.flush()
        well = well and finding.well
    return 0 if well else 1


if __name__ == "__main__":
    main()
