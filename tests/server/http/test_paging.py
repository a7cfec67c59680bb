from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import LipwireError
from lipwire_server.http.paging import Page, page, read_cursor, read_id, read_number


def pages_of(rows: list[int], limit: int) -> list[Page[str]]:
    made: list[Page[str]] = []
    after = -1
    while not made or made[-1].next is not None:
        asked = [row for row in rows if row > after][: limit + 1]
        made.append(page(asked, limit, key=lambda row: row, shown=str))
        last = read_number(made[-1].next)
        after = after if last is None else last
    return made


@given(st.sets(st.integers(0, 2**53 - 1), max_size=30), st.integers(1, 10))
def test_pages_one_after_another_are_the_whole_list(rows: set[int], limit: int) -> None:
    made = pages_of(sorted(rows), limit)
    assert [item for part in made for item in part.items] == [str(row) for row in sorted(rows)]
    assert all(len(part.items) == limit for part in made[:-1])
    assert len(made[-1].items) <= limit


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_a_cursor_remembers_any_key(key: str) -> None:
    made = page([key, "more"], 1, key=lambda row: row, shown=str)
    assert read_cursor(made.next) == key


@given(st.text())
def test_what_is_no_cursor_is_refused(text: str) -> None:
    for read in (read_cursor, read_id, read_number):
        try:
            read(text)
        except LipwireError as error:
            assert "`after`" in str(error)


@pytest.mark.parametrize("after", ["", "=", "AA", "x y", "LTE", "\N{EURO SIGN}", "MTIz=", "MTIz\n"])
def test_some_that_look_like_one_are_none(after: str) -> None:
    with pytest.raises(LipwireError):
        read_number(after)


def test_a_cursor_of_another_list_is_refused() -> None:
    of_numbers = page([5, 6], 1, key=lambda row: row, shown=str).next
    with pytest.raises(LipwireError):
        read_id(of_numbers)
    id = UUID(int=7)
    of_ids = page([id, id], 1, key=lambda row: row, shown=str).next
    assert read_id(of_ids) == id
    with pytest.raises(LipwireError):
        read_number(of_ids)


def test_the_first_page_comes_after_nothing() -> None:
    assert read_cursor(None) is None
    assert read_id(None) is None
    assert read_number(None) is None
