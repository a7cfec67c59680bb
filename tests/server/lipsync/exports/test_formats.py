import re
from dataclasses import replace

import numpy as np
import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.visemes import SETS
from lipwire_server.lipsync.exports.formats import FORMATS, format_of
from lipwire_server.lipsync.exports.transcript import Weights
from tests.server.lipsync.exports.utterances import transcript


@pytest.mark.parametrize("name", FORMATS)
def test_a_transcript_with_what_a_format_asks_for_is_written(name: str) -> None:
    form = FORMATS[name]
    whole = transcript()
    visemes = {kept: whole.visemes[kept] for kept in form.visemes}
    values = np.zeros((3, 1), np.uint8)
    weights = (
        {form.weights[0]: Weights(("jawOpen",), form.weights[1], values)} if form.weights else {}
    )
    written = form.write(replace(whole, visemes=visemes, weights=weights))
    assert written.decode("utf-8").endswith("\n")


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.visemes])
def test_without_what_it_asks_for_it_is_not(name: str) -> None:
    with pytest.raises(LipwireError, match=re.escape(repr(FORMATS[name].visemes[0]))):
        FORMATS[name].write(replace(transcript(), visemes={}))


def test_the_sets_that_are_asked_for_exist() -> None:
    assert {name for form in FORMATS.values() for name in form.visemes} <= SETS.keys()


def test_no_suffix_is_of_two_formats() -> None:
    suffixes = [suffix for form in FORMATS.values() for suffix in form.suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("a.json", "json"),
        ("a.rhubarb.json", "rhubarb_json"),
        ("A.WORDS.VTT", "webvtt_words"),
        ("words.vtt", "webvtt"),
        ("/b.c/speech.dat", "moho"),
        ("x.marks", "polly"),
    ],
)
def test_the_longest_suffix_of_a_name_decides(file_name: str, name: str) -> None:
    assert format_of(file_name) is FORMATS[name]


def test_another_suffix_is_refused_with_all_that_there_are() -> None:
    with pytest.raises(LipwireError, match=r"'a\.docx'.*\.json .*\.srt") as caught:
        format_of("a.docx")
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_lone_surrogates_do_not_stop_a_file_from_being_written() -> None:
    odd = replace(transcript(), text="\ud800", words=(), sentences=())
    assert b'"text":"?"' in FORMATS["json"].write(odd)
