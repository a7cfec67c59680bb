import json

from lipwire_server.load.document import document
from lipwire_server.load.thresholds import judge, read_thresholds
from tests.server.load.results import SECRET, TEXT, result


def test_all_of_a_test_is_told() -> None:
    ran = result(well=False)
    told = document(ran, judge(read_thresholds(["gaps>5"]), ran.tally))
    assert json.loads(json.dumps(told)) == told
    assert told["passed"] is False
    assert told["figures"]["first_sound_p95_ms"] == 310
    assert told["measured"]["faults"]["sound before its timing"] == 1
    assert told["measured"]["refused"] == {"overloaded": 3}
    assert told["moments"][4] == {
        "seconds": 2.0,
        "here": 4,
        "figures": ran.tally.glance(),
    }
    assert told["seconds"] == 10
    assert told["plan"]["mix"] == {"speaker": 9, "dropper": 1}
    assert told["plan"]["texts"] == 1
    assert {"threshold": "gaps>5", "value": 1, "broken": False} in told["thresholds"]
    assert {"threshold": "lost>0", "value": 1, "broken": True} in told["thresholds"]


def test_neither_the_key_nor_the_texts_are_told() -> None:
    ran = result()
    text = json.dumps(document(ran, judge(read_thresholds([]), ran.tally)))
    assert SECRET not in text
    assert TEXT not in text
    assert '"passed": true' in text
