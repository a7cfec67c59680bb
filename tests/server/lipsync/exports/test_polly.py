import json
from dataclasses import replace

from lipwire_server.lipsync.exports.polly import polly_marks
from lipwire_server.speech.port import WordSpan
from tests.server.lipsync.exports.utterances import TEXT, transcript


def test_marks_are_in_time_and_offsets_are_bytes() -> None:
    assert polly_marks(transcript()) == (
        '{"time":0,"type":"sentence","start":0,"end":15,"value":"Héy “you”!"}\n'
        '{"time":0,"type":"viseme","value":"sil"}\n'
        '{"time":52,"type":"word","start":0,"end":4,"value":"Héy"}\n'
        '{"time":52,"type":"viseme","value":"e"}\n'
        '{"time":300,"type":"word","start":8,"end":11,"value":"you"}\n'
        '{"time":300,"type":"viseme","value":"u"}\n'
        '{"time":600,"type":"viseme","value":"sil"}\n'
        '{"time":1200,"type":"sentence","start":16,"end":20,"value":"Bye."}\n'
        '{"time":1250,"type":"word","start":16,"end":19,"value":"Bye"}\n'
        '{"time":1250,"type":"viseme","value":"p"}\n'
        '{"time":1300,"type":"viseme","value":"e"}\n'
        '{"time":1700,"type":"viseme","value":"sil"}\n'
    )


def test_every_value_is_what_its_bytes_say() -> None:
    for line in polly_marks(transcript()).splitlines():
        mark = json.loads(line)
        if mark["type"] != "viseme":
            own = TEXT.encode()[mark["start"] : mark["end"]]
            assert own.decode() == mark["value"]


def test_quotes_and_line_ends_stay_inside_their_line() -> None:
    text = 'a"\n\\b'
    odd = replace(transcript(), text=text, sentences=(), words=(WordSpan(text, 0, 5, 0, 1),))
    first = polly_marks(odd).splitlines()[0]
    assert json.loads(first)["value"] == text
