import io

import pytest
from rich.progress import TextColumn

from lipwire_server.printing import (
    amount,
    console_of,
    plain_table,
    print_table,
    printable,
    progress_on,
)
from tests.terminal import Terminal

pytestmark = pytest.mark.usefixtures("plain_terminal")


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0.0 kB"), (99_999, "100.0 kB"), (100_000, "0.1 MB")]
)
def test_an_amount_is_in_the_unit_that_it_is_said_in(size: int, shown: str) -> None:
    assert amount(size) == shown


def test_letters_that_move_the_cursor_are_not_printed() -> None:
    assert printable("\x1b[2Jjoe\n") == "?[2Jjoe?"


def test_nothing_is_wrapped_or_filled_up_in_a_pipe() -> None:
    out = io.StringIO()
    table = plain_table()
    table.add_column("name")
    table.add_column("licence")
    table.add_row("joe", "long " * 100)
    table.add_row("ida", "CC0")
    print_table(table, console_of(out))
    assert [len(line) for line in out.getvalue().splitlines()] == [13, 505, 9]


def test_a_bar_is_for_a_terminal_and_gone_when_all_is_done() -> None:
    for out in (io.StringIO(), Terminal()):
        with progress_on(out, TextColumn("{task.completed} pictures")) as bar:
            bar.advance(bar.add_task("", total=None), 3)
            bar.refresh()
        assert ("3 pictures" in out.getvalue()) is out.isatty()
        assert out.getvalue().rstrip("\n").endswith("\x1b[2K") is out.isatty()
