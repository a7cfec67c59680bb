import pytest
from msgspec import UNSET, structs

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.lipsync.exports.transcript import Cue, Sentence, Track, transcript_of
from lipwire_server.speech.port import PhonemeSpan, VisemeSpan, WordSpan
from tests.server.lipsync.exports.utterances import SETS, TEXT, segments, transcript


def test_the_segments_of_an_utterance_are_one_transcript() -> None:
    whole = transcript()
    assert whole.count == 2000
    assert whole.sentences == (
        Sentence("Héy “you”!", 0, 10, 0, 1200),
        Sentence("Bye.", 10, 15, 1200, 800),
    )
    assert whole.words[2] == WordSpan("Bye", 11, 14, 1250, 450, 2)
    assert [TEXT[word.begin : word.end] for word in whole.words] == ["Héy", "you", "Bye"]
    assert whole.phonemes[-2] == PhonemeSpan("ˈaɪ", 1300, 400, 2)
    assert whole.phonemes[-1] == PhonemeSpan(".", 1700, 300, -1)


def test_what_a_segment_does_not_carry_is_not_in_it() -> None:
    bare = [
        structs.replace(segment, words=UNSET, phonemes=UNSET, visemes={}) for segment in segments()
    ]
    found = transcript_of(bare, TEXT, 1000)
    assert (found.words, found.phonemes, found.visemes, found.count) == ((), (), {}, 2000)


def test_no_segments_are_an_empty_transcript() -> None:
    assert transcript_of([], "", 22050).count == 0


def test_sets_without_names_are_left_out() -> None:
    found = transcript_of(segments(), TEXT, 1000, sets={"azure": SETS["azure"]})
    assert list(found.visemes) == ["azure"]


def test_a_set_that_is_not_there_is_reported_with_those_that_are() -> None:
    with pytest.raises(LipwireError, match=r"'mpeg4'.*rhubarb, preston_blair") as caught:
        transcript().track("mpeg4")
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_neighbours_of_the_same_shape_are_one_cue() -> None:
    spans = (VisemeSpan(0, 0, 5, 255), VisemeSpan(1, 5, 3, 100), VisemeSpan(1, 8, 2, 255))
    assert list(Track(("X", "A"), spans).cues()) == [Cue("X", 0, 5), Cue("A", 5, 10)]
    assert list(Track(("X", "A"), ()).cues()) == []
    apart = (VisemeSpan(1, 0, 5, 255), VisemeSpan(1, 8, 2, 255))
    assert len(list(Track(("X", "A"), apart).cues())) == 2
