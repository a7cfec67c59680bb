import pytest

from lipwire_server.speech.text.urls import MAX_URL, find_url, host_of, may_become_url


@pytest.mark.parametrize(
    ("before", "url", "after"),
    [
        ("", "https://a.org/b?c=1#d", " and"),
        ("see ", "www.a.org", ", ok"),
        ("", "HTTP://A.ORG", "."),
        ("", "ftp://a.org/x", "\n"),
        ("(", "https://a.org/b", ")."),
        ("(", "https://a.org/b_(c)", ") d"),
        ("**", "https://a.org", "** b"),
        ("“", "https://a.org", "”"),
        ("", "https://a.org", "。是"),
        ("<", "https://a.org", ">"),
        ("", "https://a.org/b.c", "..."),
    ],
)
def test_an_address_ends_before_what_belongs_to_the_sentence(
    before: str, url: str, after: str
) -> None:
    found = find_url(before + url + after, len(before))
    assert found is not None
    assert found[0] == len(before + url)


@pytest.mark.parametrize(
    "text", ["", "https://", "www.", "http:/a.org", "mailto:a@b.org", "a.org", "https:// a.org"]
)
def test_what_is_no_address_is_not_found(text: str) -> None:
    assert find_url(text, 0) is None


@pytest.mark.parametrize(
    ("text", "is_open"),
    [("https://a.org", True), ("https://a.org.", True), ("https://a.org ", False)],
)
def test_at_the_end_of_the_text_more_could_lengthen_it(text: str, is_open: bool) -> None:
    assert find_url(text, 0) == (13, is_open)


def test_an_address_has_a_greatest_length_and_is_not_waited_for_beyond_it() -> None:
    assert find_url("https://" + "x" * 100_000, 0) == (MAX_URL, False)
    assert find_url("https://" + "x" + ")" * 100_000, 0) == (MAX_URL, False)


@pytest.mark.parametrize("text", ["h", "htt", "HTTPS:/", "https://", "ftp:", "w", "www", "www."])
def test_the_beginning_of_an_address_is_one_that_may_come(text: str) -> None:
    assert may_become_url("see " + text, 4)


@pytest.mark.parametrize("text", ["x", "hello", "http ", "www ", "wwww", "https://a", "www.a"])
def test_what_has_gone_on_otherwise_may_not(text: str) -> None:
    assert not may_become_url("see " + text, 4)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.example.com/path?x=1", "example.com"),
        ("www.example.com", "example.com"),
        ("https://example.com", "example.com"),
        ("ftp://me:pw@files.example.org:21/x", "files.example.org"),
        ("https://example.com?to=me@x.org", "example.com"),
        ("https://example.com#part", "example.com"),
        ("www.org", "www.org"),
        ("HTTPS://WWW.EXAMPLE.COM", "EXAMPLE.COM"),
        ("https://", "https"),
        ("", ""),
    ],
)
def test_of_an_address_the_host_is_said(url: str, host: str) -> None:
    assert host_of(url) == host
