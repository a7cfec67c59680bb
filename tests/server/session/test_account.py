"""What is noted of a session, and where somebody who comes to watch it begins."""

import pytest

from lipwire_protocol import (
    EndReason,
    ErrorCode,
    Hello,
    Interrupted,
    Ledger,
    Limits,
    LipwireError,
    Posed,
    Segment,
)
from lipwire_server.face.cast import Cast
from lipwire_server.session import account as module
from lipwire_server.session.account import Account, Cursor, Passage
from lipwire_server.session.terms import agree
from lipwire_server.speech.text.segment import Segment as Text
from tests.fakes import VOICE

TERMS = agree(Hello(), [VOICE], VOICE.name, Cast("face", {"face": 512}), Limits())


class Follower:
    def __init__(self) -> None:
        self.noticed = 0
        self.stopped: list[int] = []
        self.posed: list[Posed] = []

    def notice(self) -> None:
        self.noticed += 1

    def stop(self, passage: Passage) -> None:
        self.stopped.append(passage.number)

    def pose(self, posed: Posed) -> None:
        self.posed.append(posed)


def say(account: Account, utterance: int, segment: int, *, begin: int = 0) -> None:
    message = Segment(
        utterance=utterance,
        segment=segment,
        start=100 * segment,
        count=100,
        text="word",
        span=(5 * segment, 5 * segment + 4),
        visemes={},
        ledger=Ledger(received=0, queued=0, phonemized=0, encoded=0),
    )
    account.say(message, Text("word", 5 * segment, 5 * segment + 4), TERMS, begin)


def interrupted(utterance: int) -> Interrupted:
    return Interrupted(
        utterance=utterance, heard=10, sent=100, text_spoken="", text_remaining="", character=0
    )


def test_what_is_spoken_a_second_time_is_noted_once() -> None:
    account = Account(TERMS)
    for segment in (0, 1, 0, 1, 2):
        say(account, 1, segment)
    assert [line.segment for line in account.passages[1].lines] == [0, 1, 2]
    account.end(1, EndReason.DONE)
    account.end(1, EndReason.ERROR)
    say(account, 1, 3)
    assert account.passages[1].reason is EndReason.DONE
    assert account.passages[1].last_segment == 2


class Purse:
    key = None

    def __init__(self) -> None:
        self.owed: list[int] = []

    def check_again(self) -> None:
        pass

    def owe_again(self, characters: int) -> None:
        self.owed.append(characters)


def paid(account: Account) -> list[int]:
    account.payer = purse = Purse()
    return purse.owed


def test_what_is_spoken_a_second_time_is_paid_for() -> None:
    account = Account(TERMS)
    owed = paid(account)
    say(account, 1, 0)
    say(account, 1, 1)
    assert owed == []
    account.end(1, EndReason.ERROR)
    say(account, 1, 1)
    say(account, 1, 2)
    assert owed == [4]
    say(account, 1, 0)
    assert owed == [4, 4]


def test_what_was_said_to_another_process_is_paid_for_here() -> None:
    account = Account(TERMS)
    account.elsewhere = {1: 7}
    owed = paid(account)
    for segment in range(3):
        say(account, 1, segment)
    say(account, 2, 0)
    assert owed == [4, 2]


def test_what_was_forgotten_or_recalled_was_spoken_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PASSAGES", 2)
    account = Account(TERMS)
    for utterance in range(1, 5):
        say(account, utterance, 0)
        account.end(utterance, EndReason.DONE)
    owed = paid(account)
    say(account, 1, 0)
    assert owed == [4]
    account = Account(TERMS, is_whole=False)
    account.recall([Passage(1, reason=EndReason.DONE)])
    owed = paid(account)
    say(account, 1, 0)
    assert owed == [4]


def test_a_segment_that_failed_is_noted_in_its_place() -> None:
    account = Account(TERMS)
    say(account, 1, 0)
    account.fail(1, LipwireError(ErrorCode.SYNTHESIS_FAILED, "no"))
    say(account, 1, 1)
    kinds = [type(item).__name__ for item in account.passages[1].items]
    assert kinds == ["Line", "LipwireError", "Line"]


def test_of_a_replay_it_is_noted_where_it_begins() -> None:
    account = Account(TERMS)
    say(account, 2, 1, begin=130)
    assert account.passages[2].begin == 130


def test_of_what_never_had_its_turn_no_interrupt_is_told() -> None:
    account, follower = Account(TERMS), Follower()
    account.join(follower)
    account.stop(interrupted(4))
    account.begin(5)
    account.stop(interrupted(5))
    account.stop(interrupted(5))
    assert follower.stopped == [5]
    assert account.passages[5].reason is EndReason.INTERRUPTED


def test_a_follower_is_told_until_it_leaves() -> None:
    account, follower = Account(TERMS), Follower()
    account.join(follower)
    account.begin(1)
    say(account, 1, 0)
    account.pose(Posed(emotion="happy", gaze=(0, 0), head=(0, 0, 0)))
    assert (follower.noticed, len(follower.posed)) == (2, 1)
    account.leave(follower)
    account.close()
    assert follower.noticed == 2


@pytest.mark.parametrize(
    ("hearing", "begin"),
    [
        ((1, 0), Cursor(1, 0, 0)),
        ((1, 150), Cursor(1, 1, 50)),
        ((1, 200), Cursor(1, 2)),
        ((7, 0), Cursor(1, 2)),
        (None, Cursor(1, 2)),
    ],
)
def test_live_is_where_the_one_who_speaks_is(
    hearing: tuple[int, int] | None, begin: Cursor
) -> None:
    account = Account(TERMS)
    say(account, 1, 0)
    say(account, 1, 1)
    account.hearing = lambda: hearing
    assert account.now() == begin
    assert begin.at_start().sample == 0


def test_between_utterances_the_next_one_is_the_first() -> None:
    account = Account(TERMS)
    assert account.now() == Cursor(-1)
    say(account, 3, 0)
    account.end(3, EndReason.DONE)
    assert account.now() == Cursor(3)
    account.hearing = lambda: (3, 50)
    assert account.now() == Cursor(3, 0, 50)
    account.stop(interrupted(3))
    assert account.now() == Cursor(3)


def test_a_pause_holds_what_has_not_ended() -> None:
    account = Account(TERMS)
    first, second = account.begin(1), account.begin(2)
    account.hold(1, paused=True)
    assert (account.is_held(first), account.is_held(second)) == (True, False)
    account.hold(1, paused=False)
    account.hold(None, paused=True)
    account.end(1, EndReason.DONE)
    assert (account.is_held(first), account.is_held(second)) == (False, True)
    account.release()
    assert not account.is_held(second)


def test_what_ended_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PASSAGES", 2)
    account = Account(TERMS)
    for number in range(1, 5):
        say(account, number, 0)
        account.end(number, EndReason.DONE)
    assert list(account.passages) == [3, 4]
    assert (account.forgotten, account.is_whole) == (2, False)
    assert account.beginning() == Cursor(2)


def test_what_was_stored_comes_before_what_is_here() -> None:
    account = Account(TERMS, is_whole=False)
    say(account, 5, 0)
    account.recall([Passage(1, reason=EndReason.DONE), Passage(5, reason=EndReason.ERROR)])
    assert list(account.passages) == [1, 5]
    assert account.passages[5].reason is None
    assert account.is_whole


def test_what_was_stored_without_having_had_its_turn_comes_after_what_is_spoken_here() -> None:
    account = Account(TERMS, is_whole=False)
    say(account, 1, 0)
    account.recall([Passage(2, reason=EndReason.INTERRUPTED)])
    assert list(account.passages) == [1, 2]


def test_what_is_over_has_ended() -> None:
    account = Account(TERMS)
    account.begin(1)
    account.close()
    assert account.is_over
    assert account.passages[1].reason is EndReason.ERROR
