"""`lipwire keys`: who may come in, how much they may have said, and until when."""

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TextIO

import uuid_utils.compat
from rich.text import Text

from lipwire_protocol import ErrorCode, LipwireError

from .access.keys import hash_of, new_key
from .access.scopes import Scope
from .config import Settings
from .opening import Place, opened
from .printing import console_of, plain_table, print_table
from .store.keys import StoredKey, add_key, list_keys, revoke_key
from .store.migrate import migrate
from .store.tables import applied_migrations, shipped_migrations

__all__ = ["add", "revoke", "show"]


async def add(
    settings: Settings,
    search_path: str,
    out: TextIO,
    err: TextIO,
    *,
    name: str,
    scopes: Sequence[Scope] = tuple(Scope),
    days: int | None = None,
    characters_per_minute: int | None = None,
    connections: int | None = None,
) -> None:
    """Makes a key and writes it to `out`: it is shown this once. Raises LipwireError."""
    if not 1 <= len(name) <= 100:
        raise LipwireError(ErrorCode.BAD_MESSAGE, "the name of a key has 1 to 100 characters")
    now = datetime.now(UTC)
    key = new_key()
    stored = StoredKey(
        id=uuid_utils.compat.uuid7(),
        name=name,
        hash=hash_of(key),
        token_secret=secrets.token_bytes(32),
        scopes=tuple(dict.fromkeys(scopes)),
        characters_per_minute=characters_per_minute,
        connections=connections,
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    async with opened(settings, search_path) as place:
        await _migrated(place)
        await add_key(place.connection, stored)
    out.write(f"{key}\n")
    err.write("Keep it: it is shown this once, and only a hash of it is stored.\n")


async def show(settings: Settings, search_path: str, out: TextIO, *, as_json: bool = False) -> None:
    """Writes what is known of all keys. Raises LipwireError."""
    async with opened(settings, search_path) as place:
        await _migrated(place)
        keys = await list_keys(place.connection)
    now = datetime.now(UTC)
    if as_json:
        out.write(f"{json.dumps([_told(key, now) for key in keys], indent=1)}\n")
    elif not keys:
        out.write("There are no keys; `lipwire keys add NAME` makes one.\n")
    else:
        _table(keys, now, out)


async def revoke(settings: Settings, search_path: str, out: TextIO, name: str) -> None:
    """Ends a key, its tokens, and within half a minute whoever came in with them.

    Raises LipwireError.
    """
    async with opened(settings, search_path) as place:
        await _migrated(place)
        key = await revoke_key(place.connection, name)
    out.write(f"{key.name} is revoked; who is in with it is out within half a minute\n")


async def _migrated(place: Place) -> None:
    if set(shipped_migrations()) - set(await applied_migrations(place.connection)):
        await migrate(place.dsn)


def _told(key: StoredKey, now: datetime) -> dict[str, object]:
    return {
        "id": str(key.id),
        "name": key.name,
        "state": _state(key, now),
        "scopes": list(key.scopes),
        "characters_per_minute": key.characters_per_minute,
        "connections": key.connections,
        "created_at": key.created_at.isoformat(timespec="seconds"),
        "expires_at": key.expires_at and key.expires_at.isoformat(timespec="seconds"),
    }


def _state(key: StoredKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "in use"


def _table(keys: Sequence[StoredKey], now: datetime, out: TextIO) -> None:
    grid = plain_table()
    for column in ("name", "state", "may", "characters/min", "sockets", "made", "expires", "id"):
        grid.add_column(column)
    for key in keys:
        cells = (
            key.name,
            _state(key, now),
            ", ".join(key.scopes),
            _or_any(key.characters_per_minute),
            _or_any(key.connections),
            f"{key.created_at:%Y-%m-%d}",
            "never" if key.expires_at is None else f"{key.expires_at:%Y-%m-%d}",
            str(key.id),
        )
        grid.add_row(*map(Text, cells))
    print_table(grid, console_of(out))


def _or_any(number: int | None) -> str:
    return "any" if number is None else str(number)
