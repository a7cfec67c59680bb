"""How many are here, from one address or with one key, and how much they have said."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError

from .bucket import Bucket
from .keys import Guest

__all__ = ["Visitors"]

_COMING_PER_S: Final = 10.0
_COMING_AT_ONCE: Final = 100.0
_LATER_MS: Final = 10_000
_SWEEP: Final = 1_000
"""Addresses and keys that are remembered before those that need not be are let go."""


class Visitors:
    """Counts sockets and characters. This machine's own address is not counted: whoever tests
    load comes from it, and so does a proxy that does not say for whom it comes. A network of IPv6,
    as every household has one, counts as an address."""

    def __init__(self, per_address: int, now: Callable[[], float]) -> None:
        """`per_address` sockets from one address; 0 is any number. `now` is in seconds."""
        self._per_address = per_address
        self._now = now
        self._here: Counter[Hashable] = Counter()
        self._with_key: Counter[Hashable] = Counter()
        self._coming = _Buckets(now)
        self._said = _Buckets(now)
        self._again = _Buckets(now)

    @contextmanager
    def coming_from(self, address: str | None) -> Iterator[None]:
        """One more socket. Raises LipwireError (`rate_limited`) where that is one too many."""
        if address is None or not self._per_address or _is_own(address):
            yield
            return
        address = _household(address)
        bucket = self._coming.of(address, _COMING_PER_S, _COMING_AT_ONCE)
        # Who is refused is not counted: he would shut out those beside him for longer and longer.
        if wait := bucket.wait(1, self._now()):
            raise _too_many("connections come too fast from this address", _ms(wait))
        if self._here[address] >= self._per_address:
            raise _too_many(
                f"there are {self._per_address} connections from this address already", _LATER_MS
            )
        bucket.take(1, self._now())
        self._here[address] += 1
        try:
            yield
        finally:
            _one_less(self._here, address)

    def enter(self, guest: Guest) -> None:
        """One more socket with a key. Raises LipwireError (`rate_limited`)."""
        most = guest.key.connections
        if most is not None and self._with_key[guest.key.id] >= most:
            raise _too_many(f"there are {most} connections with this key already", _LATER_MS)
        self._with_key[guest.key.id] += 1

    def leave(self, guest: Guest) -> None:
        _one_less(self._with_key, guest.key.id)

    def charge(self, guest: Guest | None, characters: int) -> None:
        """Counts what is to be spoken. Raises LipwireError (`rate_limited`) and counts nothing
        where the key has had its share: what is generated is counted, whatever the sockets."""
        bucket = self._bucket(guest, self._said)
        if guest is None or bucket is None:
            return
        if wait := bucket.wait(0, self._now()):
            a_minute = guest.key.characters_per_minute
            raise _too_many(f"this key may have {a_minute} characters a minute said", _ms(wait))
        bucket.take(characters, self._now())

    def owe(self, guest: Guest | None, characters: int) -> None:
        """Counts what is spoken already, whatever there was left."""
        if (bucket := self._bucket(guest, self._said)) is not None:
            bucket.take(characters, self._now())

    def check_again(self, guest: Guest | None) -> None:
        """Raises LipwireError (`rate_limited`) where the key has had spoken again what it may.

        What it has had said does not matter: a session that lost its connection could not wait.
        """
        bucket = self._bucket(guest, self._again)
        if guest is not None and bucket is not None and (wait := bucket.wait(0, self._now())):
            a_minute = guest.key.characters_per_minute
            text = f"this key may have {a_minute} characters a minute spoken again"
            raise _too_many(text, _ms(wait))

    def owe_again(self, guest: Guest | None, characters: int) -> None:
        """Counts what is spoken a second time: it is said, too."""
        self.owe(guest, characters)
        if (bucket := self._bucket(guest, self._again)) is not None:
            bucket.take(characters, self._now())

    def _bucket(self, guest: Guest | None, buckets: "_Buckets") -> Bucket | None:
        """Of what a key may have said; None where that is any number of characters."""
        if guest is None or (a_minute := guest.key.characters_per_minute) is None:
            return None
        return buckets.of(guest.key.id, a_minute / 60, a_minute)


class _Buckets:
    """One for each address or key. Those that are full again tell nothing, and are let go when
    there are twice as many as were left the last time."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._of: dict[Hashable, Bucket] = {}
        self._most = _SWEEP

    def __len__(self) -> int:
        return len(self._of)

    def of(self, who: Hashable, per_s: float, at_once: float) -> Bucket:
        bucket = self._of.get(who)
        if bucket is None:
            self._sweep()
            bucket = self._of[who] = Bucket(per_s, at_once, self._now())
        return bucket

    def _sweep(self) -> None:
        if len(self._of) < self._most:
            return
        now = self._now()
        self._of = {who: bucket for who, bucket in self._of.items() if not bucket.is_full(now)}
        self._most = max(_SWEEP, 2 * len(self._of))


def _is_own(address: str) -> bool:
    try:
        return ip_address(_plain(address)).is_loopback
    except ValueError:
        return False


def _household(address: str) -> str:
    """Whoever has one address of IPv6 has 2^64 of them: they count as one."""
    try:
        numbered = ip_address(_plain(address))
    except ValueError:
        return address
    if isinstance(numbered, IPv6Address):
        return str(IPv6Network((int(numbered), 64), strict=False))
    return str(numbered)


def _plain(address: str) -> str:
    """Without its zone, and as IPv4 where it is one in IPv6's clothes."""
    return address.partition("%")[0].lower().removeprefix("::ffff:")


def _one_less(counter: Counter[Hashable], who: Hashable) -> None:
    counter[who] -= 1
    if not counter[who]:
        del counter[who]


def _too_many(text: str, retry_after_ms: int) -> LipwireError:
    return LipwireError(ErrorCode.RATE_LIMITED, text, retry_after_ms=retry_after_ms)


def _ms(seconds: float) -> int:
    return int(seconds * 1000) + 1
