"""`/v1/presets`: looks to put on, and putting one on."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from lipwire_protocol.errors import ErrorCode

from ..store import presets as store
from ..store.presets import Preset
from ..store.storage import Storage
from .avatars import tagged_state, versions
from .paging import Page, PageQuery, page, read_id
from .rest import Body, Call, Operation, Tagged

__all__ = ["NewPreset", "PresetChange", "operations"]

_AWAY = ErrorCode.STORAGE_UNAVAILABLE
_BODY_BYTES = 16 << 10
"""A page of two hundred of them is still no more than a few megabytes."""

_Name = Annotated[str, Meta(min_length=1, max_length=100, description="Unique.")]
_Settings = Annotated[
    dict[str, Any],
    Meta(description="A JSON merge patch for the state of an avatar: null removes a member."),
]


class NewPreset(Body):
    """A look, under its name."""

    name: _Name
    settings: _Settings


class PresetChange(Body):
    """What is left out stays as it is; settings are replaced as a whole."""

    name: _Name | None = None
    settings: _Settings | None = None


class _Presets:
    """The handlers."""

    def __init__(self, storage: Storage, new_id: Callable[[], UUID]) -> None:
        self._storage = storage
        self._new_id = new_id

    async def listed(self, call: Call) -> Page[Preset]:
        query: PageQuery = call.query
        rows = await store.list_presets(
            self._storage.asked(), after=read_id(query.after), limit=query.limit + 1
        )
        return page(rows, query.limit, key=lambda row: row.id, shown=lambda row: row)

    async def create(self, call: Call) -> Tagged:
        asked: NewPreset = call.body
        preset = await store.create_preset(
            self._storage.asked(), self._new_id(), asked.name, asked.settings
        )
        return Tagged(preset, location=f"/v1/presets/{preset.id}")

    async def get(self, call: Call) -> Preset:
        return await store.get_preset(self._storage.asked(), call.id())

    async def change(self, call: Call) -> Preset:
        asked: PresetChange = call.body
        return await store.change_preset(
            self._storage.asked(), call.id(), asked.name, asked.settings
        )

    async def delete(self, call: Call) -> None:
        await store.delete_preset(self._storage.asked(), call.id())

    async def apply(self, call: Call) -> Tagged:
        return tagged_state(
            await store.apply_preset(
                self._storage.asked(), call.id("preset"), call.id(), versions=versions(call)
            )
        )


def operations(storage: Storage, new_id: Callable[[], UUID]) -> list[Operation]:
    presets = _Presets(storage, new_id)
    row = partial(Operation, tag="presets")
    return [
        row(
            method="GET",
            path="/v1/presets",
            summary="The presets, the newest first",
            handler=presets.listed,
            query=PageQuery,
            answer=Page[Preset],
            errors=(_AWAY,),
        ),
        row(
            method="POST",
            path="/v1/presets",
            summary="Make a preset",
            handler=presets.create,
            body=NewPreset,
            body_bytes=_BODY_BYTES,
            answer=Preset,
            status=201,
            errors=(ErrorCode.CONFLICT, _AWAY),
        ),
        row(
            method="GET",
            path="/v1/presets/{id}",
            summary="One preset",
            handler=presets.get,
            answer=Preset,
            errors=(_AWAY,),
        ),
        row(
            method="PATCH",
            path="/v1/presets/{id}",
            summary="Change its name or its settings",
            handler=presets.change,
            body=PresetChange,
            body_bytes=_BODY_BYTES,
            answer=Preset,
            errors=(ErrorCode.CONFLICT, _AWAY),
        ),
        row(
            method="DELETE",
            path="/v1/presets/{id}",
            summary="Delete a preset",
            description="Avatars that wear it stay as they look.",
            handler=presets.delete,
            errors=(_AWAY,),
        ),
        row(
            method="POST",
            path="/v1/avatars/{id}/presets/{preset}",
            summary="Put a preset on an avatar",
            description="Its settings are merged into the state, which is answered.",
            handler=presets.apply,
            answer=dict[str, Any],
            tagged=True,
            errors=(ErrorCode.MESSAGE_LIMIT, _AWAY),
        ),
    ]
