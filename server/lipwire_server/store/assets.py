"""Uploads: what people gave, under a name of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from . import blobs
from .errors import missing
from .files import BlobStore, Content
from .pool import Database

__all__ = ["NewAsset", "StoredAsset", "add_asset", "delete_asset", "get_asset", "list_assets"]

_SELECT = """
    SELECT id, kind, filename, asset.sha256, byte_count, media_type, meta, asset.created_at,
           asset.updated_at
    FROM asset JOIN blob USING (sha256)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsset:
    id: UUID
    kind: str
    """`image` or `audio`."""
    filename: str
    media_type: str
    meta: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAsset:
    id: UUID
    kind: str
    filename: str
    sha256: bytes
    byte_count: int
    media_type: str
    meta: bytes
    """As JSON."""
    created_at: datetime
    updated_at: datetime


async def add_asset(
    database: Database, files: BlobStore, draft: Path, content: Content, asset: NewAsset
) -> StoredAsset:
    """Keeps the draft, and the asset that it is.

    Raises what `Database.connection` and `BlobStore` raise, as all functions here do.
    """
    async with database.connection() as connection, connection.transaction():
        await blobs.keep(connection, files, draft, content, asset.media_type)
        await connection.execute(
            "INSERT INTO asset (id, kind, filename, sha256, meta) VALUES ($1, $2, $3, $4, $5)",
            asset.id,
            asset.kind,
            asset.filename,
            content.sha256,
            msgspec.json.encode(asset.meta).decode(),
        )
        row = await connection.fetchrow(f"{_SELECT} WHERE id = $1", asset.id)
    assert row is not None
    return _asset(row)


async def get_asset(database: Database, id: UUID) -> StoredAsset:
    """Raises LipwireError `not_found` where there is none, or it was deleted."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"{_SELECT} WHERE id = $1 AND deleted_at IS NULL", id)
    if row is None:
        raise missing("asset")
    return _asset(row)


async def list_assets(
    database: Database, *, after: UUID | None = None, limit: int = 50
) -> list[StoredAsset]:
    """Up to `limit` assets, the newest first, beginning behind `after`."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"""
            {_SELECT} WHERE deleted_at IS NULL AND ($1::uuid IS NULL OR id < $1)
            ORDER BY id DESC LIMIT $2
            """,
            after,
            limit,
        )
    return [_asset(row) for row in rows]


async def delete_asset(database: Database, id: UUID) -> None:
    """Nobody sees it from now on; its file goes with the row, later.

    Raises LipwireError `not_found` where there is none, or it was deleted before.
    """
    async with database.connection() as connection:
        found = await connection.fetchval(
            "UPDATE asset SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL RETURNING id",
            id,
        )
    if found is None:
        raise missing("asset")


def _asset(row: asyncpg.Record) -> StoredAsset:
    return StoredAsset(**{**row, "meta": row["meta"].encode()})
