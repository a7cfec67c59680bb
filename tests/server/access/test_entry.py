import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.access.entry import Entry
from lipwire_server.access.scopes import Scope
from tests.server.access.keys import Cupboard, stored


async def test_the_first_message_goes_before_the_handshake() -> None:
    gate = Cupboard(stored()).gate()
    await Entry(gate, "lipwire_wrong").admit("lipwire_ours")
    await Entry(gate, "lipwire_ours").admit(None)
    with pytest.raises(LipwireError):
        await Entry(gate, "lipwire_ours").admit("lipwire_wrong")


async def test_who_leaves_makes_room_for_another() -> None:
    gate = Cupboard(stored(connections=1)).gate()
    first, second = Entry(gate), Entry(gate)
    await first.admit("lipwire_ours")
    with pytest.raises(LipwireError) as caught:
        await second.admit("lipwire_ours")
    assert caught.value.code is ErrorCode.RATE_LIMITED
    second.leave()
    first.leave()
    first.leave()
    await second.admit("lipwire_ours")


async def test_what_is_said_is_counted_for_the_key() -> None:
    gate = Cupboard(stored(characters_per_minute=10)).gate()
    first, second = Entry(gate), Entry(gate)
    await first.admit("lipwire_ours")
    await second.admit("lipwire_ours")
    first.charge(11)
    with pytest.raises(LipwireError):
        second.charge(1)


async def test_what_is_spoken_again_is_counted_for_the_key() -> None:
    entry = Entry(Cupboard(stored(characters_per_minute=10)).gate())
    await entry.admit("lipwire_ours")
    entry.check_again()
    entry.owe_again(11)
    for refused in (entry.check_again, lambda: entry.charge(1)):
        with pytest.raises(LipwireError):
            refused()


async def test_it_names_the_key_that_was_shown() -> None:
    key = stored()
    entry = Entry(Cupboard(key).gate())
    assert entry.key is None
    await entry.admit("lipwire_ours")
    assert entry.key == str(key.id)
    entry.leave()
    assert entry.key is None


async def test_nobody_is_welcome_with_a_key_that_was_revoked() -> None:
    cupboard = Cupboard(stored())
    entry = Entry(cupboard.gate())
    assert await entry.is_welcome_still()
    await entry.admit("lipwire_ours")
    cupboard.keys.clear()
    cupboard.clock.pass_(60)
    assert not await entry.is_welcome_still()


async def test_with_a_key_to_watch_nobody_speaks() -> None:
    gate = Cupboard(stored(scopes=("watch",))).gate()
    await Entry(gate).admit("lipwire_ours", Scope.WATCH)
    with pytest.raises(LipwireError, match="cannot speak; it can watch") as caught:
        await Entry(gate).admit("lipwire_ours")
    assert caught.value.code is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("scopes", [("read",), ("write",)])
async def test_nobody_watches_with_a_key_to_what_is_stored(scopes: tuple[str, ...]) -> None:
    with pytest.raises(LipwireError, match="cannot watch"):
        await Entry(Cupboard(stored(scopes=scopes)).gate()).admit("lipwire_ours", Scope.WATCH)
