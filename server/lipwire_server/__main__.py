"""The command line: `lipwire serve`, `say`, `voices`, `avatar`, `db`, `keys`, `top`, `load`...

What a command needs is imported when it is the one that was asked for: half a second, for most.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

from .config import MEANINGS, VARIABLES
from .options import data_folder

__all__ = ["main"]


class _Command(NamedTuple):
    about: str
    module: str
    """Its `add` tells a parser what can be said to the command, and what is to be done then."""


_COMMANDS: Final = {
    "serve": _Command("run the server and its page", "serving_options"),
    "say": _Command("speak a text into a file", "saying_options"),
    "voices": _Command("list, find, download and remove voices", "voicing_options"),
    "avatar": _Command("list, check, make and look at avatars", "casting_options"),
    "db": _Command("status, migrations, export and import of what is kept", "database_options"),
    "keys": _Command("make, list and revoke keys for who may come in", "key_options"),
    "top": _Command("watch a running server", "top_options"),
    "load": _Command("send a crowd to a server, and measure it", "load_options"),
    "doctor": _Command("try what a server needs and say what is wrong", "doctor_options"),
}

_EXAMPLES: Final = """\
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; exits with 0, or with 1 and a line that says what is wrong."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = _parser()
    if not arguments:
        parser.print_help(sys.stderr)
        sys.exit(2)
    options = parser.parse_args(arguments)
    # Nobody who asks for help waits for an event loop.
    from .running import run

    sys.exit(run(options))


class _Parser(argparse.ArgumentParser):
    """Of one command: it learns what can be said to it when something is."""

    def __init__(self, *, module: str = "", **rest: Any) -> None:
        super().__init__(**rest)
        self._module = module

    def parse_known_args(self, *rest: Any, **named: Any) -> Any:
        if self._module:
            module, self._module = self._module, ""
            import_module(f".{module}", __package__).add(self)
        return super().parse_known_args(*rest, **named)


class _Version(argparse.Action):
    """What is installed is read only for who wants to know."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"lipwire {version('lipwire')}\n")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, VARIABLES.values()))
    settings = "".join(f"  {VARIABLES[name]:{width}} {text}\n" for name, text in MEANINGS.items())
    settings += f"\nWithout LIPWIRE_DATA, sessions are kept in {data_folder()}.\n"
    parser = argparse.ArgumentParser(
        prog="lipwire",
        description="Text in, a talking face out: speech, visemes and words, streamed.",
        epilog=_EXAMPLES + settings,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show program's version number and exit"
    )
    commands = parser.add_subparsers(
        title="commands", required=True, dest="command", metavar="COMMAND", parser_class=_Parser
    )
    for name, command in _COMMANDS.items():
        commands.add_parser(name, help=command.about, module=command.module)
    return parser


if __name__ == "__main__":
    main()
