"""API keys and the short-lived tokens that are made with them.

A key is 256 random bits behind a mark by which scanners of secrets and people know it. Of it, the
server keeps a SHA-256: nobody guesses 256 bits, so a slow hash would only slow down who has it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import jwt

from lipwire_protocol import ErrorCode, LipwireError

from ..store.keys import StoredKey
from .scopes import Scope, is_within, known_scopes

__all__ = [
    "LONGEST_TOKEN",
    "Guest",
    "Keys",
    "hash_of",
    "new_key",
    "new_token",
    "shown_key",
    "token_scopes",
]

_MARK: Final = "lipwire_"
_BYTES: Final = 32
_ALGORITHM: Final = "HS256"
_AUDIENCE: Final = "lipwire"
_LEEWAY: Final = timedelta(seconds=10)
"""Clocks of two machines differ."""

_NO_TOKEN: Final = (
    jwt.InvalidTokenError,
    *(ValueError, KeyError, TypeError, AttributeError, OverflowError),
)
"""What comes of reading something that was never one."""

LONGEST_TOKEN: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Guest:
    """Who came in."""

    key: StoredKey
    scopes: frozenset[Scope]
    by_token: bool = False


def new_key() -> str:
    return _MARK + secrets.token_urlsafe(_BYTES)


def hash_of(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def shown_key(headers: Mapping[str, str]) -> str | None:
    """What stands after `Authorization: Bearer`."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else None


def token_scopes(wished: Collection[Scope] | None, key: StoredKey) -> tuple[Scope, ...]:
    """What a token may be good for: without a wish, for speaking alone, or else for watching.

    Raises LipwireError (`forbidden`) for more than the key is.
    """
    known = known_scopes(key.scopes)
    usual = Scope.WATCH if Scope.WATCH in known and Scope.SPEAK not in known else Scope.SPEAK
    scopes = tuple(wished) if wished else (usual,)
    beyond = [scope for scope in scopes if not is_within(scope, known)]
    if beyond:
        raise LipwireError(ErrorCode.FORBIDDEN, f"this key cannot {beyond[0]}, nor can its tokens")
    return scopes


def new_token(key: StoredKey, scopes: Iterable[Scope], now: datetime, ends: datetime) -> str:
    """A JSON Web Token that is good for those scopes until then, or until the key is revoked."""
    claims = {"aud": _AUDIENCE, "iat": now, "exp": ends, "scopes": list(scopes)}
    return jwt.encode(claims, key.token_secret, _ALGORITHM, headers={"kid": str(key.id)})


class Keys:
    """The keys that are in use, at one moment."""

    def __init__(self, keys: Iterable[StoredKey] = ()) -> None:
        keys = list(keys)
        self._by_hash = {key.hash: key for key in keys}
        self._by_id = {key.id: key for key in keys}

    def __len__(self) -> int:
        return len(self._by_hash)

    def __contains__(self, id: UUID) -> bool:
        return id in self._by_id

    def guest(self, shown: str, now: datetime) -> Guest | None:
        """Whose key or token that is; None where it is nobody's, or out of date."""
        return self._by_key(shown, now) if shown.startswith(_MARK) else self._by_token(shown, now)

    def _by_key(self, shown: str, now: datetime) -> Guest | None:
        hashed = hash_of(shown)
        key = self._by_hash.get(hashed)
        if key is None or not hmac.compare_digest(key.hash, hashed) or _is_over(key, now):
            return None
        return Guest(key, known_scopes(key.scopes))

    def _by_token(self, shown: str, now: datetime) -> Guest | None:
        try:
            key = self._by_id.get(UUID(jwt.get_unverified_header(shown).get("kid")))
            if key is None or _is_over(key, now):
                return None
            claims = jwt.decode(
                shown,
                key.token_secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                # The time is an argument here, as everywhere.
                options={"require": ["exp", "aud"], "verify_exp": False, "verify_iat": False},
            )
            scopes = frozenset(map(Scope, claims["scopes"]))
            ends = datetime.fromtimestamp(claims["exp"], now.tzinfo)
        except _NO_TOKEN:
            return None
        if ends + _LEEWAY < now or ends > now + LONGEST_TOKEN + _LEEWAY:
            return None
        theirs = known_scopes(key.scopes)
        scopes = frozenset(scope for scope in scopes if is_within(scope, theirs))
        return Guest(key, scopes, by_token=True)


def _is_over(key: StoredKey, now: datetime) -> bool:
    return key.expires_at is not None and key.expires_at <= now
