import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import LipwireError
from lipwire_server.speech.text.lexicon_file import (
    MAX_ENTRIES,
    MAX_PRONUNCIATION,
    parse_lexicon,
    read_lexicon,
)

ENTRIES = {"SQL": "sequel", "Lipwire": "[[lˈɪpwaɪɚ]]", "New York": "the Big Apple"}


def test_lines_and_json_say_the_same() -> None:
    lines = "".join(f"{word} = {say}\n" for word, say in ENTRIES.items())
    assert parse_lexicon(lines) == parse_lexicon(json.dumps(ENTRIES)) == ENTRIES


def test_empty_lines_and_comments_say_nothing() -> None:
    assert parse_lexicon("# ours\n\n  C# = C sharp \r\n#2 = two\n") == {"C#": "C sharp"}


def test_only_the_first_equals_sign_divides() -> None:
    assert parse_lexicon("emc = e = m c squared") == {"emc": "e = m c squared"}


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "{}"])
def test_a_lexicon_may_be_empty(text: str) -> None:
    assert parse_lexicon(text) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = b\nSQL sequel\n", 'line 2: there is no "="'),
        ("a = b\n\nSQL =\n", 'line 3: nothing follows the "="'),
        ("= b", "line 1: there is no word"),
        ("a = b\nc = d\na = e", "line 3: 'a' is there twice"),
        ("x" * 101 + " = y", "line 1: a word or phrase has at most 100"),
        ("y = " + "x" * (MAX_PRONUNCIATION + 1), "line 1: a pronunciation has at most 400"),
        ('{\n"a": "b",\n}', "line 3: this is no JSON|line 2: this is no JSON"),
        ('{"a": "b", "a": "c"}', "'a' is there twice"),
        ('{"a": 1}', "pronunciation of 'a' is no text"),
        ('{"a": {"b": "c"}}', "pronunciation of 'a' is no text"),
        ('{"a":' + "[" * 100_000, "not one thing inside another"),
        ('{" ": "b"}', "there is no word"),
        ("".join(f"w{n} = x\n" for n in range(MAX_ENTRIES + 1)), "has 501 words"),
    ],
    ids=range(13),
)
def test_what_is_wrong_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(LipwireError, match=message):
        parse_lexicon(text)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("SQL = sequel\n", "utf-8-sig")
    assert read_lexicon(path) == {"SQL": "sequel"}


def test_a_file_in_another_encoding_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(b"a = b\ncaf\xe9 = coffee\n")
    with pytest.raises(LipwireError, match=r"words.txt, line 2: .* save the file as UTF-8"):
        read_lexicon(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match=r"cannot read .*nowhere"):
        read_lexicon(tmp_path / "nowhere")


def test_a_file_that_cannot_be_a_lexicon_is_not_read_to_its_end() -> None:
    with pytest.raises(LipwireError, match="too large"):
        read_lexicon(Path("/dev/zero"))


@given(st.text())
def test_any_text_is_a_lexicon_or_an_error(text: str) -> None:
    try:
        entries = parse_lexicon(text)
    except LipwireError:
        return
    assert all(word.strip() for word in entries)
