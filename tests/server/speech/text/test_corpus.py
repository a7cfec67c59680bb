"""Hard cases for the end of a sentence, in many languages: `corpus.json`."""

import json
from pathlib import Path
from typing import Any

import pytest

from lipwire_server.speech.text.segmenter import Segmenter

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("corpus.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[f"{c['language']}-{i}" for i, c in enumerate(CASES)])
def test_sentences_are_found_in_all_languages(case: dict[str, Any]) -> None:
    sentences, joint = case["sentences"], case.get("by", " ")
    text = joint.join(sentences)
    assert [s.text for s in Segmenter().push(text, last=True)] == sentences
    # A sentence before it, so that none of it is cut at a clause while it arrives.
    letter_by_letter = Segmenter()
    found = [s for character in "Oh. \n\n" + text for s in letter_by_letter.push(character)]
    assert [s.text for s in found + letter_by_letter.flush()] == ["Oh.", *sentences]
