"""`/v1/sessions`: conversations, and what was spoken in them."""

import hashlib
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from lipwire_protocol.errors import ErrorCode

from ..session.host import Host
from ..store import sessions as store
from ..store.errors import missing
from ..store.records import SessionOpened
from ..store.storage import Storage
from ..store.utterances import list_utterances
from .paging import Page, PageQuery, page, read_id, read_number
from .rest import Body, Call, Operation, Tagged, When
from .utterances import Utterance, shown_utterance

__all__ = ["NewSession", "Session", "SessionChange", "operations"]

_AWAY = (ErrorCode.STORAGE_UNAVAILABLE,)

_Value = Annotated[str, Meta(max_length=10_000)] | int | float | bool | None


class NewSession(Body):
    """A session to put things into; a WebSocket opens its own."""

    voice: Annotated[
        Annotated[str, Meta(max_length=200)] | None, Meta(description="The default one if null.")
    ] = None
    avatar_id: Annotated[UUID | None, Meta(description="It goes when the avatar goes.")] = None
    meta: Annotated[
        dict[Annotated[str, Meta(max_length=200)], _Value],
        Meta(max_length=100, description="The application's own."),
    ] = msgspec.field(default_factory=dict)


class SessionChange(Body):
    """What is left out stays as it is."""

    meta: Annotated[
        dict[Annotated[str, Meta(max_length=200)], _Value],
        Meta(
            max_length=100,
            description="A JSON merge patch for what the application keeps with it: null removes.",
        ),
    ]


class Session(Struct, kw_only=True, frozen=True):
    """A conversation. How it can be taken up again is not shown."""

    id: UUID
    voice: str
    sample_rate: Annotated[int, Meta(description="Of all positions in it.")]
    avatar_id: UUID | None
    meta: Annotated[dict[str, Any] | None, Meta(description="The application's own.")]
    settings: Annotated[dict[str, Any], Meta(description="What else was agreed on.")]
    opened_at: When
    ended_at: When | None
    close_code: Annotated[int | None, Meta(description="Of its last WebSocket.")]
    created_at: When
    updated_at: When


def operations(storage: Storage, host: Host) -> list[Operation]:
    async def listed(call: Call) -> Page[Session]:
        query: PageQuery = call.query
        after = read_id(query.after)
        rows = await store.list_sessions(storage.asked(), after=after, limit=query.limit + 1)
        return page(rows, query.limit, key=lambda row: row.id, shown=_shown)

    async def create(call: Call) -> Tagged:
        asked: NewSession = call.body
        session = _opened(asked, host)
        row = await store.create_session(storage.asked(), session, asked.avatar_id)
        return Tagged(_shown(row), location=f"/v1/sessions/{row.id}")

    async def get(call: Call) -> Session:
        row = await store.get_session(storage.asked(), call.id())
        if row is None:
            raise missing("session")
        return _shown(row)

    async def change(call: Call) -> Session:
        asked: SessionChange = call.body
        return _shown(await store.merge_meta(storage.asked(), call.id(), asked.meta))

    async def delete(call: Call) -> None:
        await store.delete_session(storage.asked(), call.id())
        host.ownership.delete(call.id())

    async def spoken(call: Call) -> Page[Utterance]:
        query: PageQuery = call.query
        after = read_number(query.after)
        rows = await list_utterances(storage.asked(), call.id(), after=after, limit=query.limit + 1)
        return page(rows, query.limit, key=lambda row: row.number, shown=shown_utterance)

    return [
        Operation(
            method="GET",
            path="/v1/sessions",
            summary="The sessions, the newest first",
            tag="sessions",
            handler=listed,
            query=PageQuery,
            answer=Page[Session],
            errors=_AWAY,
        ),
        Operation(
            method="POST",
            path="/v1/sessions",
            summary="Make a session to put speech into",
            tag="sessions",
            handler=create,
            body=NewSession,
            answer=Session,
            status=201,
            errors=(ErrorCode.NOT_FOUND, *_AWAY),
        ),
        Operation(
            method="GET",
            path="/v1/sessions/{id}",
            summary="One session",
            tag="sessions",
            handler=get,
            answer=Session,
            errors=_AWAY,
        ),
        Operation(
            method="PATCH",
            path="/v1/sessions/{id}",
            summary="Keep something of the application's own with a session",
            tag="sessions",
            handler=change,
            description="What is kept with a session goes when the session goes.",
            body=SessionChange,
            answer=Session,
            errors=(ErrorCode.MESSAGE_LIMIT, *_AWAY),
        ),
        Operation(
            method="DELETE",
            path="/v1/sessions/{id}",
            summary="Throw a session away, with all that was spoken in it",
            tag="sessions",
            handler=delete,
            description=(
                "Nobody sees it any more; after a while its data is gone. Who is in it, or watches "
                "it, is told `not_found` and closed with 4404: here at once, at other servers of "
                "the database as soon as they hear of it."
            ),
            errors=_AWAY,
        ),
        Operation(
            method="GET",
            path="/v1/sessions/{id}/utterances",
            summary="What was spoken in a session, and how far it was heard",
            tag="sessions",
            handler=spoken,
            query=PageQuery,
            answer=Page[Utterance],
            errors=_AWAY,
        ),
    ]


def _opened(asked: NewSession, host: Host) -> SessionOpened:
    name = asked.voice or host.default_voice
    voice = next((voice for voice in host.synthesis.voices() if voice.name == name), None)
    if voice is None:
        raise missing("voice; /v1/voices lists them")
    # Nobody is told the secret, so that no WebSocket can take it up.
    secret = hashlib.sha256(host.new_secret().encode()).digest()
    return SessionOpened(
        id=host.new_id(),
        secret_sha256=secret,
        voice=voice.name,
        sample_rate=voice.sample_rate,
        settings=msgspec.json.encode({"meta": asked.meta}),
        opened_at=host.wall(),
    )


def _shown(row: store.StoredSession) -> Session:
    settings: dict[str, Any] = msgspec.json.decode(row.settings)
    meta = settings.pop("meta", None)
    return Session(
        id=row.id,
        voice=row.voice,
        sample_rate=row.sample_rate,
        avatar_id=row.avatar_id,
        meta=meta,
        settings=settings,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        close_code=row.close_code,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
