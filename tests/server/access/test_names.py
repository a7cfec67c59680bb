import pytest

from lipwire_server.access.names import NEARBY, is_own_name


@pytest.mark.parametrize(
    ("host", "known", "own"),
    [
        (None, (), True),
        ("127.0.0.1:8000", (), True),
        ("[::1]:8000", (), True),
        ("192.168.0.7", (), True),
        ("localhost", (), True),
        ("LOCALHOST.:8000", (), True),
        ("lipwire.localhost:8000", (), True),
        ("evil.example:8000", (), False),
        ("127.0.0.1.evil.example", (), False),
        ("localhost.evil.example", (), False),
        ("notlocalhost", (), False),
        ("", (), False),
        ("[evil.example]", (), False),
        ("speech.example", ("speech.example",), True),
        ("Speech.Example:443", ("speech.example",), True),
        ("speech.example.evil.example", ("speech.example",), False),
    ],
)
def test_a_name_that_is_not_ours_may_be_one_that_somebody_leads_here(
    host: str | None, known: tuple[str, ...], own: bool
) -> None:
    assert is_own_name(host, known) is own


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("speech:8000", True),
        ("Speech.local:8000", True),
        ("speech.fritz.lan", True),
        ("speech.default.svc", True),
        ("speech.default.svc.cluster.local", True),
        ("192.168.0.7:8000", True),
        ("speech.home.arpa", True),
        ("evil.example", False),
        ("local.evil.example", False),
        ("evillocal.example", False),
        ("notlocal.notlan", False),
        ("*", True),
        ("", False),
        (".", False),
    ],
)
def test_in_a_house_a_name_may_be_one_that_nobody_has_elsewhere(host: str, own: bool) -> None:
    assert is_own_name(host, NEARBY) is own
