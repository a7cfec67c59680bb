"""`/v1/avatars`: somebody of the application's own, and how it looks at the moment."""

import re
from collections.abc import Iterable
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..session.host import Host
from ..store import avatars as store
from ..store.avatars import Avatar, AvatarState
from ..store.errors import missing
from ..store.storage import Storage
from .bodies import JSON
from .etags import ANY
from .paging import Page, PageQuery, page, read_id
from .rest import Body, Call, Operation, Tagged

__all__ = ["AvatarChange", "AvatarLook", "NewAvatar", "operations", "tagged_state", "versions"]

_NAME = r"(?!\.{1,2}$)[^/\x00-\x1f\x7f]{1,200}"
"""A name is part of an address."""
_VERSION = re.compile("[1-9][0-9]{0,9}")
_AWAY = ErrorCode.STORAGE_UNAVAILABLE

_Name = Annotated[
    str,
    Meta(
        description="Unique; at most 200 characters, none of them a slash.",
        extra_json_schema={"pattern": f"^{_NAME}$"},
    ),
]
_Face = Annotated[str, Meta(description="An avatar pack.")]
_Voice = Annotated[str, Meta(description="One of /v1/voices.")]
_Asset = Annotated[UUID, Meta(description="A link of the application's own.")]
_Preset = Annotated[
    UUID, Meta(description="A link of the application's own; linking does not put it on.")
]


class AvatarLook(Body):
    """What an avatar starts with."""

    face: _Face | None = None
    voice: _Voice | None = None
    asset_id: _Asset | None = None
    preset_id: _Preset | None = None
    state: Annotated[dict[str, Any], Meta(description="How it looks at the moment.")] = (
        msgspec.field(default_factory=dict)
    )


class NewAvatar(AvatarLook, kw_only=True):
    """What an avatar starts with, under its name."""

    name: _Name


class AvatarChange(Body):
    """What is left out stays as it is."""

    name: _Name | UnsetType = UNSET
    face: _Face | UnsetType = UNSET
    voice: _Voice | UnsetType = UNSET
    asset_id: _Asset | UnsetType | None = UNSET
    preset_id: _Preset | UnsetType | None = UNSET


class _Avatars:
    """The handlers."""

    def __init__(self, storage: Storage, host: Host) -> None:
        self._storage = storage
        self._host = host

    async def listed(self, call: Call) -> Page[Avatar]:
        query: PageQuery = call.query
        rows = await store.list_avatars(
            self._storage.asked(), after=read_id(query.after), limit=query.limit + 1
        )
        return page(rows, query.limit, key=lambda row: row.id, shown=lambda row: row)

    async def create(self, call: Call) -> Tagged:
        asked: NewAvatar = call.body
        avatar = await store.create_avatar(self._storage.asked(), self._new(asked.name, asked))
        return Tagged(avatar, location=_place(avatar))

    async def ensure(self, call: Call) -> Avatar | Response:
        new = self._new(call.path["name"], call.body)
        avatar = await store.ensure_avatar(self._storage.asked(), new)
        if avatar.id != new.id:
            return avatar
        headers = {"Location": _place(avatar), "Cache-Control": "no-store"}
        return Response(msgspec.json.encode(avatar), 201, headers, JSON)

    async def named(self, call: Call) -> Avatar:
        avatar = await store.named_avatar(self._storage.asked(), call.path["name"])
        if avatar is None:
            raise missing("avatar")
        return avatar

    async def get(self, call: Call) -> Avatar:
        return await store.get_avatar(self._storage.asked(), call.id())

    async def change(self, call: Call) -> Avatar:
        fields = msgspec.structs.asdict(call.body).items()
        changes = {name: value for name, value in fields if value is not UNSET}
        if "name" in changes:
            _check_name(changes["name"])
        if "face" in changes:
            self._check_face(changes["face"])
        if "voice" in changes:
            self._check_voice(changes["voice"])
        return await store.change_avatar(self._storage.asked(), call.id(), changes)

    async def delete(self, call: Call) -> None:
        await store.delete_avatar(self._storage.asked(), call.id())

    async def state(self, call: Call) -> Tagged:
        return tagged_state(await store.get_state(self._storage.asked(), call.id()))

    async def merge(self, call: Call) -> Tagged:
        return tagged_state(
            await store.merge_state(
                self._storage.asked(), call.id(), call.body, versions=versions(call)
            )
        )

    def _new(self, name: str, look: AvatarLook) -> store.NewAvatar:
        _check_name(name)
        face, voice = look.face or self._host.cast.default, look.voice or self._host.default_voice
        self._check_face(face)
        self._check_voice(voice)
        return store.NewAvatar(
            id=self._host.new_id(),
            name=name,
            face=face,
            voice=voice,
            asset_id=look.asset_id,
            preset_id=look.preset_id,
            state=look.state,
        )

    def _check_face(self, name: str) -> None:
        _check("face", name, self._host.cast.sizes)

    def _check_voice(self, name: str) -> None:
        _check("voice", name, [voice.name for voice in self._host.synthesis.voices()])


def tagged_state(stored: AvatarState) -> Tagged:
    return Tagged(stored.state, etag=str(stored.version))


def versions(call: Call) -> frozenset[int] | None:
    """The versions that may be changed; None where every one may."""
    if call.if_match is None or ANY in call.if_match:
        return None
    return frozenset(int(tag) for tag in call.if_match if _VERSION.fullmatch(tag))


def operations(storage: Storage, host: Host) -> list[Operation]:
    avatars = _Avatars(storage, host)
    row = partial(Operation, tag="avatars")
    conflicts = (ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, _AWAY)
    return [
        row(
            method="GET",
            path="/v1/avatars",
            summary="The avatars, the newest first",
            handler=avatars.listed,
            query=PageQuery,
            answer=Page[Avatar],
            errors=(_AWAY,),
        ),
        row(
            method="POST",
            path="/v1/avatars",
            summary="Make an avatar",
            handler=avatars.create,
            body=NewAvatar,
            answer=Avatar,
            status=201,
            errors=conflicts,
        ),
        row(
            method="PUT",
            path="/v1/avatars/by-name/{name}",
            summary="Get the avatar of a name, or make it",
            description="One that is there stays as it is; the body is what a new one starts with.",
            handler=avatars.ensure,
            keys={"name": _NAME},
            body=AvatarLook,
            answer=Avatar,
            also={201: Avatar},
            errors=(_AWAY,),
        ),
        row(
            method="GET",
            path="/v1/avatars/by-name/{name}",
            summary="The avatar of a name",
            handler=avatars.named,
            keys={"name": _NAME},
            answer=Avatar,
            errors=(_AWAY,),
        ),
        row(
            method="GET",
            path="/v1/avatars/{id}",
            summary="One avatar",
            handler=avatars.get,
            answer=Avatar,
            errors=(_AWAY,),
        ),
        row(
            method="PATCH",
            path="/v1/avatars/{id}",
            summary="Change its name, face, voice or links",
            handler=avatars.change,
            body=AvatarChange,
            answer=Avatar,
            errors=conflicts,
        ),
        row(
            method="DELETE",
            path="/v1/avatars/{id}",
            summary="Delete an avatar with all of its sessions",
            description="Everything that was spoken in them goes too, and cannot be had back.",
            handler=avatars.delete,
            errors=(_AWAY,),
        ),
        row(
            method="GET",
            path="/v1/avatars/{id}/state",
            summary="How it looks at the moment",
            description="Whatever the application keeps there. The tag is the version.",
            handler=avatars.state,
            answer=dict[str, Any],
            tagged=True,
            errors=(_AWAY,),
        ),
        row(
            method="PATCH",
            path="/v1/avatars/{id}/state",
            summary="Merge something into how it looks",
            description="A JSON merge patch (RFC 7396): null removes a member. Without If-Match it "
            "is merged into whatever version there is, and nobody's change is lost.",
            handler=avatars.merge,
            body=dict[str, Any],
            answer=dict[str, Any],
            tagged=True,
            errors=(_AWAY,),
        ),
    ]


def _place(avatar: Avatar) -> str:
    return f"/v1/avatars/{avatar.id}"


def _check(kind: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        there_is = ", ".join(known)
        raise LipwireError(
            ErrorCode.NOT_FOUND, f"no {kind} named {name[:100]!r}; there is: {there_is}"
        )


def _check_name(name: str) -> None:
    if re.fullmatch(_NAME, name) is None:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            "body: `name` has 1 to 200 characters; no slash and no control character is one of "
            "them, and dots alone are no name",
        )
