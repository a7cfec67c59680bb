"""Opening utterances and taking them up; what is heard then is in test_resuming."""

from lipwire_protocol import (
    EndReason,
    Hello,
    Limits,
    Position,
    Speak,
    UtteranceState,
)
from lipwire_server.face.cast import Cast
from lipwire_server.session.credit import Credit
from lipwire_server.session.memory import Memory
from lipwire_server.session.terms import agree
from lipwire_server.session.utterances import Utterances
from tests.fakes import VOICE

TERMS = agree(Hello(), [VOICE], VOICE.name, Cast("tiny", {"tiny": 64}), Limits())


class Told:
    def __init__(self, *texts: str) -> None:
        self.memory = Memory(TERMS)
        for number, text in enumerate(texts, 1):
            self.memory.say(Speak(utterance=number, text=text, end=True))
        self.credit = Credit(TERMS.flow, TERMS.rate, lambda: 0)
        self.utterances = Utterances(self.memory, Limits(), self.credit, lambda: 0)


def position(utterance: int, span: tuple[int, int], start: int, sample: int) -> Position:
    return Position(utterance=utterance, segment=0, span=span, start=start, sample=sample)


def test_an_utterance_that_is_open_takes_text_and_those_before_it_do_not() -> None:
    told = Told()
    told.utterances.open(3)
    assert [told.utterances.is_closed(number) for number in (2, 3, 4)] == [True, False, False]
    told.utterances.active[3].close()
    assert told.utterances.is_closed(3)


def test_the_next_place_is_where_nothing_is_decided_yet() -> None:
    told = Told()
    assert told.utterances.next_place == (0, 0)
    utterance = told.utterances.open(3)
    assert told.utterances.next_place == (3, 0)
    utterance.begun = True
    assert told.utterances.next_place == (3, 1)
    told.utterances.clear()
    assert told.utterances.next_place == (4, 0)


def test_what_has_not_ended_is_opened_with_its_text() -> None:
    told = Told("Hello.", "Good bye.")
    told.memory.end(1, EndReason.DONE, 700)
    told.utterances.restore(None, ())
    (utterance,) = told.utterances.all
    assert (utterance.number, utterance.text, utterance.open) == (2, "Good bye.", False)
    assert utterance.state is UtteranceState.QUEUED
    assert told.credit.sent == 700


def test_one_that_was_begun_stands_where_its_listener_is() -> None:
    told = Told("Hello. Good bye.", "More.")
    told.utterances.restore(position(1, (0, 6), 0, 250), ())
    first, second = told.utterances.all
    assert (first.state, first.sent, first.waiting) == (UtteranceState.SPEAKING, 250, 15)
    assert second.state is UtteranceState.QUEUED
    assert (told.credit.sent, told.credit.heard) == (250, 250)
    assert told.utterances.next_place == (1, 1)


def test_one_whose_text_is_still_to_come_stands_there_once_it_comes() -> None:
    told = Told()
    told.utterances.restore(position(5, (0, 6), 0, 250), ())
    assert told.utterances.all == []
    assert told.utterances.is_closed(4)
    utterance = told.utterances.open(5)
    assert (utterance.state, utterance.sent) == (UtteranceState.SPEAKING, 250)


def test_replays_are_counted_apart_from_what_waits() -> None:
    told = Told("Hello. Good bye.")
    told.memory.replay(2, 1, 0, told.memory)
    told.utterances.reopen(2)
    assert (told.utterances.waiting, told.utterances.replayed) == (0, 16)
