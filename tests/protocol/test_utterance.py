from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages import messages
from tests.vectors import load

from lipwire_protocol import (
    Chunk,
    EndReason,
    Error,
    Interrupted,
    LipwireError,
    ServerMessage,
    UtteranceEnded,
    UtteranceState,
    Warning,
    tag,
)
from lipwire_protocol.utterance import TRANSITIONS, advance


@given(st.lists(messages(get_args(ServerMessage)), max_size=12))
def test_a_walk_ends_in_a_listed_state_or_a_protocol_error(walk: list[ServerMessage]) -> None:
    state = UtteranceState.QUEUED
    for message in walk:
        allowed = TRANSITIONS.get((state, type(message)))
        if isinstance(message, Error | Warning):
            assert advance(state, message) is state
        elif allowed is None:
            with pytest.raises(LipwireError) as caught:
                advance(state, message)
            assert caught.value.code == "bad_state"
        else:
            state = advance(state, message)
            assert state is allowed


def test_after_interrupted_only_the_end_may_follow() -> None:
    after = {message for state, message in TRANSITIONS if state is UtteranceState.INTERRUPTED}
    assert after == {UtteranceEnded}


def test_audio_after_the_end_breaks_the_protocol() -> None:
    chunk = Chunk(utterance=1, segment=0, start=0, count=1, audio=b"\0\0")
    with pytest.raises(LipwireError, match="while the utterance is ended"):
        advance(UtteranceState.ENDED, chunk)


def test_an_utterance_can_be_interrupted_whatever_it_does() -> None:
    interrupted = Interrupted(
        utterance=1, heard=0, sent=0, text_spoken="", text_remaining="", character=0
    )
    ended = UtteranceEnded(utterance=1, count=0, reason=EndReason.INTERRUPTED)
    for state in (UtteranceState.QUEUED, UtteranceState.STARTED, UtteranceState.SPEAKING):
        assert advance(advance(state, interrupted), ended) is UtteranceState.ENDED


def test_every_state_is_reached_from_the_first() -> None:
    reached = {UtteranceState.QUEUED}
    for _ in UtteranceState:
        reached |= {after for (before, _), after in TRANSITIONS.items() if before in reached}
    assert reached == set(UtteranceState)


def test_the_javascript_client_has_the_same_table() -> None:
    table = [[s.value, tag(m), after.value] for (s, m), after in TRANSITIONS.items()]
    assert load("utterance") == {"transitions": table}
