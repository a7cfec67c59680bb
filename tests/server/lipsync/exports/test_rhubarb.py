import json
from dataclasses import replace
from xml.etree import ElementTree

from lipwire_server.lipsync.exports.rhubarb import rhubarb_json, rhubarb_tsv, rhubarb_xml
from lipwire_server.lipsync.exports.transcript import Track, Transcript
from lipwire_server.speech.port import VisemeSpan
from tests.server.lipsync.exports.utterances import SETS, transcript

CUES = [
    (0.0, 0.05, "X"), (0.05, 0.3, "C"), (0.3, 0.6, "F"), (0.6, 1.25, "X"), (1.25, 1.3, "A"),
    (1.3, 1.7, "C"), (1.7, 2.0, "X"),
]  # fmt: skip

NASTY = 'a "b" <c> & \\d\n\x01.wav'


def test_tsv_has_a_line_for_every_shape_and_one_for_the_end() -> None:
    assert rhubarb_tsv(transcript()) == (
        "0.00\tX\n0.05\tC\n0.30\tF\n0.60\tX\n1.25\tA\n1.30\tC\n1.70\tX\n2.00\tX\n"
    )


def test_json_is_laid_out_as_rhubarb_does() -> None:
    written = rhubarb_json(transcript("/a.wav"))
    assert written.startswith(
        '{\n  "metadata": {\n    "soundFile": "/a.wav",\n    "duration": 2.00\n  },\n'
        '  "mouthCues": [\n    { "start": 0.00, "end": 0.05, "value": "X" },\n'
    )
    cues = json.loads(written)["mouthCues"]
    assert [(cue["start"], cue["end"], cue["value"]) for cue in cues] == CUES


def test_xml_is_laid_out_as_rhubarb_does() -> None:
    written = rhubarb_xml(transcript("/a.wav"))
    assert written.startswith(
        '<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult>\n  <metadata>\n'
        "    <soundFile>/a.wav</soundFile>\n    <duration>2.00</duration>\n  </metadata>\n"
        '  <mouthCues>\n    <mouthCue start="0.00" end="0.05">X</mouthCue>\n'
    )
    root = ElementTree.fromstring(written)
    assert [
        (float(cue.attrib["start"]), float(cue.attrib["end"]), cue.text)
        for cue in root.iter("mouthCue")
    ] == CUES


def test_names_of_files_are_escaped() -> None:
    assert json.loads(rhubarb_json(transcript(NASTY)))["metadata"]["soundFile"] == NASTY
    root = ElementTree.fromstring(rhubarb_xml(transcript(NASTY)))
    assert root.findtext("metadata/soundFile") == NASTY.replace("\x01", "\ufffd")


def test_shapes_that_are_no_hundredth_long_leave_their_time_to_their_neighbours() -> None:
    spans = (VisemeSpan(8, 0, 104, 255), VisemeSpan(0, 104, 1, 255), VisemeSpan(2, 105, 95, 255))
    whole = Transcript(
        text="", sample_rate=10_000, count=200, visemes={"rhubarb": Track(SETS["rhubarb"], spans)}
    )
    assert rhubarb_tsv(whole) == "0.00\tX\n0.01\tC\n0.02\tX\n"


def test_without_speech_the_mouth_is_closed() -> None:
    empty = replace(transcript(), count=0, visemes={"rhubarb": Track(SETS["rhubarb"], ())})
    assert rhubarb_tsv(empty) == "0.00\tX\n"
    assert '    { "start": 0.00, "end": 0.00, "value": "X" }\n' in rhubarb_json(empty)
    assert '<mouthCue start="0.00" end="0.00">X</mouthCue>' in rhubarb_xml(empty)
