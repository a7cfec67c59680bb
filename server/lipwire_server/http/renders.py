"""`/v1/renders`: movies of what was spoken, or of a text; made one after another."""

from collections.abc import Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from starlette.responses import Response

from lipwire_protocol import CloseCode, EndReason, ErrorCode, LipwireError

from ..access.scopes import Scope
from ..face.emotions import NAMES
from ..face.movie.film import pictures_of
from ..face.movie.kinds import DEFAULTS, MEDIA_TYPES, Kind
from ..session.host import Host
from ..session.journal import Journal
from ..session.registry import sha256
from ..session.rehearsal import rehearse
from ..session.settings import recalled
from ..store.files import BlobStore
from ..store.records import Record
from ..store.renders import (
    NewRender,
    StoredRender,
    cancel_render,
    create_render,
    delete_render,
    get_render,
    list_renders,
)
from ..store.scripts import Script, get_script
from ..store.spoken import keep_spoken
from ..store.storage import Storage
from .callers import for_caller
from .paging import Page, PageQuery, page, read_id
from .rest import Call, Operation, Tagged, When
from .serving_files import ServedFile, serve_file
from .spoken import BODY_BYTES, Manner, check_length, hello_of

__all__ = ["Render", "render_operations"]

_FORMATS = tuple(kind.value for kind in MEDIA_TYPES)
_LONGEST_QUEUE = 100
_MOST_PICTURES = 60_000
"""40 minutes of the usual 25 in a second."""
_DEADLINE_S = 60.0
_AWAY = (ErrorCode.STORAGE_UNAVAILABLE,)


class NewMovie(Manner, kw_only=True):
    """What is to be seen: an utterance that was spoken, or a text; and how it looks."""

    utterance: Annotated[
        UUID | None, Meta(description="One that is stored: it is spoken again as it was.")
    ] = None
    text: Annotated[
        str | None,
        Meta(description="Instead of an utterance. How it is said is for texts alone."),
    ] = None
    format: Annotated[
        str,
        Meta(
            pattern=f"^({'|'.join(_FORMATS)})$",
            description="`gif` and `webp` have no sound.",
            extra_json_schema={"enum": list(_FORMATS)},
        ),
    ] = "mp4"
    face: Annotated[
        Annotated[str, Meta(max_length=100)] | None,
        Meta(description="An avatar pack; without it, that of the session."),
    ] = None
    emotion: Annotated[
        Annotated[str, Meta(max_length=100)] | None,
        Meta(description=f"One of: {', '.join(NAMES)}."),
    ] = None
    size: Annotated[
        Annotated[int, Meta(ge=64, le=1_024)] | None,
        Meta(description="Width and height in pixels; even for `mp4` and `webm`."),
    ] = None
    fps: Annotated[
        Annotated[int, Meta(ge=5, le=60)] | None, Meta(description="At most 50 for `gif`.")
    ] = None


class Progress(Struct, kw_only=True, frozen=True):
    frames_done: int
    frame_count: int | None
    percent: Annotated[int | None, Meta(description="100 when it can be had.")]


class Render(Struct, kw_only=True, frozen=True):
    """A movie, there or on its way."""

    id: UUID
    utterance: UUID
    status: Annotated[str, Meta(description="`queued`, `running`, `done`, `failed`, `cancelled`.")]
    progress: Progress
    format: str
    face: str
    emotion: str | None
    size: int
    fps: int
    movie: Annotated[str | None, Meta(description="Where the movie is, once it is done.")]
    error: Annotated[str | None, Meta(description="Why it failed.")]
    created_at: When
    updated_at: When


class _Renders:
    """The handlers."""

    def __init__(
        self,
        host: Host,
        storage: Storage,
        files: BlobStore,
        wake: Callable[[], None],
        stop: Callable[[UUID], None],
    ) -> None:
        self._host = host
        self._storage = storage
        self._files = files
        self._wake = wake
        self._stop = stop

    async def create(self, call: Call) -> Tagged:
        asked: NewMovie = call.body
        _check(asked, self._host)
        # Without a database nothing is worked out.
        self._storage.asked()
        utterance = asked.utterance
        if utterance is None:
            work = _rehearsed(asked, self._host, self._storage, self._files)
            utterance = await for_caller(call.request, work, within_s=_DEADLINE_S)
        script = await get_script(self._storage.asked(), utterance)
        new = _new(asked, utterance, script, self._host)
        row = await create_render(self._storage.asked(), new, longest_queue=_LONGEST_QUEUE)
        self._wake()
        return Tagged(_shown(row), location=f"/v1/renders/{row.id}")

    async def listed(self, call: Call) -> Page[Render]:
        query: PageQuery = call.query
        after = read_id(query.after)
        rows = await list_renders(self._storage.asked(), after=after, limit=query.limit + 1)
        return page(rows, query.limit, key=lambda row: row.id, shown=_shown)

    async def get(self, call: Call) -> Render:
        return _shown(await get_render(self._storage.asked(), call.id()))

    async def delete(self, call: Call) -> None:
        if await cancel_render(self._storage.asked(), call.id()):
            self._stop(call.id())
        else:
            await delete_render(self._storage.asked(), call.id())

    async def movie(self, call: Call) -> Response:
        row = await get_render(self._storage.asked(), call.id())
        if row.sha256 is None:
            text = f"this render is {row.status}: there is no movie" + (
                " yet" if row.status in ("queued", "running") else ""
            )
            raise LipwireError(ErrorCode.CONFLICT, text)
        file = ServedFile(
            sha256=row.sha256,
            media_type=MEDIA_TYPES[Kind(row.format)],
            filename=f"{row.utterance_id}.{row.format}",
        )
        return await serve_file(call, self._files, file)


def render_operations(
    host: Host,
    storage: Storage,
    files: BlobStore,
    *,
    wake: Callable[[], None],
    stop: Callable[[UUID], None],
) -> list[Operation]:
    """`wake` tells the renderer that something waits, `stop` that a render is cancelled."""
    renders = _Renders(host, storage, files, wake, stop)
    row = partial(Operation, tag="renders")
    return [
        row(
            method="POST",
            path="/v1/renders",
            scope=Scope.SPEAK,
            summary="Ask for a movie of an utterance, or of a text",
            handler=renders.create,
            description=(
                "The answer comes at once, and tells where to look how far it is. Movies are made"
                " one after another, when there is nobody to speak to. A stored utterance is"
                " spoken again as it was, with the same voice, settings and seed: of one that was"
                " interrupted, what was sent of it is seen. A text is stored as an utterance in a"
                " session of its own first."
            ),
            body=NewMovie,
            body_bytes=BODY_BYTES,
            answer=Render,
            status=202,
            errors=(
                ErrorCode.NOT_FOUND,
                ErrorCode.EMPTY_TEXT,
                ErrorCode.TEXT_LIMIT,
                ErrorCode.UNSUPPORTED,
                ErrorCode.OVERLOADED,
                ErrorCode.SYNTHESIS_FAILED,
                *_AWAY,
            ),
        ),
        row(
            method="GET",
            path="/v1/renders",
            summary="The renders, the newest first",
            handler=renders.listed,
            query=PageQuery,
            answer=Page[Render],
            errors=_AWAY,
        ),
        row(
            method="GET",
            path="/v1/renders/{id}",
            summary="One render, and how far it is",
            handler=renders.get,
            answer=Render,
            errors=_AWAY,
        ),
        row(
            method="DELETE",
            path="/v1/renders/{id}",
            summary="Cancel a render, or throw a finished one away",
            handler=renders.delete,
            description=(
                "One that waits or is being made is cancelled, and can be looked at still; deleted"
                " once more, or when it has ended, it is gone."
            ),
            errors=_AWAY,
        ),
        row(
            method="GET",
            path="/v1/renders/{id}/movie",
            summary="The movie",
            handler=renders.movie,
            description="It never changes: `Range`, `If-Range` and `If-None-Match` are looked at.",
            gives=tuple(MEDIA_TYPES.values()),
            errors=(ErrorCode.CONFLICT, *_AWAY),
        ),
    ]


# What cannot be done


def _check(asked: NewMovie, host: Host) -> None:
    """Raises LipwireError for what can be known to be wrong before the work."""
    if (asked.utterance is None) == (asked.text is None):
        raise _wrong("either `utterance` or `text` says what is to be seen, and one of them has to")
    if asked.utterance is not None and (given := _manners(asked)):
        raise _wrong(f"`{given[0]}` is for a text; an utterance is spoken as it was")
    if asked.text is not None:
        check_length(asked.text, host.limits)
    kind = Kind(asked.format)
    if asked.size is not None and asked.size % 2 and kind.even:
        raise _wrong(f"`size` is {asked.size}; of a movie in {kind} it is even")
    if asked.fps is not None and asked.fps > kind.fastest:
        raise _wrong(f"`fps` is {asked.fps}; of a movie in {kind} it is {kind.fastest} at most")
    for field, value, known in (
        ("face", asked.face, host.cast.sizes),
        ("emotion", asked.emotion, NAMES),
    ):
        if value is not None and value not in known:
            text = f"body: there is no {field} {value!r}; there is: {', '.join(known)}"
            raise LipwireError(ErrorCode.NOT_FOUND, text)


def _manners(asked: NewMovie) -> list[str]:
    """Fields about how a text is said that have another value than usual."""
    usual = Manner()
    names = Manner.__struct_fields__
    return [name for name in names if getattr(asked, name) != getattr(usual, name)]


def _wrong(text: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, f"body: {text}")


# What is done


async def _rehearsed(asked: NewMovie, host: Host, storage: Storage, files: BlobStore) -> UUID:
    """The text as a stored utterance: its timing is that of the speech, which is made later."""
    assert asked.text is not None
    hello = hello_of(asked, persist=True, avatar=asked.face)
    done = await rehearse(host, hello, asked.text, key=str(host.new_id()))
    records: list[Record] = []

    def record(item: Record, settled: object = None) -> None:
        records.append(item)

    journal = Journal(host.new_id(), done.terms, record=record, new_id=host.new_id, wall=host.wall)
    journal.opened(sha256(host.new_secret()))
    journal.started(done.utterance)
    journal.ended(done.utterance, EndReason.DONE, heard_later=False)
    journal.closed(CloseCode.NORMAL)
    kept = await keep_spoken(storage.asked(), files, records)
    return kept.id


def _new(asked: NewMovie, utterance: UUID, script: Script, host: Host) -> NewRender:
    """Raises LipwireError where there is nothing to see, or too much."""
    if not script.count:
        text = "nothing of this utterance was spoken, so there is nothing to see"
        raise LipwireError(ErrorCode.EMPTY_TEXT, text)
    terms = recalled(script.voice, script.settings, host.synthesis.voices())
    spoken_by = terms.avatar if terms.avatar in host.cast.sizes else host.cast.default
    usual = DEFAULTS[Kind(asked.format)]
    face = asked.face or spoken_by
    fps = asked.fps or usual.fps
    pictures = pictures_of(script.count, fps=fps, rate=script.sample_rate)
    if pictures > _MOST_PICTURES:
        text = f"this movie would have {pictures} pictures; at most {_MOST_PICTURES}"
        raise LipwireError(ErrorCode.TEXT_LIMIT, text)
    return NewRender(
        id=host.new_id(),
        utterance_id=utterance,
        format=asked.format,
        face=face,
        emotion=asked.emotion,
        size=min(asked.size or usual.size, host.cast.sizes[face]),
        fps=fps,
        frame_count=pictures,
    )


def _shown(row: StoredRender) -> Render:
    count = row.frame_count
    return Render(
        id=row.id,
        utterance=row.utterance_id,
        status=row.status,
        progress=Progress(
            frames_done=row.frames_done,
            frame_count=count,
            percent=100 * row.frames_done // count if count else None,
        ),
        format=row.format,
        face=row.face,
        emotion=row.emotion,
        size=row.size,
        fps=row.fps,
        movie=f"/v1/renders/{row.id}/movie" if row.status == "done" else None,
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
