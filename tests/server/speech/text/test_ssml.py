import pytest

from lipwire_protocol import Split, TextOptions
from lipwire_server.speech.text.reader import Reader
from lipwire_server.speech.text.segment import Mark, Segment
from lipwire_server.speech.text.ssml import MAX_DEPTH, MAX_PROBLEMS, MAX_SILENCE_MS, MAX_TAG


def read(text: str, language: str = "en") -> tuple[list[Segment], list[str]]:
    """Segments and problems, which are the same however the text comes."""
    reader, singly = (Reader(TextOptions(ssml=True), language=language) for _ in range(2))
    segments = reader.push("Oh. <p/>" + text) + reader.push("", last=True)
    pieces = [s for character in "Oh. <p/>" + text for s in singly.push(character)]
    assert pieces + singly.push("", last=True) == segments
    assert singly.problems == reader.problems
    return segments[1:], [problem.message for problem in reader.problems]


def said(text: str, language: str = "en") -> list[str]:
    segments, problems = read(text, language)
    assert problems == []
    return [segment.text for segment in segments]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("<speak>Hello there.</speak>", ["Hello there."]),
        ("<speak version='1.1'>\n  One\n\n  two\n</speak>", ["One two"]),
        ("<p>One</p><p>two</p>", ["One", "two"]),
        ("<s>One</s> <s>two</s> three", ["One", "two", "three"]),
        ("a &lt;b&gt; &amp; &quot;c&quot; &#65;&#x42;", ['a <b> & "c" AB']),
        ("<![CDATA[a < b && c]]> d", ["a < b && c d"]),
        ("a <!-- <b>no</b> -->b<?pi x?>c", ["a bc"]),
        ("say [[hɛˈloʊ]] now", ["say [[hɛˈloʊ]] now"]),
    ],
)
def test_text_is_read_out_of_its_elements(text: str, sentences: list[str]) -> None:
    assert said(text) == sentences


@pytest.mark.parametrize(
    ("element", "say"),
    [
        ("<sub alias='World Wide Web'>WWW</sub>", "World Wide Web"),
        ("<phoneme ph='təˈmeɪtoʊ'>tomato</phoneme>", "[[təˈmeɪtoʊ]]"),
        ('<phoneme alphabet="ipa" ph="a&lt;">b</phoneme>', "[[a<]]"),
        ("<say-as interpret-as='characters'>aB 1</say-as>", "a.B 1"),
        ("<say-as interpret-as='digits'>2024</say-as>", "2 0 2 4"),
        ("<say-as interpret-as='telephone'>+1 (555) 010</say-as>", "+ 1, 5 5 5, 0 1 0"),
        ("<say-as interpret-as='ordinal'>1</say-as>", "1st"),
    ],
)
def test_a_word_is_said_as_its_element_wants(element: str, say: str) -> None:
    assert said(f"So {element}, yes.") == [f"So {say}, yes."]


def test_what_cannot_be_read_as_wanted_is_read_as_it_is() -> None:
    element = "<say-as interpret-as='ordinal'>3</say-as> x"
    assert said(element, "es-MX") == ["3º x"]
    segments, problems = read(element, "ja")
    assert [segment.text for segment in segments] == ["3 x"]
    assert "ordinal" in problems[0]


def test_a_word_is_one_for_timing_and_for_people() -> None:
    text = "<sub alias='World Wide Web'>W<b>W</b>W</sub>'s age"
    reader = Reader(TextOptions(ssml=True))
    [segment] = reader.push(text, last=True)
    assert segment.text == "World Wide Web's age"
    assert segment.shown == "WWW's age"
    word = ("WWW", text.index("W<"), text.index("</sub"))
    assert segment.word(0, 5) == segment.word(6, 10) == word
    assert segment.word(11, 16) == ("WWW's", word[1], word[2] + len("</sub>'s"))
    assert segment.word(17, 20) == ("age", len(text) - 3, len(text))


def test_an_alias_with_sentences_in_it_is_not_cut() -> None:
    assert said("<sub alias='Go. Now. Dr. No!'>GN</sub> he said.") == ["Go. Now. Dr. No! he said."]


@pytest.mark.parametrize(
    ("attributes", "milliseconds"),
    [
        ("time='500ms'", 500),
        ("time='1.5s'", 1_500),
        ("", 500),
        ("strength='strong'", 800),
        ("strength='x-weak'", 100),
        ("time=250ms", 250),
    ],
)
def test_a_break_is_a_segment_of_silence(attributes: str, milliseconds: int) -> None:
    text = f"a <break {attributes}/>b"
    segments = Reader(TextOptions(ssml=True)).push(text, last=True)
    assert [(s.text, s.silence_ms) for s in segments] == [("a", 0), ("", milliseconds), ("b", 0)]
    assert text[segments[1].begin : segments[1].end] == f"<break {attributes}/>"
    assert segments[1].shown == ""


@pytest.mark.parametrize("attributes", ["time='0s'", "strength='none'"])
def test_no_break_cuts_nothing(attributes: str) -> None:
    assert said(f"a <break {attributes}/>b") == ["a b"]


def test_a_long_break_is_shortened_and_told() -> None:
    segments, problems = read("<break time='1000000s'/>")
    assert segments[0].silence_ms == MAX_SILENCE_MS
    assert len(problems) == 1


def test_marks_lie_in_what_is_said() -> None:
    text = "<mark name='a'/>One <mark name='b'/><sub alias='xyz'>2</sub>.<mark name='c'/> Four"
    segments, _ = read(text)
    assert [(s.text, s.marks) for s in segments] == [
        ("One xyz.", (Mark("a", 0), Mark("b", 4), Mark("c", 8))),
        ("Four", ()),
    ]


def test_marks_without_text_have_a_segment_of_their_own() -> None:
    segments, _ = read("<mark name='a'/><break time='1s'/>Hi<s/><mark name='b'/>")
    assert [(s.text, s.silence_ms, s.marks) for s in segments] == [
        ("", 1_000, (Mark("a", 0),)),
        ("Hi", 0, ()),
        ("", 0, (Mark("b", 0),)),
    ]


@pytest.mark.parametrize(
    ("rate", "percent"),
    [
        ("80%", 80),
        ("+20%", 120),
        ("-20%", 80),
        ("x-slow", 50),
        ("slow", 75),
        ("medium", 100),
        ("fast", 125),
        ("x-fast", 150),
    ],
)
def test_another_speed_is_another_segment(rate: str, percent: int) -> None:
    segments, problems = read(f"a <prosody rate='{rate}'>b</prosody> c")
    assert problems == []
    assert [s.rate_percent for s in segments] == ([100, percent, 100] if percent != 100 else [100])


def test_speeds_multiply_and_stay_within_what_a_voice_can_do() -> None:
    text = "<prosody rate='50%'><prosody rate='50%'>a</prosody> b</prosody>"
    segments, problems = read(text + "<prosody rate='900%'>c</prosody>")
    assert [(s.text, s.rate_percent) for s in segments] == [("a b", 50), ("c", 200)]
    assert len(problems) == 2


@pytest.mark.parametrize(
    ("text", "say", "problem"),
    [
        ("a < b", "a < b", '"<" that begins no tag'),
        ("5 <6 and", "5 <6 and", '"<" that begins no tag'),
        ("a & b", "a & b", '"&" that begins no entity'),
        ("a <b and c> d", "a <b and c> d", '"<" that begins no tag'),
        ("a <b", "a <b", '"<" that begins no tag'),
        ("a <break time='1", "a <break time='1", '"<" that begins no tag'),
        ("a &am", "a &am", '"&" that begins no entity'),
        ("a <!-- b", "a <!-- b", '"<" that begins no tag'),
        ("<![CDATA[a < b", "a < b", "CDATA section has no end"),
        ("<emphasis>a</emphasis>", "a", "<emphasis> is not known"),
        ("a</s> b", "a b", "</s> ends nothing"),
        ("<prosody rate='80%'>a", "a", "<prosody> has no end"),
        ("<speak><prosody>a</speak>", "a", "<prosody> has no end"),
        ("<sub alias='b'>a", "b", "<sub> has no end"),
        ("<sub>a</sub>", "a", "<sub> has no alias"),
        ("<phoneme alphabet='x-sampa' ph='{'>a</phoneme>", "a", "not ipa"),
        ("<phoneme ph='a]] b'>a</phoneme>", "a", "brackets"),
        ("<say-as interpret-as='date'>1/2</say-as>", "1/2", "cannot read this as 'date'"),
        ("<say-as interpret-as='ordinal'>x</say-as>", "x", "cannot read this as 'ordinal'"),
        (f"<sub alias='{'b' * 401}'>a</sub>", "a", "says too much"),
        ("<sub alias='b'>" + "a" * 201 + "</sub>", "a" * 201, "too much text in <sub>"),
        ("<prosody rate='quick' pitch='high'>a</prosody>", "a", "pitch of <prosody>"),
        ("<prosody rate='quick'>a</prosody>", "a", "'quick' is no rate"),
    ],
)
def test_what_is_written_wrong_is_spoken_and_told(text: str, say: str, problem: str) -> None:
    segments, problems = read(text)
    assert [segment.text for segment in segments] == [say]
    assert problem in problems[0]


@pytest.mark.parametrize("text", ["<break time='soon'/>", "<break strength='loud'/>"])
def test_a_break_that_is_written_wrong_is_a_break(text: str) -> None:
    segments, problems = read(text)
    assert segments[0].silence_ms == 500
    assert len(problems) == 1


def test_a_problem_says_where_it_is() -> None:
    reader = Reader(TextOptions(ssml=True))
    reader.push("one & two ")
    assert str(reader.problems[0]) == 'a "&" that begins no entity: write &amp; (at 4)'


def test_problems_are_told_up_to_a_number() -> None:
    _, problems = read("<x/>" + "& " * 1_000 + "<y/>" * 1_000)
    assert len(problems) == MAX_PROBLEMS


def test_a_break_inside_a_word_comes_to_nothing() -> None:
    segments, _ = read("<sub alias='x'>a<break/><p>b</p><mark name='m'/></sub> c")
    assert [(s.text, s.marks) for s in segments] == [("x c", (Mark("m", 0),))]


def test_elements_too_deep_are_read_as_if_they_were_not_there() -> None:
    deep = MAX_DEPTH + 50
    segments, problems = read("<p>" * deep + "a" + "</p>" * deep)
    assert [segment.text for segment in segments] == ["a"]
    assert problems


def test_a_flush_waits_for_the_rest_of_a_tag() -> None:
    reader = Reader(TextOptions(ssml=True))
    reader.push("One <bre")
    assert [s.text for s in reader.flush()] == ["One"]
    assert not reader.pending
    assert [s.silence_ms for s in reader.push("ak time='1s'/> two", last=True)] == [1_000, 0]


def test_what_could_be_a_tag_is_kept_back_up_to_a_length() -> None:
    reader = Reader(TextOptions(ssml=True))
    text = "<a b='" + "x" * MAX_TAG
    given = [s for character in text for s in reader.push(character)] + reader.flush()
    assert "".join(segment.text for segment in given) == text.replace(" ", "")


def test_elements_cut_nothing_where_nothing_is_cut_but_speed_and_silence_do() -> None:
    reader = Reader(TextOptions(ssml=True, split=Split.NONE))
    segments = reader.push("<s>a</s><s>b</s><break/><prosody rate='fast'>c</prosody>", last=True)
    assert [(s.text.split(), s.rate_percent, s.silence_ms) for s in segments] == [
        (["a", "b"], 100, 0),
        ([], 100, 500),
        (["c"], 125, 0),
    ]
