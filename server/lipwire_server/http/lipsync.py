"""`/v1/lipsync`: text to stored speech, with everything that a face needs of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lipwire_protocol import Chunk, Codec, ErrorCode, Hello, Idle

from ..access.scopes import Scope
from ..lipsync.exports.transcript import Transcript, transcript_of
from ..session.host import Host
from ..session.recital import Recital
from ..speech.audio.files import Container, open_sound
from ..store.avatars import get_avatar
from ..store.errors import missing
from ..store.files import BlobStore, disk_fault
from ..store.pool import Database
from ..store.records import AudioRecord, Record, UtteranceRecord
from ..store.sessions import get_session
from ..store.spoken import keep_spoken
from ..store.storage import Storage
from .callers import for_caller
from .rest import Call, Operation, Tagged
from .spoken import (
    BODY_BYTES,
    Phoneme,
    Shape,
    Speech,
    Word,
    check_length,
    check_sets,
    hello_of,
    phonemes_of,
    shapes_of,
    words_of,
)

__all__ = ["Spoken", "lipsync_operations"]

_DEADLINE_S = 30.0
_PER_CHARACTER_S = 0.03
"""Beside that: half of what it takes to say it."""
_CODEC = Codec.PCM_S16LE


class LipsyncBody(Speech, kw_only=True):
    """A text, how it is said, and where it belongs."""

    session: Annotated[
        UUID | None,
        Meta(description="A session to put it into; without it, it gets one of its own."),
    ] = None
    avatar: Annotated[
        UUID | None,
        Meta(description="One of /v1/avatars: whose voice it is, and whose session."),
    ] = None
    sets: Annotated[
        tuple[str, ...],
        Meta(max_length=16, description="Viseme sets, of those of /v1/visemes."),
    ] = ("oculus",)


class SpokenAudio(Struct, kw_only=True, frozen=True):
    id: UUID
    url: Annotated[str, Meta(description="Where the WAV file is.")]
    sample_rate: Annotated[int, Meta(description="Of all positions, too.")]
    samples: int


class Spoken(Struct, kw_only=True, frozen=True):
    """Speech that is stored, and what the mouth does during it."""

    utterance: UUID
    session: UUID
    number: Annotated[int, Meta(description="Of the utterance in its session.")]
    voice: str
    audio: SpokenAudio
    words: list[Word]
    phonemes: list[Phoneme]
    visemes: Annotated[dict[str, list[Shape]], Meta(description="By set.")]


def lipsync_operations(host: Host, storage: Storage, files: BlobStore) -> list[Operation]:
    async def speak(call: Call) -> Tagged:
        asked: LipsyncBody = call.body
        check_length(asked.text, host.limits)
        check_sets(asked.sets)
        hello = await _hello(storage.asked(), asked, host)
        async with files.draft() as draft:
            work = _spoken(host, storage, files, asked, hello, draft)
            within_s = _DEADLINE_S + len(asked.text) * _PER_CHARACTER_S
            spoken = await for_caller(call.request, work, within_s=within_s)
        return Tagged(spoken, location=f"/v1/utterances/{spoken.utterance}")

    return [
        Operation(
            method="POST",
            path="/v1/lipsync",
            scope=Scope.SPEAK,
            summary="Speak a text, and keep it",
            tag="speech",
            handler=speak,
            description=(
                "The answer comes when everything is spoken and stored: the sound as a WAV file at"
                " `audio.url`, and when which word, phoneme and mouth shape is heard and seen. To"
                " hear the beginning while the rest is made, use the WebSocket. Who hangs up"
                " before has nothing stored."
            ),
            body=LipsyncBody,
            body_bytes=BODY_BYTES,
            answer=Spoken,
            status=201,
            errors=(
                ErrorCode.NOT_FOUND,
                ErrorCode.CONFLICT,
                ErrorCode.EMPTY_TEXT,
                ErrorCode.TEXT_LIMIT,
                ErrorCode.UNSUPPORTED,
                ErrorCode.OVERLOADED,
                ErrorCode.SYNTHESIS_FAILED,
                ErrorCode.STORAGE_UNAVAILABLE,
            ),
        )
    ]


async def _hello(database: Database, asked: LipsyncBody, host: Host) -> Hello:
    """What a session is asked for; its voice is that of the body, the avatar or the session."""
    voice = face = rate = None
    if asked.session is not None:
        session = await get_session(database, asked.session)
        if session is None:
            raise missing("session")
        # Its positions are all at one rate.
        voice, rate = session.voice, session.sample_rate
    if asked.avatar is not None:
        avatar = await get_avatar(database, asked.avatar)
        voice, face = avatar.voice, avatar.face if avatar.face in host.cast.sizes else None
    return hello_of(
        asked, voice=voice, sample_rate=rate, sets=asked.sets, persist=True, avatar=face
    )


async def _spoken(
    host: Host,
    storage: Storage,
    files: BlobStore,
    asked: LipsyncBody,
    hello: Hello,
    draft: Path,
) -> Spoken:
    records: list[Record] = []
    transcript = await _speak(_keeping(host, records), hello, asked.text, draft)
    content = await files.measure(draft)
    (utterance,) = (record for record in records if isinstance(record, UtteranceRecord))
    audio = AudioRecord(
        id=host.new_id(),
        utterance_id=utterance.id,
        draft=draft,
        content=content,
        codec=_CODEC,
        sample_rate=transcript.sample_rate,
        sample_count=utterance.count,
    )
    kept = await keep_spoken(
        storage.asked(),
        files,
        records,
        session=asked.session,
        avatar=asked.avatar,
        audios=[audio],
    )
    return Spoken(
        utterance=kept.id,
        session=kept.session_id,
        number=kept.number,
        voice=kept.voice,
        audio=SpokenAudio(
            id=audio.id,
            url=f"/v1/audios/{audio.id}/content",
            sample_rate=audio.sample_rate,
            samples=audio.sample_count,
        ),
        words=words_of(transcript),
        phonemes=phonemes_of(transcript),
        visemes=shapes_of(transcript, asked.sets),
    )


async def _speak(host: Host, hello: Hello, text: str, draft: Path) -> Transcript:
    """Into a file. Raises LipwireError where not all of the text can be spoken."""
    with _disk(), draft.open("wb") as target:
        sound = None

        async def take(message: Chunk | Idle) -> None:
            nonlocal sound
            assert isinstance(message, Chunk) and isinstance(message.audio, bytes)
            if sound is None:
                rate = recital.ready.audio.sample_rate
                sound = open_sound(target, Container.WAV, _CODEC, rate, seekable=True)
            with _disk():
                await asyncio.to_thread(sound.write, message.audio)

        with Recital(host, hello, take) as recital:
            await recital.speak(text)
            if (fault := recital.fault()) is not None:
                raise fault
        assert sound is not None
        with _disk():
            await asyncio.to_thread(sound.finish)
    return transcript_of(recital.segments, text, recital.ready.audio.sample_rate)


def _keeping(host: Host, records: list[Record]) -> Host:
    """The host, with another recorder: what is spoken is stored when all of it is there."""

    def record(item: Record, settled: object = None) -> None:
        records.append(item)

    return replace(host, record=record, storage_fault=lambda: None)


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise disk_fault(error) from error
