import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import ErrorCode, FlowMode, Limits, LipwireError
from lipwire_protocol.visemes import SETS
from lipwire_server.http.spoken import (
    Speech,
    check_length,
    check_sets,
    hello_of,
    phonemes_of,
    shapes_of,
    words_of,
)
from lipwire_server.lipsync.exports.transcript import Transcript, transcript_of
from lipwire_server.session.rehearsal import rehearse
from tests.fakes import FakeSynthesis, fake_host

LIMITS = Limits(message_text=20)


@given(st.text(max_size=40))
def test_a_text_is_taken_unless_there_is_nothing_or_too_much_of_it(text: str) -> None:
    expected = ErrorCode.TEXT_LIMIT if len(text) > 20 else None
    expected = expected if text.strip() else ErrorCode.EMPTY_TEXT
    try:
        check_length(text, LIMITS)
        code = None
    except LipwireError as error:
        code = error.code
        assert "`text`" in str(error)
    assert code is expected


def test_a_set_that_nobody_has_is_refused_with_those_there_are() -> None:
    check_sets(SETS)
    with pytest.raises(LipwireError, match=r"'lips'.*there is: .*oculus") as caught:
        check_sets(["oculus", "lips"])
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_a_session_is_asked_for_what_the_body_says() -> None:
    speech = Speech(text="Hi", voice="joe", rate_percent=80, seed=7, lexicon={"hi": "ho"})
    hello = hello_of(speech, voice="amy", sets=("rhubarb",))
    assert (hello.voice, hello.rate_percent, hello.seed) == ("joe", 80, 7)
    assert hello.lexicon == {"hi": "ho"}
    assert hello.timing.visemes == ("rhubarb",)
    assert hello.flow.mode is FlowMode.OFF
    assert not hello.persist
    assert hello_of(Speech(text="Hi"), voice="amy").voice == "amy"


async def heard(*sets: str) -> Transcript:
    hello = hello_of(Speech(text="Hi there. Bye."), sets=sets)
    done = await rehearse(fake_host(FakeSynthesis()), hello, "Hi there. Bye.", key="")
    return transcript_of(done.segments, "Hi there. Bye.", 1_000)


@pytest.mark.virtual_time
async def test_words_of_phonemes_count_on_over_segments() -> None:
    transcript = await heard()
    words, phonemes = words_of(transcript), phonemes_of(transcript)
    assert [word.text for word in words] == ["Hi", "there", "Bye"]
    of_words = ["".join(p.symbol for p in phonemes if p.word == word) for word in range(3)]
    assert of_words == ["Hi", "there", "Bye"]


@pytest.mark.virtual_time
async def test_shapes_are_told_by_name_of_the_sets_that_are_asked_for() -> None:
    transcript = await heard("oculus", "rhubarb")
    shapes = shapes_of(transcript, ["oculus", "rhubarb"])
    assert list(shapes) == ["oculus"], "the fake voice has no other"
    assert {shape.viseme for shape in shapes["oculus"]} == {"sil", "aa"}
    assert shapes_of(transcript, []) == {}
