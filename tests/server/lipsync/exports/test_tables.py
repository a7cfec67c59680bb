import csv
import io
from dataclasses import replace

from lipwire_server.lipsync.exports.tables import table_csv
from lipwire_server.speech.port import WordSpan
from tests.server.lipsync.exports.utterances import transcript


def test_words_phonemes_and_shapes_are_rows() -> None:
    rows = table_csv(transcript()).split("\r\n")
    assert rows[:3] == [
        "kind,set,value,from_s,to_s,begin,end,word,weight",
        "word,,Héy,0.052000,0.300000,0,3,,",
        "word,,you,0.300000,0.600000,5,8,,",
    ]
    assert "phoneme,ipa,ˈaɪ,1.300000,1.700000,,,2," in rows
    assert "phoneme,ipa,^,0.000000,0.052000,,,," in rows
    assert "viseme,polly,p,1.250000,1.300000,,,,1.000" in rows
    assert rows[-1] == ""


def test_commas_quotes_and_line_ends_come_back_as_they_were() -> None:
    text = 'a,"b"\nc'
    odd = replace(transcript(), words=(WordSpan(text, 0, 7, 0, 1),))
    rows = list(csv.DictReader(io.StringIO(table_csv(odd), newline="")))
    assert rows[0]["value"] == text
