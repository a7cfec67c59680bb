import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.http.filenames import attachment, tidy_filename

PNG = (".png",)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("me.png", "me.png"),
        ("Me.PNG", "Me.PNG"),
        ("me", "me.png"),
        ("me.html", "me.html.png"),
        ("../../../etc/passwd", "passwd.png"),
        ("..\\..\\boot.ini", "boot.ini.png"),
        ("/", "file.png"),
        ("..", "file.png"),
        (".png", "png.png"),
        (" . ", "file.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        ("gnp.\u202egpj.png", "gnp.gpj.png"),
        ("Zoe\u0308.png", "Zoë.png"),
        ("口.png", "口.png"),
        ("x" * 255, "x" * 200 + ".png"),
        ("x" * 251 + ".png", "x" * 200 + ".png"),
    ],
)
def test_a_name_loses_its_path_and_what_cannot_be_seen(sent: str, kept: str) -> None:
    assert tidy_filename(sent, PNG) == kept


@pytest.mark.parametrize(
    ("sent", "kept"), [("a.jpeg", "a.jpeg"), ("a.jpg", "a.jpg"), ("a.png", "a.png.jpg")]
)
def test_every_usual_ending_stays(sent: str, kept: str) -> None:
    assert tidy_filename(sent, (".jpg", ".jpeg")) == kept


@given(st.text(max_size=255))
def test_whatever_it_was_called_its_name_is_harmless_and_short(sent: str) -> None:
    name = tidy_filename(sent, PNG)
    assert name.lower().endswith(".png") and 5 <= len(name) <= 255
    assert not set("/\\\r\n\0") & set(name)
    assert tidy_filename(name, PNG) == name or len(name) > 200


def test_a_plain_name_is_a_plain_header() -> None:
    assert attachment("me.png") == 'attachment; filename="me.png"'


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60))
def test_every_name_arrives_in_a_header_that_is_ascii(name: str) -> None:
    header = attachment(name)
    assert header.isascii() and header.isprintable()
    found = re.fullmatch(
        r"""attachment; filename="([^"\\]*)"(?:; filename\*=UTF-8''(.*))?""", header
    )
    assert found is not None
    assert unquote(found[2] or found[1]) == name
