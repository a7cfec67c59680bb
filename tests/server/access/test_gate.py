import asyncio

import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.access.gate import is_welcome
from lipwire_server.access.scopes import Scope
from tests.server.access.keys import Cupboard, stored


async def test_where_no_key_is_asked_for_everybody_comes_in() -> None:
    cupboard = Cupboard()
    gate = cupboard.gate(locked=False)
    assert await gate.admit(None, Scope.WRITE) is None
    assert await gate.admit("whatever", Scope.WRITE) is None
    assert cupboard.looks == 0


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (None, ErrorCode.UNAUTHORIZED),
        ("lipwire_nobodys", ErrorCode.UNAUTHORIZED),
        ("lipwire_ours", ErrorCode.FORBIDDEN),
    ],
)
async def test_who_may_not_is_told_why(shown: str | None, code: ErrorCode) -> None:
    gate = Cupboard(stored(scopes=("read",))).gate()
    with pytest.raises(LipwireError) as caught:
        await gate.admit(shown, Scope.SPEAK)
    assert caught.value.code is code


async def test_the_keys_are_read_once_for_many() -> None:
    cupboard = Cupboard(stored())
    gate = cupboard.gate()
    await asyncio.gather(*(gate.admit("lipwire_ours", Scope.SPEAK) for _ in range(100)))
    assert cupboard.looks == 1


async def test_a_key_that_was_made_a_moment_ago_is_found() -> None:
    cupboard = Cupboard(stored())
    gate = cupboard.gate()
    await gate.admit("lipwire_ours", Scope.SPEAK)
    cupboard.keys.append(stored("lipwire_new", 2))
    cupboard.clock.pass_(2)
    assert await gate.admit("lipwire_new", Scope.SPEAK) is not None


async def test_a_key_that_was_made_while_the_keys_were_read_is_found() -> None:
    cupboard = Cupboard(stored())
    cupboard.takes_s = 2
    gate = cupboard.gate()
    await gate.admit("lipwire_ours", Scope.SPEAK)
    cupboard.keys.append(stored("lipwire_new", 2))
    assert await gate.admit("lipwire_new", Scope.SPEAK) is not None


async def test_guessing_does_not_ask_the_database_each_time() -> None:
    cupboard = Cupboard(stored())
    gate = cupboard.gate()
    for number in range(100):
        with pytest.raises(LipwireError):
            await gate.admit(f"lipwire_{number}", Scope.SPEAK)
    assert cupboard.looks == 1


async def test_a_key_that_was_revoked_is_good_for_twenty_seconds_at_most() -> None:
    cupboard = Cupboard(stored())
    gate = cupboard.gate()
    guest = await gate.admit("lipwire_ours", Scope.SPEAK)
    assert guest is not None
    cupboard.keys.clear()
    assert await gate.still_holds(guest)
    cupboard.clock.pass_(21)
    assert not await gate.still_holds(guest)
    with pytest.raises(LipwireError):
        await gate.admit("lipwire_ours", Scope.SPEAK)


async def test_while_the_database_is_away_the_keys_that_were_known_are_good() -> None:
    cupboard = Cupboard(stored())
    gate = cupboard.gate()
    guest = await gate.admit("lipwire_ours", Scope.SPEAK)
    assert guest is not None
    cupboard.away = True
    cupboard.clock.pass_(1_000)
    assert await gate.admit("lipwire_ours", Scope.SPEAK) is not None
    assert await gate.still_holds(guest)


async def test_before_any_key_could_be_read_nobody_is_turned_away_for_good() -> None:
    cupboard = Cupboard(stored())
    cupboard.away = True
    gate = cupboard.gate()
    with pytest.raises(LipwireError) as caught:
        await gate.admit("lipwire_ours", Scope.SPEAK)
    assert caught.value.code is ErrorCode.STORAGE_UNAVAILABLE
    cupboard.away = False
    assert await gate.admit("lipwire_ours", Scope.SPEAK) is not None


async def test_a_clock_that_was_put_back_does_not_keep_old_keys() -> None:
    cupboard = Cupboard(stored())
    gate = cupboard.gate()
    await gate.admit("lipwire_ours", Scope.SPEAK)
    cupboard.keys.clear()
    cupboard.clock.pass_(-86_400)
    with pytest.raises(LipwireError):
        await gate.admit("lipwire_ours", Scope.SPEAK)


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "welcome"),
    [
        (None, "speech.example", (), True),
        ("https://speech.example", "speech.example", (), True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", (), True),
        ("https://SPEECH.example", "speech.example", (), True),
        ("https://app.example", "speech.example", (), False),
        ("https://app.example", "speech.example", ("https://app.example",), True),
        ("http://app.example", "speech.example", ("https://app.example",), False),
        ("https://app.example.evil.example", "app.example", ("https://app.example",), False),
        ("https://speech.example:8443", "speech.example", (), False),
        ("null", "speech.example", (), False),
        ("null", "null", (), False),
        ("https://anybody.example", "speech.example", ("*",), True),
        ("https://speech.example", None, (), False),
    ],
)
def test_pages_of_other_sites_are_not_welcome_unless_they_are_named(
    origin: str | None, host: str | None, allowed: tuple[str, ...], welcome: bool
) -> None:
    assert is_welcome(origin, host, allowed) is welcome
