import itertools
from typing import get_args

import pytest

from lipwire_protocol import (
    Bye,
    ClientMessage,
    Configure,
    Hello,
    Interrupt,
    LipwireError,
    Ping,
    Played,
    Pose,
    SessionState,
    Speak,
    Watch,
)
from lipwire_protocol.session import TRANSITIONS, advance


def test_the_table_names_only_known_states_and_messages() -> None:
    assert set(TRANSITIONS) <= set(itertools.product(SessionState, get_args(ClientMessage)))


def test_every_message_is_allowed_somewhere() -> None:
    assert {message for _, message in TRANSITIONS} == set(get_args(ClientMessage))


def test_text_before_hello_is_refused_with_the_remedy() -> None:
    with pytest.raises(LipwireError, match="say hello first") as caught:
        advance(SessionState.NEW, Speak(utterance=1, text="Hi."))
    assert caught.value.code == "bad_state"


def test_a_second_hello_is_refused() -> None:
    state = advance(SessionState.NEW, Hello())
    with pytest.raises(LipwireError):
        advance(state, Hello())


def test_after_bye_nothing_new_is_taken_but_a_ping_is_answered() -> None:
    state = advance(SessionState.OPEN, Bye())
    with pytest.raises(LipwireError):
        advance(state, Speak(utterance=2, text="One more thing."))
    assert advance(state, Ping()) is SessionState.FINISHING


def test_an_observer_watches() -> None:
    state = advance(SessionState.NEW, Watch(session="1", watch_secret="x"))
    assert state is SessionState.WATCHING
    assert advance(state, Played(utterance=1, sample=0)) is SessionState.WATCHING
    assert advance(state, Ping()) is SessionState.WATCHING


@pytest.mark.parametrize(
    "message", [Speak(utterance=1, text="I."), Interrupt(), Pose(), Configure(), Hello()]
)
def test_an_observer_may_change_nothing(message: ClientMessage) -> None:
    with pytest.raises(LipwireError, match="an observer may not say") as caught:
        advance(SessionState.WATCHING, message)
    assert caught.value.code == "forbidden"
