import numpy as np
import pytest

from lipwire_protocol import ErrorCode, Hello, LipwireError, TextOptions, Timing, Weights
from lipwire_server.session.recital import Recital
from lipwire_server.session.rehearsal import rehearse
from tests.fakes import WIRE_VOICE, FakeSynthesis, fake_host
from tests.server.session.stage import OFF
from tests.server.session.test_recital import Taker

TEXT = "Hello there. Good bye."
HELLO = Hello(flow=OFF.flow, timing=Timing(words=True, phonemes=True))
pytestmark = pytest.mark.virtual_time


async def test_its_timing_is_that_of_the_speech() -> None:
    done = await rehearse(fake_host(FakeSynthesis()), HELLO, TEXT, key="")
    with Recital(fake_host(FakeSynthesis()), HELLO, Taker().take) as recital:
        await recital.speak(TEXT)
    for rehearsed, spoken in zip(done.segments, recital.segments, strict=True):
        assert (rehearsed.text, rehearsed.span) == (spoken.text, spoken.span)
        assert (rehearsed.start, rehearsed.count) == (spoken.start, spoken.count)
        assert rehearsed.words == spoken.words
        assert rehearsed.phonemes == spoken.phonemes
        assert rehearsed.visemes == spoken.visemes
    assert done.utterance.sent == recital.samples


async def test_no_sound_is_made_of_it() -> None:
    synthesis = FakeSynthesis(window_after=1_000)
    await rehearse(fake_host(synthesis), HELLO, TEXT, key="somebody")
    assert len(synthesis.jobs) == 2
    assert synthesis.cancelled == synthesis.jobs
    assert synthesis.seated == 0
    assert [listener.key for listener in synthesis.listeners] == ["somebody"]


async def test_there_is_a_row_of_weights_for_each_frame() -> None:
    hello = Hello(flow=OFF.flow, weights=Weights(fps=10))
    done = await rehearse(fake_host(FakeSynthesis()), hello, TEXT, key="")
    (rows,) = done.weights.values()
    # 2,100 ms: frames that begin at 0, 100, ..., 2,000.
    assert len(rows) == 21
    within = [*range(0, 1_200, 100), *range(0, 900, 100)]
    assert rows[:, 0].tolist() == (np.array(within) // 10 % 256).tolist()


async def test_what_cannot_be_said_is_left_out() -> None:
    done = await rehearse(fake_host(FakeSynthesis()), HELLO, "Hello.\n\n***\n\nGood bye.", key="")
    assert [segment.text for segment in done.segments] == ["Hello.", "Good bye."]
    assert [segment.segment for segment in done.segments] == [0, 1]


@pytest.mark.parametrize("text", ["", "   ", "... !"])
async def test_a_text_in_which_there_is_nothing_to_say_is_refused(text: str) -> None:
    with pytest.raises(LipwireError) as caught:
        await rehearse(fake_host(FakeSynthesis()), HELLO, text, key="")
    assert caught.value.code is ErrorCode.EMPTY_TEXT


async def test_a_plan_that_fails_fails_the_whole() -> None:
    synthesis = FakeSynthesis(fail_plan={1})
    with pytest.raises(LipwireError) as caught:
        await rehearse(fake_host(synthesis), HELLO, TEXT, key="")
    assert caught.value.code is ErrorCode.SYNTHESIS_FAILED
    assert synthesis.seated == 0


async def test_what_was_not_understood_of_the_markup_is_told() -> None:
    hello = Hello(flow=OFF.flow, text=TextOptions(ssml=True))
    ssml = "<speak>Hello <nonsense>there</nonsense></speak>"
    done = await rehearse(fake_host(FakeSynthesis(known=[WIRE_VOICE])), hello, ssml, key="")
    assert "nonsense" in done.problems[0]
