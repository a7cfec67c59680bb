from dataclasses import replace
from typing import get_args

import pytest

from lipwire_protocol import (
    SETS,
    WEIGHT_SETS,
    AudioFormat,
    AudioGrant,
    ClientMessage,
    Codec,
    Configure,
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
    WeightSet,
    tag,
)
from lipwire_server.face.cast import Cast
from lipwire_server.session.terms import FEATURES, Terms, agree, amend
from lipwire_server.speech.port import VoiceInfo

CAST = Cast("face", {"face": 512, "tiny": 64})
JOE = VoiceInfo(name="joe", language="en-US", sample_rate=22_050)
EVA = VoiceInfo(name="eva", language="de_DE", sample_rate=16_000, speakers=("ann", "bob"))


def terms(hello: Hello, limits: Limits | None = None) -> Terms:
    return agree(hello, [JOE, EVA], "joe", CAST, limits or Limits())


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
            speaker="bob",
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
    assert agreed.speaker == "bob"
    assert agreed.unsupported == ()


@pytest.mark.parametrize("codec", Codec)
def test_every_codec_is_spoken(codec: Codec) -> None:
    assert terms(Hello(audio=AudioFormat(codec=codec, sample_rate=48_000))).rate == 48_000


def test_what_is_amended_holds_and_the_rest_stays() -> None:
    before = terms(Hello(volume_percent=50, lexicon={"a": "b"}))
    after = amend(before, Configure(voice="eva", rate_percent=120), [JOE, EVA], CAST)
    assert (after.voice, after.speaker, after.rate_percent) == (EVA, "ann", 120)
    assert (after.volume_percent, after.lexicon) == (50, {"a": "b"})
    assert after.audio == before.audio
    again = amend(after, Configure(speaker="bob", volume_percent=0, lexicon={}), [JOE, EVA], CAST)
    assert (again.voice, again.speaker, again.volume_percent) == (EVA, "bob", 0)
    assert again.lexicon == {}
    assert amend(again, Configure(noise_percent=0), [JOE, EVA], CAST).speaker == "bob"


def test_what_cannot_be_amended_is_refused_or_said() -> None:
    agreed = terms(Hello())
    with pytest.raises(LipwireError, match="no voice named 'max'"):
        amend(agreed, Configure(voice="max"), [JOE, EVA], CAST)
    with pytest.raises(LipwireError, match="joe has one speaker"):
        amend(agreed, Configure(speaker="ann"), [JOE, EVA], CAST)
    with pytest.raises(LipwireError, match="no avatar named 'eva'; there is: face, tiny"):
        amend(agreed, Configure(avatar="eva"), [JOE, EVA], CAST)
    png = Configure(frames=Frames(mode=FrameMode.FULL, mime="image/png"))
    (text,) = amend(agreed, png, [JOE, EVA], CAST).unsupported
    assert "image/png in frame mode full; there is: image/jpeg, image/webp" in text


def test_an_avatar_stays_while_frames_come_and_go() -> None:
    agreed = terms(Hello(avatar="tiny"))
    assert (agreed.avatar, agreed.frames) == ("tiny", Frames(mode=FrameMode.NONE))
    seen = amend(agreed, Configure(frames=Frames(mode=FrameMode.FULL)), [JOE], CAST)
    assert (seen.avatar, seen.frames.size, seen.frames.mime) == ("tiny", 64, "image/jpeg")
    other = amend(seen, Configure(avatar="face"), [JOE], CAST)
    assert (other.avatar, other.frames.mode) == ("face", FrameMode.FULL)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (Frames(), Frames()),
        (Frames(size=300), Frames()),
        (
            Frames(mode=FrameMode.SPRITES, size=300),
            Frames(mode=FrameMode.SPRITES, size=300, mime="image/webp"),
        ),
        (
            Frames(mode=FrameMode.SPRITES, size=1_024, fps=60, mime="image/png"),
            Frames(mode=FrameMode.SPRITES, size=512, fps=60, mime="image/png"),
        ),
        (
            Frames(mode=FrameMode.FULL, mime="image/webp"),
            Frames(mode=FrameMode.FULL, mime="image/webp"),
        ),
    ],
    ids=str,
)
def test_frames_are_granted_as_the_avatar_has_them(asked: Frames, granted: Frames) -> None:
    agreed = terms(Hello(frames=asked))
    assert agreed.frames == granted
    assert agreed.unsupported == ()


@pytest.mark.parametrize(
    ("hello", "code", "complaint"),
    [
        (Hello(voice="max"), ErrorCode.NOT_FOUND, "no voice named 'max'; there is: joe, eva"),
        (Hello(speaker="1"), ErrorCode.NOT_FOUND, "joe has one speaker"),
        (Hello(voice="eva", speaker="max"), ErrorCode.NOT_FOUND, "there is: ann, bob"),
        (Hello(language="de"), ErrorCode.UNSUPPORTED, "joe, which speaks en-US"),
        (Hello(voice="eva", language="de-AT"), ErrorCode.UNSUPPORTED, "which speaks de_DE"),
        (Hello(language="e"), ErrorCode.UNSUPPORTED, "which speaks en-US"),
        (
            Hello(audio=AudioFormat(codec=Codec.OPUS, sample_rate=22_050)),
            ErrorCode.UNSUPPORTED,
            "Opus has no sample rate of 22050 Hz",
        ),
        (Hello(avatar="eva"), ErrorCode.NOT_FOUND, "no avatar named 'eva'; there is: face, tiny"),
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
        (
            Hello(frames=Frames(mode=FrameMode.SPRITES, mime="image/gif")),
            "image/gif in frame mode sprites; there is: image/webp, image/png",
        ),
        (Hello(text=TextOptions(code=Treatment.STRIP)), "stripping code without Markdown"),
        (Hello(text=TextOptions(ssml=True, markdown=Treatment.STRIP)), "Markdown from SSML"),
        (Hello(timing=Timing(visemes=("arkit",))), "viseme set 'arkit'; there is: oculus, azure"),
    ],
    ids=str,
)
def test_what_a_listener_can_do_without_is_left_out_and_said(hello: Hello, warning: str) -> None:
    agreed = terms(hello)
    (text,) = agreed.unsupported
    assert warning in text
    assert agreed.frames.mode is hello.frames.mode
    assert agreed.text == hello.text
    assert set(agreed.timing.visemes) <= {"oculus"}


def test_everything_that_is_left_out_is_said() -> None:
    gif = Frames(mode=FrameMode.FULL, mime="image/gif")
    wishes = Hello(frames=gif, timing=Timing(visemes=("arkit",)))
    assert len(terms(wishes).unsupported) == 2


def test_a_lead_beyond_the_servers_limit_is_refused() -> None:
    with pytest.raises(LipwireError, match="may be 1000 at most"):
        terms(Hello(flow=Flow(lead_ms=5_000)), Limits(lead_ms=1_000))


def test_a_voice_has_only_its_own_viseme_sets() -> None:
    mute = replace(JOE, sets=())
    agreed = agree(Hello(), [mute], "joe", CAST, Limits())
    assert agreed.timing.visemes == ()
    assert len(agreed.unsupported) == 1


def test_the_features_are_types_of_messages() -> None:
    assert set(FEATURES) == {tag(message) for message in get_args(ClientMessage)}


def test_weights_are_granted_and_their_shapes_are_named() -> None:
    weights = Weights(set=WeightSet.VRM, fps=60)
    agreed = terms(Hello(weights=weights, timing=Timing(visemes=("rhubarb",))))
    assert agreed.weights == weights
    assert agreed.sets == {"rhubarb": SETS["rhubarb"], "vrm": WEIGHT_SETS["vrm"]}
    assert agreed.unsupported == ()
    assert amend(agreed, Configure(), [JOE], CAST).weights == weights
    faster = Weights(set=WeightSet.ARKIT, fps=25)
    assert set(amend(agreed, Configure(weights=faster), [JOE], CAST).sets) == {"rhubarb", "arkit"}


def test_a_voice_without_a_mouth_has_no_weights() -> None:
    agreed = agree(Hello(weights=Weights()), [replace(JOE, weight_sets=())], "joe", CAST, Limits())
    assert agreed.weights is None
    (text,) = agreed.unsupported
    assert "weight tracks of oculus; there is: none" in text
