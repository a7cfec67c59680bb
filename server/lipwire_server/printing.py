"""What the commands print: for people on a terminal, for `grep` in a pipe."""

from typing import Final, TextIO

from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table

__all__ = [
    "PIPED_WIDTH",
    "amount",
    "console_of",
    "plain_table",
    "print_table",
    "printable",
    "progress_on",
]

PIPED_WIDTH: Final = 1_000
"""Nothing is wrapped where no terminal is."""


def console_of(out: TextIO) -> Console:
    return Console(file=out, width=None if out.isatty() else PIPED_WIDTH, highlight=False)


def plain_table() -> Table:
    """Without lines between its cells."""
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


def print_table(table: Table, console: Console) -> None:
    with console.capture() as capture:
        console.print(table)
    # The last column is filled with blanks.
    console.file.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def progress_on(err: TextIO, *columns: ProgressColumn) -> Progress:
    """Tells how far something is for as long as it is entered, where a terminal is."""
    return Progress(*columns, console=Console(file=err), transient=True, disable=not err.isatty())


def amount(size: int) -> str:
    """So many bytes."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"


def printable(text: str) -> str:
    """What strangers wrote may have letters in it that move the cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
