"""`/v1/config`: settings of the application that uses the server, by key."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from lipwire_protocol.errors import ErrorCode

from ..store import config as store
from ..store.storage import Storage
from .paging import Page, PageQuery, page, read_cursor
from .rest import Body, Call, Operation, When

__all__ = ["NewValue", "Setting", "operations"]

_AWAY = (ErrorCode.STORAGE_UNAVAILABLE,)
_KEYS = {"key": store.KEY}


class NewValue(Body):
    value: Annotated[Any, Meta(description="Any JSON.")]


class Setting(Struct, kw_only=True, frozen=True):
    """A value that the application keeps here."""

    key: str
    value: Annotated[Any, Meta(description="Any JSON.")]
    created_at: When
    updated_at: When


def operations(storage: Storage) -> list[Operation]:
    async def listed(call: Call) -> Page[Setting]:
        query: PageQuery = call.query
        after = read_cursor(query.after)
        rows = await store.list_settings(storage.asked(), after=after, limit=query.limit + 1)
        return page(rows, query.limit, key=lambda row: row.key, shown=_shown)

    async def get(call: Call) -> Setting:
        return _shown(await store.get_setting(storage.asked(), call.path["key"]))

    async def put(call: Call) -> Setting:
        asked: NewValue = call.body
        value = msgspec.json.encode(asked.value)
        return _shown(await store.put_setting(storage.asked(), call.path["key"], value))

    async def delete(call: Call) -> None:
        await store.delete_setting(storage.asked(), call.path["key"])

    return [
        Operation(
            method="GET",
            path="/v1/config",
            summary="All settings, by key",
            tag="config",
            handler=listed,
            query=PageQuery,
            answer=Page[Setting],
            errors=_AWAY,
        ),
        Operation(
            method="GET",
            path="/v1/config/{key}",
            summary="One setting",
            tag="config",
            handler=get,
            keys=_KEYS,
            answer=Setting,
            errors=_AWAY,
        ),
        Operation(
            method="PUT",
            path="/v1/config/{key}",
            summary="Set it, whether or not it was set",
            tag="config",
            handler=put,
            keys=_KEYS,
            body=NewValue,
            answer=Setting,
            errors=_AWAY,
        ),
        Operation(
            method="DELETE",
            path="/v1/config/{key}",
            summary="Forget it",
            tag="config",
            handler=delete,
            keys=_KEYS,
            errors=_AWAY,
        ),
    ]


def _shown(row: store.StoredSetting) -> Setting:
    return Setting(
        key=row.key,
        value=msgspec.json.decode(row.value),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
