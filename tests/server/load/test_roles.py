from collections import Counter

import pytest

from lipwire_protocol import LipwireError
from lipwire_server.load.roles import USUAL, Role, in_turn, read_mix


def test_a_mix_is_read() -> None:
    assert read_mix("idle=90,speaker=10") == {Role.IDLE: 90, Role.SPEAKER: 10}
    assert read_mix(" idle = 1 , slow=0") == {Role.IDLE: 1, Role.SLOW: 0}


@pytest.mark.parametrize(
    "text", ["", "idle", "idle=", "idle=-1", "idle=1.5", "nobody=5", "idle=1,,", "idle=1;speaker=2"]
)
def test_what_is_no_mix_is_told_with_what_one_is_like(text: str) -> None:
    with pytest.raises(LipwireError, match=r"idle=90,speaker=10, of idle, speaker"):
        read_mix(text)


def test_a_mix_of_nobody_is_none() -> None:
    with pytest.raises(LipwireError, match="nobody"):
        read_mix("idle=0,slow=0")


def test_the_roles_of_a_crowd_are_in_proportion_from_the_first_on() -> None:
    assert Counter(in_turn(USUAL, 100)) == USUAL
    some = Counter(in_turn(USUAL, 20))
    assert some[Role.IDLE] == 12
    assert some[Role.SPEAKER] == 4


def test_who_has_no_share_does_not_come() -> None:
    assert set(in_turn({Role.IDLE: 0, Role.SLOW: 3}, 7)) == {Role.SLOW}
