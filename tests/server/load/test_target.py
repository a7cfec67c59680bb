import errno
import resource
import socket
import ssl

import pytest

from lipwire_protocol import LipwireError
from lipwire_server.load.target import make_room, stream_url, trusting_any, why


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.1:8000", "ws://127.0.0.1:8000/v1/stream"),
        ("localhost", "ws://localhost/v1/stream"),
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/v1/stream"),
        ("http://127.0.0.1:8000/", "ws://127.0.0.1:8000/v1/stream"),
        ("https://voice.example.com", "wss://voice.example.com/v1/stream"),
        ("https://example.com/voice/", "wss://example.com/voice/v1/stream"),
        ("ws://[::1]:8000/v1/stream", "ws://[::1]:8000/v1/stream"),
        ("wss://example.com/v1/stream/?x=1#y", "wss://example.com/v1/stream"),
    ],
)
def test_an_address_is_that_of_the_stream_there(text: str, url: str) -> None:
    assert stream_url(text) == url


@pytest.mark.parametrize(
    "text",
    ["", "://", "ftp://example.com", "http://", "example.com:x", "x:99999", "a b", "[::1"],
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(LipwireError, match=r"is no address .* http://127.0.0.1:8000"):
        stream_url(text)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EADDRNOTAVAIL, "x"), "no port is left here"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "No route to host"),
        (OSError("several"), "several"),
        (OSError(), "OSError"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "nobody listens there"),
        (TimeoutError(), "no answer for 30 s"),
        (socket.gaierror(-2, "x"), "there is no such host"),
        (ssl.SSLError(1, "x"), "it speaks no TLS"),
    ],
)
def test_why_there_is_no_connection_is_told_in_words(error: OSError, reason: str) -> None:
    assert why(error) == reason


def test_where_anybody_is_trusted_neither_name_nor_certificate_is_looked_at() -> None:
    context = trusting_any()
    assert (context.check_hostname, context.verify_mode) == (False, ssl.CERT_NONE)


def test_as_many_files_are_allowed_as_sockets_need(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = [(1_024, 5_000)]
    monkeypatch.setattr(resource, "getrlimit", lambda which: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda which, pair: limits.append(pair))
    make_room(100)
    assert len(limits) == 1
    make_room(2_000)
    assert limits[-1] == (2_064, 5_000)
    with pytest.raises(LipwireError, match="4936 are possible here"):
        make_room(5_000)


def test_where_there_is_no_limit_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = [(1_024, resource.RLIM_INFINITY)]
    monkeypatch.setattr(resource, "getrlimit", lambda which: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda which, pair: limits.append(pair))
    make_room(900_000)
    assert limits[-1] == (900_064, resource.RLIM_INFINITY)
