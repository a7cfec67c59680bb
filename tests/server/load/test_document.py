import json

from lipwire_server.load.document import document
from lipwire_server.load.thresholds import judge, read_thresholds
from tests.server.load.results import BEGAN, SECRET, TEXT, result


def test_all_of_a_test_is_told() -> None:
    ran = result(well=False)
    told = document(ran, judge(read_thresholds(["gaps>5"]), ran.tally), BEGAN)
    assert json.loads(json.dumps(told)) == told
    assert told["passed"] is False
    assert told["figures"]["first_sound_p95_ms"] == 309
    assert told["measured"]["faults"]["sound before its timing"] == 1
    assert told["measured"]["refused"] == {"overloaded": 3}
    assert told["moments"][4] == {
        "seconds": 2.0,
        "here": 4,
        "figures": ran.tally.glance(),
    }
    assert told["format"] == 1
    assert told["began"] == "2026-03-01T14:30:00+00:00"
    assert told["seconds"] == 10
    assert told["stopped"] is False
    assert told["doubts"] == []
    assert told["plan"]["people"] == {"speaker": 9, "dropper": 1}
    assert told["over_time"]["first_sound_ms"][3] == {
        "seconds": 3,
        "count": 20,
        "p50": 189,
        "p95": 198,
    }
    assert told["over_time"]["streamed_sound_ms"] == []
    assert told["plan"]["mix"] == {"speaker": 9, "dropper": 1}
    assert told["plan"]["texts"] == 1
    assert {"threshold": "gaps>5", "value": 1, "broken": False} in told["thresholds"]
    assert {"threshold": "lost>0", "value": 1, "broken": True} in told["thresholds"]


def test_neither_the_key_nor_the_texts_are_told() -> None:
    ran = result()
    text = json.dumps(document(ran, judge(read_thresholds([]), ran.tally), BEGAN))
    assert SECRET not in text
    assert TEXT not in text
    assert '"passed": true' in text
