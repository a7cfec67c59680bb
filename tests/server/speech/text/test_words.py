import pytest

from lipwire_protocol import TextOptions, Treatment, Urls
from lipwire_server.speech.text.lexicon import MAX_ENTRY
from lipwire_server.speech.text.reader import Reader
from lipwire_server.speech.text.segment import Segment
from lipwire_server.speech.text.urls import MAX_URL

NO_EMOJI = TextOptions(emoji=Treatment.STRIP)
HOST = TextOptions(urls=Urls.HOST)
NO_URLS = TextOptions(urls=Urls.STRIP)


def read(text: str, options: TextOptions, lexicon: dict[str, str] | None = None) -> list[Segment]:
    segments = Reader(options, lexicon).push(text, last=True)
    singly = Reader(options, lexicon)
    pieces = [s for character in "Oh.\n\n" + text for s in singly.push(character)]
    pieces += singly.push("", last=True)
    assert [(s.text, s.shown) for s in pieces[1:]] == [(s.text, s.shown) for s in segments]
    return segments


def said(text: str, options: TextOptions, lexicon: dict[str, str] | None = None) -> str:
    return " ".join(" ".join(s.text for s in read(text, options, lexicon)).split())


@pytest.mark.parametrize(
    "emoji", ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "❤️", "❤", "©️", "🏳️‍🌈", "👩🏽‍🤝‍👨🏻", "♀️"]
)
def test_an_emoji_is_not_said(emoji: str) -> None:
    assert said(f"well {emoji} done", NO_EMOJI) == "well done"
    assert said(emoji, NO_EMOJI) == ""
    assert said(f"well {emoji} done", TextOptions(markdown=Treatment.STRIP)) == f"well {emoji} done"


@pytest.mark.parametrize(
    "text", ["5 # * 1", "© 2024 ™", "a → b", "x ↔ y", "♪ la", "A\u200dB", "日本 한국"]
)
def test_what_is_no_emoji_stays(text: str) -> None:
    assert said(text, NO_EMOJI) == text


def test_words_do_not_grow_together_where_an_emoji_was() -> None:
    [segment] = read("Hi😀😀there 🎉! Bye", NO_EMOJI)[:1]
    assert segment.text == "Hi there !"
    assert segment.shown == "Hi there!"
    assert segment.word(3, 8) == ("there", 4, 9)


def test_ten_thousand_emoji_are_nothing_to_say() -> None:
    reader = Reader(NO_EMOJI)
    assert reader.push("👩‍🔬" * 10_000, last=True) == []


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("See https://www.example.com/path?x=1.", "See example.com."),
        ("See www.example.com/a, ok?", "See example.com, ok?"),
        ("(https://en.wikipedia.org/wiki/A_(b))", "(en.wikipedia.org)"),
        ("看https://example.com。谢谢", "看example.com。 谢谢"),
        ("https://a.org!Then", "a.org!Then"),
        ("“https://a.org/b”", "“a.org”"),
    ],
)
def test_of_an_address_the_host_is_said(text: str, host: str) -> None:
    assert said(text, HOST) == host


@pytest.mark.parametrize(
    "text", ["me@www.example.com", "a.b@x.org", "xhttp://a.b", "https", "www."]
)
def test_what_is_no_address_stays(text: str) -> None:
    assert said(text, HOST) == text
    assert said(text, NO_URLS) == text


def test_an_address_is_left_out() -> None:
    [segment] = read("See https://a.org/b, please.", NO_URLS)
    assert segment.shown == "See, please."
    assert segment.text == "See , please."
    assert segment.word(6, 12) == ("please", 21, 27)


def test_people_see_the_address_as_it_was_written() -> None:
    text = "See https://www.a.org/b?c now."
    [segment] = read(text, HOST)
    assert segment.text == "See a.org now."
    assert segment.shown == text
    assert segment.word(4, 9) == ("https://www.a.org/b?c", 4, 25)


def test_a_long_address_is_not_said_to_its_end() -> None:
    reader = Reader(HOST)
    text = "https://a.org/" + "x" * 10_000 + " end"
    longest = 0
    for character in text:
        assert reader.push(character) == []
        longest = max(longest, reader.pending)
    assert longest <= MAX_URL
    assert [s.text for s in reader.push("", last=True)] == ["a.org end"]


LEXICON = {
    "sql": "sequel",
    "Lipwire": "[[lˈɪpwaɪɚ]]",
    "New York": "the big apple",
    "New York City": "NYC",
    "US": "you ess",
    "us": "you and me",
    "approx.": "about",
    "C++": "see plus plus",
    "don't": "do not",
    "東京": "とうきょう",
    "gone": "",
}


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("SQL, Sql and sql", "sequel, sequel and sequel"),
        ("MySQL, sql2 and sql_x", "MySQL, sql2 and sql_x"),
        ("sql's (sql)-sql", "sequel's (sequel)-sequel"),
        ("New York City is", "NYC is"),
        ("the US and us and Us", "the you ess and you and me and you and me"),
        ("approx. Ten", "about Ten"),
        ("I don’t", "I do not"),
        ("[[sql]] sql [[a sql", "[[sql]] sequel [[a sequel"),
        ("東京都", "とうきょう都"),
        ("it is gone now", "it is now"),
    ],
)
def test_words_of_the_lexicon_are_said_otherwise(text: str, say: str) -> None:
    assert said(text, TextOptions(), LEXICON) == say


def test_people_see_the_word_that_the_caller_wrote() -> None:
    text = "I love New  York's SQL."
    [segment] = read(text, TextOptions(), LEXICON)
    assert segment.text == "I love the big apple's sequel."
    assert segment.shown == text
    assert segment.word(7, 10) == segment.word(11, 14) == ("New  York", 7, 16)
    assert segment.word(15, 22) == ("New  York's", 7, 18)
    assert segment.word(23, 29) == ("SQL", 19, 22)
    assert segment.word(30, 30) == ("", 23, 23)


def test_a_lexicon_word_is_found_across_markup() -> None:
    [segment] = read("**New** York!", TextOptions(markdown=Treatment.STRIP), LEXICON)
    assert (segment.text, segment.shown) == ("the big apple!", "New York!")
    assert segment.word(0, 3) == ("New York", 2, 12)


def test_a_long_pronunciation_is_part_of_a_segments_length() -> None:
    segments = read("x " * 100, TextOptions(), {"x": "word " * 20})
    assert len(segments) > 20
    assert all(len(segment.text) <= 400 for segment in segments)
    assert "".join(segment.shown for segment in segments).count("x") == 100


def test_one_word_longer_than_a_segment_is_cut_and_shown_once() -> None:
    segments = Reader(TextOptions(), {"z": "long word " * 39}, limit=100).push("z", last=True)
    assert [segment.shown for segment in segments if segment.shown] == ["z"]
    assert [(s.begin, s.end) for s in segments] == [(0, 1), *[(1, 1)] * (len(segments) - 1)]


def test_a_word_is_kept_back_no_longer_than_an_entry() -> None:
    reader = Reader(TextOptions(), {"a " * 49 + "b": "x"})
    for character in "a " * 500:
        reader.push(character)
        assert reader.pending <= MAX_ENTRY + 450
