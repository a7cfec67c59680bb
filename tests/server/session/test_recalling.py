from dataclasses import replace
from uuid import UUID

from lipwire_protocol import EndReason, Hello, Limits, Posed
from lipwire_server.face.cast import Cast
from lipwire_server.session.recalling import remembered
from lipwire_server.session.settings import stored
from lipwire_server.session.terms import agree
from lipwire_server.store.recollections import EndedUtterance, LoggedSession
from lipwire_server.store.records import SettingsRecord, SpeechRecord
from tests.fakes import VOICE

ID = UUID(int=1)
CAST = Cast("tiny", {"tiny": 64})


def settings(percent: int) -> bytes:
    return stored(agree(Hello(rate_percent=percent), [VOICE], VOICE.name, CAST, Limits()))


def spoken(sequence: int, number: int | None, utterance: int, text: str) -> SpeechRecord:
    return SpeechRecord(
        id=ID, sequence=sequence, number=number, utterance=utterance, text=text, is_last=False
    )


def test_what_was_told_comes_back_in_its_order() -> None:
    changed = SettingsRecord(
        id=ID, sequence=3, utterance=1, segment=2, voice=VOICE.name, settings=settings(150)
    )
    logged = LoggedSession(
        epoch=1,
        previous_sha256=bytes(32),
        voice=VOICE.name,
        settings=settings(100),
        entries=(
            spoken(1, 1, 1, "Hel"),
            spoken(2, 2, 1, "lo."),
            changed,
            spoken(4, None, 2, "Bye."),
        ),
        ended={
            number: EndedUtterance(id=ID, count=500, reason="interrupted", heard=300)
            for number in (1, 7)
        },
        clock=500,
        sequence=4,
    )
    memory = remembered(logged, [VOICE])
    assert memory.scripts[1].pieces == ["Hel", "lo."]
    assert memory.scripts[1].reason is EndReason.INTERRUPTED
    assert memory.scripts[1].heard == 300
    assert [script.terms.rate_percent for script in memory.scripts.values()] == [100, 150]
    assert [memory.terms_at(1, segment).rate_percent for segment in (1, 2)] == [100, 150]
    assert memory.received == (1, 2)
    assert memory.next_sequence() == 5
    assert memory.clock_before(1) == 500


def test_what_is_told_next_comes_after_all_of_it_and_the_face_looks_as_it_was_told_to() -> None:
    logged = LoggedSession(
        epoch=1,
        previous_sha256=bytes(32),
        voice=VOICE.name,
        settings=settings(100),
        entries=(),
        ended={},
        clock=0,
        sequence=9,
    )
    pose = b'{"emotion": "happy", "gaze": [1, 2], "head": [3, 4, 5]}'
    posed = remembered(replace(logged, pose=pose), [VOICE]).posed
    assert posed == Posed(emotion="happy", gaze=(1, 2), head=(3, 4, 5))
    assert remembered(logged, [VOICE]).posed is None
    # What is told next comes after what was not read, too: else it would not be stored.
    assert remembered(logged, [VOICE]).next_sequence() == 10
