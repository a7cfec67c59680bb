from dataclasses import replace

import pytest

from lipwire_protocol import EndReason, Frames, Hello, Limits, Position, Speak
from lipwire_server.face.cast import Cast
from lipwire_server.session.memory import Memory
from lipwire_server.session.terms import Terms, agree
from tests.fakes import VOICE

TERMS = agree(Hello(), [VOICE], VOICE.name, Cast("tiny", {"tiny": 64}), Limits())


def faster(percent: int) -> Terms:
    return replace(TERMS, rate_percent=percent)


def said(*numbers: int) -> Memory:
    memory = Memory(TERMS)
    for number in numbers:
        memory.say(Speak(utterance=number, text="Hello.", end=True, number=number))
    return memory


def at(utterance: int, *, begun: bool = True) -> Position:
    span = (0, 6) if begun else (0, 0)
    return Position(utterance=utterance, segment=0, span=span, start=0, sample=0)


def unspoken(memory: Memory, position: Position | None) -> list[int]:
    return [number for number, _ in memory.unspoken(position)]


def test_the_text_of_an_utterance_is_kept_in_its_pieces() -> None:
    memory = Memory(TERMS)
    memory.say(Speak(utterance=3, text="Hel"))
    memory.say(Speak(utterance=3, text="lo.", end=True))
    script = memory.scripts[3]
    assert (script.pieces, script.text, script.complete) == (["Hel", "lo."], "Hello.", True)
    assert memory.highest == 3


def test_a_segment_has_the_terms_that_held_for_it() -> None:
    memory = Memory(TERMS)
    memory.change(faster(120), 1, 2)
    memory.change(faster(130), 3, 0)
    rates = {
        place: memory.terms_at(*place).rate_percent
        for place in [(0, 0), (1, 1), (1, 2), (1, 9), (2, 0), (3, 0), (9, 9)]
    }
    assert list(rates.values()) == [100, 100, 120, 120, 120, 130, 130]
    assert memory.terms.rate_percent == 130


def test_of_changes_at_one_place_the_last_holds_and_none_goes_back() -> None:
    memory = Memory(TERMS)
    assert memory.change(faster(120), 2, 0) == (2, 0)
    assert memory.change(faster(130), 2, 0) == (2, 0)
    assert memory.change(faster(140), 1, 0) == (2, 0)
    assert memory.terms_at(1, 9).rate_percent == 100
    assert memory.terms_at(2, 0).rate_percent == 140


def test_an_utterance_keeps_the_terms_that_it_was_opened_under() -> None:
    memory = said(1)
    memory.change(faster(120), 1, 1)
    memory.say(Speak(utterance=2, text="Hi."))
    assert memory.scripts[1].terms.rate_percent == 100
    assert memory.scripts[2].terms.rate_percent == 120


def test_frames_are_those_of_the_connection() -> None:
    memory = Memory(TERMS)
    memory.change(faster(120), 1, 0)
    memory.show(Frames(size=99), "eva")
    assert {memory.terms_at(n, 0).frames.size for n in (0, 1)} == {99}
    assert memory.terms_at(0, 0).rate_percent == 100


def test_a_number_is_received_once_its_text_is_safe() -> None:
    memory = said(1, 2)
    settled: list[int] = []
    memory.on_settled = settled.append
    assert memory.knows(1)
    assert not memory.is_settled(1)
    assert memory.received == ()
    memory.settle(1)
    assert settled == [1]
    assert list(memory.received) == [1]
    assert memory.is_settled(1)
    assert not memory.knows(3)


def test_without_a_position_what_has_not_ended_is_to_be_spoken() -> None:
    memory = said(1, 2, 3)
    memory.end(1, EndReason.DONE, 100)
    assert unspoken(memory, None) == [2, 3]


@pytest.mark.parametrize("begun", [False, True])
def test_with_a_position_what_comes_from_there_on_is_to_be_spoken(begun: bool) -> None:
    memory = said(1, 2, 3, 4, 5)
    for number, reason in enumerate((*[EndReason.DONE] * 3, EndReason.INTERRUPTED), 1):
        memory.end(number, reason, 100 * number)
    assert unspoken(memory, at(2, begun=begun)) == [2, 3, 5]
    assert unspoken(memory, at(4, begun=begun)) == [4, 5]
    assert unspoken(memory, at(6, begun=begun)) == []


def test_the_clock_stands_at_the_end_of_what_came_before() -> None:
    memory = said(1, 2, 3)
    memory.end(1, EndReason.DONE, 100)
    memory.end(2, EndReason.DONE, 250)
    assert [memory.clock_before(number) for number in (1, 2, 3)] == [0, 100, 250]
    assert Memory(TERMS, clock=70).clock_before(9) == 70


def test_what_ended_long_ago_is_let_go() -> None:
    memory = said(*range(1, 1_001))
    assert len(memory.scripts) == 1_000  # None of it has ended.
    for number in range(1, 1_001):
        memory.settle(number)
        memory.end(number, EndReason.DONE, 10 * number)
    memory.say(Speak(utterance=1_001, text="Hi.", number=1_001))
    assert list(memory.scripts) == list(range(746, 1_002))
    assert memory.received == tuple(range(746, 1_001))
    assert memory.clock_before(0) == 7_450


def test_much_text_is_let_go_sooner() -> None:
    memory = Memory(TERMS)
    for number in range(5):
        memory.say(Speak(utterance=number, text="x" * 200_000))
        memory.end(number, EndReason.DONE, 0)
    assert list(memory.scripts) == [2, 3, 4]


def test_text_in_many_pieces_takes_up_more_than_its_characters() -> None:
    whole, letters = Memory(TERMS), Memory(TERMS)
    whole.say(Speak(utterance=1, text="x" * 1_000))
    for _ in range(1_000):
        letters.say(Speak(utterance=1, text="x"))
    assert (whole.weight, letters.weight) == (1_100, 101_000)
    for number in range(2, 12):
        letters.end(number - 1, EndReason.DONE, 0)
        for _ in range(1_000):
            letters.say(Speak(utterance=number, text="x"))
    assert letters.weight <= 606_000
    assert letters.weight == sum(script.weight for script in letters.scripts.values())


def test_a_replay_sounds_like_what_it_says_again_and_is_shown_as_now() -> None:
    memory = said(1)
    memory.change(faster(150), 1, 2)
    memory.end(1, EndReason.DONE, 0)
    memory.change(faster(80), 2, 0)
    assert memory.replay(2, 1, 70, memory) == 1
    assert memory.replay(3, 2, 0, memory) == 1
    speeds = [
        memory.terms_at(number, segment).rate_percent for number in (2, 3) for segment in (0, 1, 2)
    ]
    assert speeds == [100, 100, 150] * 2
    assert (memory.terms.rate_percent, memory.scripts[2].begin) == (80, 70)
    assert memory.scripts[2].complete


def test_changes_before_what_is_kept_are_let_go_but_the_last_of_them() -> None:
    memory = Memory(TERMS)
    for number in range(600):
        memory.change(faster(50 + number % 150), number, 0)
        memory.say(Speak(utterance=number, text="Hi."))
        memory.end(number, EndReason.DONE, 0)
    assert len(memory._changes) <= 257
    assert memory.terms_at(599, 0).rate_percent == 50 + 599 % 150
    assert memory.terms_at(min(memory.scripts), 0).rate_percent == 50 + min(memory.scripts) % 150


def test_the_log_counts_on_from_where_it_was() -> None:
    memory = Memory(TERMS)
    assert [memory.next_sequence(), memory.next_sequence()] == [1, 2]
    memory.skip_to(10)
    memory.skip_to(7)
    assert memory.next_sequence() == 11
