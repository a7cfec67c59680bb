from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.access.keys import Guest
from lipwire_server.access.scopes import Scope
from lipwire_server.access.visitors import Visitors
from tests.server.access.keys import stored


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def guest(**named: Any) -> Guest:
    return Guest(stored(**named), frozenset(Scope))


def test_from_one_address_there_are_so_many_sockets_and_no_more() -> None:
    visitors = Visitors(2, Time())
    with ExitStack() as stack:
        first = stack.enter_context(visitors.coming_from("10.0.0.1"))
        assert first is None
        stack.enter_context(visitors.coming_from("10.0.0.1"))
        with pytest.raises(LipwireError) as caught:
            stack.enter_context(visitors.coming_from("10.0.0.1"))
        assert caught.value.code is ErrorCode.RATE_LIMITED
        assert caught.value.retry_after_ms
        stack.enter_context(visitors.coming_from("10.0.0.2"))
    with visitors.coming_from("10.0.0.1"):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", None])
def test_this_machine_itself_is_not_counted(address: str | None) -> None:
    visitors = Visitors(2, Time())
    with ExitStack() as stack:
        for _ in range(1_000):
            stack.enter_context(visitors.coming_from(address))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2001:db8::1", "2001:db8::ffff:2"),
        ("10.0.0.1", "::ffff:10.0.0.1"),
        ("fe80::1%a", "fe80::2"),
    ],
)
def test_the_addresses_of_one_household_count_as_one(first: str, second: str) -> None:
    visitors = Visitors(1, Time())
    with visitors.coming_from(first):
        with pytest.raises(LipwireError), visitors.coming_from(second):
            pass
        with visitors.coming_from("2001:db8:0:1::1"):
            pass


def test_who_comes_and_goes_all_the_time_is_told_when_to_come_back() -> None:
    time = Time()
    visitors = Visitors(1_000, time)
    for _ in range(100):
        with visitors.coming_from("10.0.0.1"):
            pass
    with pytest.raises(LipwireError, match="too fast") as caught, visitors.coming_from("10.0.0.1"):
        pass
    assert caught.value.retry_after_ms == 101
    time.now += 0.2
    with visitors.coming_from("10.0.0.1"):
        pass


def test_who_hammers_at_the_door_does_not_shut_it_for_those_beside_him() -> None:
    time = Time()
    visitors = Visitors(1_000, time)
    refused = 0
    for _ in range(10_000):
        try:
            with visitors.coming_from("10.0.0.1"):
                pass
        except LipwireError:
            refused += 1
    assert refused == 9_900
    time.now += 0.2
    with visitors.coming_from("10.0.0.1"):
        pass


def test_a_key_may_have_so_many_sockets() -> None:
    visitors, key = Visitors(0, Time()), guest(connections=1)
    visitors.enter(key)
    with pytest.raises(LipwireError, match="1 connections"):
        visitors.enter(key)
    visitors.leave(key)
    visitors.enter(key)


def test_a_key_may_have_so_much_said_on_whatever_sockets() -> None:
    time = Time()
    visitors, key = Visitors(0, time), guest(characters_per_minute=600)
    visitors.charge(key, 500)
    visitors.charge(key, 200)
    with pytest.raises(LipwireError, match="600 characters a minute") as caught:
        visitors.charge(key, 1)
    assert caught.value.retry_after_ms == pytest.approx(10_000, abs=1)
    time.now += timedelta(seconds=10).total_seconds()
    visitors.charge(key, 1)


def test_a_key_may_have_so_much_spoken_again() -> None:
    time = Time()
    visitors, key = Visitors(0, time), guest(characters_per_minute=600)
    visitors.check_again(key)
    visitors.owe_again(key, 700)
    with pytest.raises(LipwireError, match="600 characters a minute spoken again") as caught:
        visitors.check_again(key)
    assert caught.value.retry_after_ms == 10_001
    with pytest.raises(LipwireError):
        visitors.charge(key, 1)
    time.now += 10
    visitors.check_again(key)
    visitors.charge(key, 1)


def test_who_has_had_his_share_said_may_take_a_session_up() -> None:
    visitors, key = Visitors(0, Time()), guest(characters_per_minute=600)
    visitors.charge(key, 10_000)
    visitors.check_again(key)


def test_what_is_refused_is_not_counted() -> None:
    time = Time()
    visitors, key = Visitors(0, time), guest(characters_per_minute=60)
    visitors.charge(key, 61)
    for _ in range(100):
        with pytest.raises(LipwireError):
            visitors.charge(key, 1_000)
    time.now += 2
    visitors.charge(key, 1)


def test_who_has_no_key_or_no_limit_is_not_counted() -> None:
    visitors = Visitors(0, Time())
    visitors.charge(None, 10**9)
    visitors.charge(guest(), 10**9)


def test_a_newcomer_is_held_to_the_rate_however_many_are_remembered() -> None:
    visitors = Visitors(1_000, Time())
    for number in range(3_000):
        with visitors.coming_from(f"10.1.{number // 250}.{number % 250}"):
            pass
    came = 0
    with pytest.raises(LipwireError, match="too fast"):
        for _ in range(101):
            with visitors.coming_from("10.0.0.1"):
                came += 1
    assert came == 100


def test_addresses_are_forgotten() -> None:
    time = Time()
    visitors = Visitors(5, time)
    for number in range(5_000):
        time.now += 1
        with visitors.coming_from(f"10.0.{number // 250}.{number % 250}"):
            pass
    assert len(visitors._coming) <= 1_001
