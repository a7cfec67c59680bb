import pytest

from lipwire_protocol import LipwireError
from lipwire_server.addresses import split_address

WEB = ("http", "https")


def test_an_address_is_taken_apart() -> None:
    parts = split_address("https://[::1]:8000/voice", WEB)
    assert (parts.scheme, parts.hostname, parts.port, parts.path) == (
        "https",
        "::1",
        8000,
        "/voice",
    )


def test_where_one_may_be_left_out_a_scheme_is_added() -> None:
    assert split_address("localhost:8000", WEB, "http").geturl() == "http://localhost:8000"
    with pytest.raises(LipwireError, match="'localhost:8000' is no address"):
        split_address("localhost:8000", WEB)


@pytest.mark.parametrize("text", ["ws://x", "http://", "http://x:0", "http://u@x", "http://a b"])
def test_what_is_no_address_is_quoted_beside_one(text: str) -> None:
    with pytest.raises(LipwireError, match=f"^'{text}' is no address .* http://127.0.0.1:8000$"):
        split_address(text, WEB)
