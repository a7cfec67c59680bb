import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import LipwireError
from lipwire_server.http.etags import ANY, matches, quoted, read_tags

TAGS = st.text(st.characters(min_codepoint=0x23, max_codepoint=0x7E), max_size=8)


@given(st.lists(TAGS, min_size=1), st.sampled_from([", ", ",", " ,  "]))
def test_tags_that_were_sent_are_read(tags: list[str], comma: str) -> None:
    header = comma.join(map(quoted, tags))
    assert read_tags("If-Match", header, weak=False) == frozenset(tags)


def test_a_weak_tag_is_good_for_reading_alone() -> None:
    assert read_tags("If-None-Match", 'W/"1", "2"', weak=True) == frozenset({"1", "2"})
    assert read_tags("If-Match", 'W/"1", "2"', weak=False) == frozenset({"2"})


def test_without_the_header_there_are_no_tags() -> None:
    assert read_tags("If-Match", None, weak=False) is None


@pytest.mark.parametrize("header", ["", "1", '"1', '"1" "2"', '"1",', 'w/"1"', '*, "1"', '"a"b"'])
def test_what_is_no_list_of_tags_is_refused(header: str) -> None:
    with pytest.raises(LipwireError, match="If-Match"):
        read_tags("If-Match", header, weak=False)


def test_a_long_list_takes_no_longer_than_its_length() -> None:
    with pytest.raises(LipwireError):
        read_tags("If-Match", '"1",' * 4_000 + " " * 4_000, weak=False)


def test_a_star_is_any_version() -> None:
    assert matches(frozenset({ANY}), "7")
    assert matches(frozenset({"7"}), "7")
    assert not matches(frozenset({"8"}), "7")
