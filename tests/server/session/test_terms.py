from dataclasses import replace
from typing import get_args

import pytest

from lipwire_protocol import (
    AudioFormat,
    AudioGrant,
    ClientMessage,
    Codec,
    ErrorCode,
    Flow,
    FlowMode,
    FrameMode,
    Frames,
    Hello,
    Limits,
    LipwireError,
    Split,
    TextOptions,
    Timing,
    Treatment,
    Weights,
    tag,
)
from lipwire_protocol.client_messages import Resume
from lipwire_server.session.terms import FEATURES, Terms, agree
from lipwire_server.speech.port import VoiceInfo

JOE = VoiceInfo(name="joe", language="en-US", sample_rate=22_050, speakers=1)
EVA = VoiceInfo(name="eva", language="de_DE", sample_rate=16_000, speakers=4)


def terms(hello: Hello, limits: Limits | None = None) -> Terms:
    return agree(hello, [JOE, EVA], "joe", limits or Limits())


def test_a_hello_without_wishes_gets_the_defaults() -> None:
    agreed = terms(Hello())
    assert agreed.voice is JOE
    assert agreed.rate == 22_050
    assert agreed.audio == AudioGrant(codec=Codec.PCM_S16LE, sample_rate=22_050)
    assert agreed.timing == Timing(words=True, phonemes=False, visemes=("oculus",))
    assert agreed.flow == Flow(mode=FlowMode.PACED, lead_ms=3_000)
    assert (agreed.rate_percent, agreed.seed, agreed.persist) == (100, 0, True)
    assert agreed.unsupported == ()


def test_what_is_asked_for_and_can_be_done_holds() -> None:
    agreed = terms(
        Hello(
            voice="eva",
            speaker="0",
            language="de",
            audio=AudioFormat(sample_rate=16_000, chunk_ms=40),
            timing=Timing(words=False, phonemes=True, visemes=()),
            flow=Flow(mode=FlowMode.PLAYED, lead_ms=200),
            text=TextOptions(split=Split.CLAUSE, idle_flush_ms=100),
            rate_percent=150,
            seed=3,
            persist=False,
        )
    )
    assert agreed.voice is EVA
    assert agreed.audio == AudioGrant(codec=Codec.PCM_S16LE, sample_rate=16_000, chunk_ms=40)
    assert agreed.timing == Timing(words=False, phonemes=True, visemes=())
    assert agreed.flow == Flow(mode=FlowMode.PLAYED, lead_ms=200)
    assert agreed.text == TextOptions(split=Split.CLAUSE, idle_flush_ms=100)
    assert (agreed.rate_percent, agreed.seed, agreed.persist) == (150, 3, False)
    assert agreed.unsupported == ()


@pytest.mark.parametrize(
    ("hello", "code", "complaint"),
    [
        (Hello(voice="max"), ErrorCode.NOT_FOUND, "no voice named 'max'; there is: joe, eva"),
        (Hello(speaker="1"), ErrorCode.UNSUPPORTED, "speakers"),
        (Hello(language="de"), ErrorCode.UNSUPPORTED, "joe, which speaks en-US"),
        (Hello(voice="eva", language="de-AT"), ErrorCode.UNSUPPORTED, "which speaks de_DE"),
        (Hello(language="e"), ErrorCode.UNSUPPORTED, "which speaks en-US"),
        (Hello(audio=AudioFormat(sample_rate=48_000)), ErrorCode.UNSUPPORTED, "speaks at 22050"),
        (Hello(session=Resume(id="1", secret="x")), ErrorCode.UNSUPPORTED, "leave `session` out"),
        *[
            (Hello(audio=AudioFormat(codec=codec)), ErrorCode.UNSUPPORTED, f"audio codec {codec}")
            for codec in set(Codec) - {Codec.PCM_S16LE}
        ],
    ],
    ids=str,
)
def test_what_a_listener_could_not_do_without_is_refused(
    hello: Hello, code: ErrorCode, complaint: str
) -> None:
    with pytest.raises(LipwireError, match=complaint) as caught:
        terms(hello)
    assert caught.value.code is code


@pytest.mark.parametrize("language", ["en", "EN", "en-us", "en_US"])
def test_a_language_is_known_by_its_tag_or_the_beginning_of_it(language: str) -> None:
    assert terms(Hello(language=language)).voice is JOE


@pytest.mark.parametrize(
    ("hello", "warning"),
    [
        (Hello(frames=Frames(mode=FrameMode.SPRITES)), "frames of mode sprites"),
        (Hello(frames=Frames(mode=FrameMode.FULL)), "frames of mode full"),
        (Hello(weights=Weights()), "weight tracks"),
        (Hello(avatar="eva"), "avatars"),
        (Hello(text=TextOptions(markdown=Treatment.STRIP)), "cleaning or SSML"),
        (Hello(timing=Timing(visemes=("arkit",))), "viseme set 'arkit'; there is: oculus"),
    ],
    ids=str,
)
def test_what_a_listener_can_do_without_is_left_out_and_said(hello: Hello, warning: str) -> None:
    agreed = terms(hello)
    (text,) = agreed.unsupported
    assert warning in text
    assert agreed.frames == Frames(mode=FrameMode.NONE)
    assert agreed.text.markdown is Treatment.KEEP
    assert set(agreed.timing.visemes) <= {"oculus"}


def test_everything_that_is_left_out_is_said() -> None:
    wishes = Hello(frames=Frames(mode=FrameMode.FULL), weights=Weights(), avatar="eva")
    assert len(terms(wishes).unsupported) == 3


def test_a_lead_beyond_the_servers_limit_is_refused() -> None:
    with pytest.raises(LipwireError, match="at most 1000"):
        terms(Hello(flow=Flow(lead_ms=5_000)), Limits(lead_ms=1_000))


def test_a_voice_has_only_its_own_viseme_sets() -> None:
    mute = replace(JOE, sets=())
    agreed = agree(Hello(), [mute], "joe", Limits())
    assert agreed.timing.visemes == ()
    assert len(agreed.unsupported) == 1


def test_the_features_are_types_of_messages() -> None:
    assert set(FEATURES) < {tag(message) for message in get_args(ClientMessage)}
