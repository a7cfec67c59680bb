"""How PostgreSQL answers what it is asked every day: by indexes, however much is stored.

The functions themselves are called, and the plans of all that they run are looked at: of every
statement, and of what foreign keys do behind a DELETE.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg
import pytest
from tests.stored import TABLES
from uuid_utils.compat import uuid7

from lipwire_server.store.assets import get_asset, list_assets
from lipwire_server.store.audios import get_audio, list_audios
from lipwire_server.store.avatars import (
    delete_avatar,
    get_avatar,
    get_state,
    list_avatars,
    merge_state,
    named_avatar,
)
from lipwire_server.store.config import get_setting, list_settings
from lipwire_server.store.files import FileBlobs
from lipwire_server.store.pool import Connection, Database
from lipwire_server.store.presets import delete_preset, get_preset, list_presets
from lipwire_server.store.records import (
    Record,
    SessionEnded,
    SessionOpened,
    SessionResumed,
    SettingsRecord,
    SpeechRecord,
    UtteranceHeard,
    UtteranceRecord,
)
from lipwire_server.store.renders import get_render, list_renders, take_render
from lipwire_server.store.retention import Keep, prunings
from lipwire_server.store.sessions import delete_session, get_session, list_sessions, utterances
from lipwire_server.store.speech_log import take_up
from lipwire_server.store.utterances import get_utterance, list_utterances, timed_utterance
from lipwire_server.store.writer import PostgresWriter

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EXPLAIN = """
    LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_format = json;
    SET client_min_messages = log;
"""

FILL = """
    CREATE FUNCTION id_of(kind integer, number integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS
        $$ SELECT (lpad(to_hex(kind), 8, '0') || lpad(to_hex(number), 24, '0'))::uuid $$;

    INSERT INTO blob (sha256, byte_count, media_type, used_at)
    SELECT sha256(n::text::bytea), 1000, 'audio/wav', now() - n * interval '5 minutes'
    FROM generate_series(1, 20000) AS n;

    INSERT INTO preset (id, name, settings)
    SELECT id_of(1, n), 'preset ' || n, '{}' FROM generate_series(1, 2000) AS n;

    INSERT INTO config (key, value)
    SELECT 'key' || n, '1' FROM generate_series(1, 2000) AS n;

    INSERT INTO asset (id, kind, filename, sha256, deleted_at)
    SELECT id_of(2, n), 'image', 'me.png', sha256(n::text::bytea),
           CASE WHEN n % 10 = 0 THEN $now$ - n * interval '1 hour' END
    FROM generate_series(1, 2000) AS n;

    INSERT INTO avatar (id, name, face, voice, asset_id, preset_id)
    SELECT id_of(3, n), 'avatar ' || n, 'joe', 'joe', id_of(2, n), id_of(1, n)
    FROM generate_series(1, 2000) AS n;

    INSERT INTO session (id, secret_sha256, voice, sample_rate, settings, opened_at, updated_at,
                         ended_at, close_code, deleted_at, avatar_id)
    SELECT id_of(4, n), sha256('secret'), 'joe', 22050, '{}', opened_at, opened_at,
           CASE WHEN n % 50 > 0 THEN opened_at END, CASE WHEN n % 50 > 0 THEN 1006 END,
           CASE WHEN n % 20 = 0 THEN opened_at END,
           CASE WHEN n % 2 = 0 THEN id_of(3, n / 2) END
    FROM generate_series(1, 4000) AS n, LATERAL (SELECT $now$ - n * interval '1 hour' AS opened_at);

    INSERT INTO speech (session_id, sequence, utterance, text, is_last)
    SELECT id_of(4, n % 4000 + 1), n / 4000, n / 4000, 'Hello.', true
    FROM generate_series(0, 19999) AS n;

    INSERT INTO session_settings (session_id, sequence, utterance, segment, voice, settings)
    SELECT id_of(4, n), 0, 0, 0, 'joe', '{}' FROM generate_series(1, 4000) AS n;

    INSERT INTO utterance (id, session_id, number, session_position, sample_count, text, voice,
                           rate_percent, seed, reason, started_at, ended_at)
    SELECT id_of(5, n), id_of(4, n % 4000 + 1), n / 4000, 0, 100, 'Hello.', 'joe', 100, 7, 'done',
           $now$, $now$
    FROM generate_series(0, 19999) AS n;

    INSERT INTO segment (utterance_id, number, start_sample, sample_count, text, text_begin,
                         text_end, timing)
    SELECT id_of(5, n), 0, 0, 100, 'Hello.', 0, 6, '{"words": []}'
    FROM generate_series(0, 19999) AS n;

    INSERT INTO phoneme (utterance_id, segment_number, number, symbol, viseme, start_sample,
                         sample_count, word)
    SELECT id_of(5, n / 3), 0, n % 3, 'a', 10, 0, 100, 0 FROM generate_series(0, 59999) AS n;

    INSERT INTO audio (id, utterance_id, sha256, codec, sample_rate, sample_count, created_at)
    SELECT id_of(6, n), id_of(5, n), sha256((n % 19000 + 1)::text::bytea), 'pcm', 22050, 100,
           $now$ - n * interval '5 minutes'
    FROM generate_series(0, 19999) AS n;

    INSERT INTO render (id, utterance_id, status, format, face, size, fps, sha256)
    SELECT id_of(7, n), id_of(5, n), status, 'mp4', 'joe', 512, 25,
           CASE WHEN status = 'done' THEN sha256((n + 1)::text::bytea) END
    FROM generate_series(0, 4999) AS n,
         LATERAL (SELECT CASE WHEN n % 1000 = 0 THEN 'queued' ELSE 'done' END AS status);

    ANALYZE;
"""


def id_of(kind: int, number: int) -> UUID:
    """The same as the function of that name in the database."""
    return UUID(f"{kind:08x}{number:024x}")


PRESET: Final = id_of(1, 77)
ASSET: Final = id_of(2, 77)
AVATAR: Final = id_of(3, 77)
SESSION: Final = id_of(4, 77)
UTTERANCE: Final = id_of(5, 76)
AUDIO: Final = id_of(6, 76)
RENDER: Final = id_of(7, 76)

Question: TypeAlias = Callable[[], Awaitable[object]]


@dataclass
class Seen:
    """What was done to answer."""

    indexes: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)
    """Tables that were read from one end to the other."""

    def add(self, plan: dict[str, Any]) -> None:
        for node in nodes(plan):
            if "Index Name" in node and not node["Index Name"].startswith("pg_"):
                self.indexes.add(node["Index Name"])
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in TABLES:
                self.scanned.add(node["Relation Name"])


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


class Explained(Database):
    """A database that tells how it does what it is asked."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        super().__init__(pool)
        self.seen = Seen()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with super().connection() as connection:
            await connection.execute(EXPLAIN)
            connection.add_log_listener(self._note)
            try:
                yield connection
            finally:
                await asyncio.sleep(0)  # Listeners are called by the loop.
                connection.remove_log_listener(self._note)

    def _note(self, connection: object, message: asyncpg.PostgresLogMessage) -> None:
        _, _, plan = str(message.message).partition("plan:\n")
        if plan:
            self.seen.add(json.loads(plan)["Plan"])


@pytest.fixture
async def explained(database: Database, database_dsn: str) -> AsyncIterator[Explained]:
    async with database.connection() as connection:
        await connection.execute(FILL.replace("$now$", f"'{NOW.isoformat()}'::timestamptz"))
    async with Explained.open(database_dsn) as explained:
        assert isinstance(explained, Explained)
        yield explained


async def test_no_common_question_reads_a_large_table_from_end_to_end(
    explained: Explained, tmp_path: Path
) -> None:
    scanned: dict[str, set[str]] = {}
    missed: dict[str, set[str]] = {}
    async with FileBlobs.open_in(tmp_path) as files:
        await leave_a_file(files)
        for name, (intended, ask) in questions(explained, files).items():
            explained.seen = Seen()
            await ask()
            scanned[name] = explained.seen.scanned
            missed[name] = set(intended.split()) - explained.seen.indexes
    assert {name: tables for name, tables in scanned.items() if tables} == {}
    assert {name: indexes for name, indexes in missed.items() if indexes} == {}


async def leave_a_file(files: FileBlobs) -> None:
    """As a crash before a commit does."""
    async with files.draft() as draft:
        await files.append(draft, b"nobody's")
        await files.place(draft, await files.measure(draft))


def questions(database: Database, files: FileBlobs) -> dict[str, tuple[str, Question]]:
    """Each with indexes that have to be used for it: those without which it would be slow.

    A session is found by either of two indexes, which is all the same.
    """
    bites = prunings(database, files, Keep(), lambda: NOW)
    of_session = "utterance_session_id_number_key"
    below_utterance = "segment_pkey phoneme_pkey audio_utterance render_utterance"
    below_session = f"{of_session} {below_utterance} speech_pkey session_settings_pkey"
    spoken = "segment_pkey phoneme_pkey"
    return {
        "sessions": ("", lambda: list_sessions(database, limit=50)),
        "sessions, further on": ("", lambda: list_sessions(database, after=SESSION, limit=50)),
        "a session": ("", lambda: get_session(database, SESSION)),
        "its utterances": (of_session, lambda: list_utterances(database, SESSION, limit=50)),
        "all of its timing": (f"{of_session} {spoken}", lambda: utterances(database, SESSION)),
        "an utterance": ("utterance_pkey segment_pkey", lambda: get_utterance(database, UTTERANCE)),
        "its timing": (f"utterance_pkey {spoken}", lambda: timed_utterance(database, UTTERANCE)),
        "its audio": ("audio_utterance blob_pkey", lambda: list_audios(database, UTTERANCE)),
        "an audio": ("audio_pkey blob_pkey", lambda: get_audio(database, AUDIO)),
        "assets": ("asset_listed blob_pkey", lambda: list_assets(database, after=ASSET)),
        "an asset": ("blob_pkey", lambda: get_asset(database, ASSET)),
        "renders": ("render_pkey utterance_pkey", lambda: list_renders(database, after=RENDER)),
        "a render": ("render_pkey utterance_pkey", lambda: get_render(database, RENDER)),
        "the next render": ("render_waiting", lambda: take_render(database)),
        "avatars": ("avatar_pkey", lambda: list_avatars(database, after=AVATAR, limit=50)),
        "an avatar": ("avatar_pkey", lambda: get_avatar(database, AVATAR)),
        "an avatar by name": ("avatar_name_key", lambda: named_avatar(database, "avatar 77")),
        "a state": ("avatar_pkey", lambda: get_state(database, AVATAR)),
        "a change of it": ("avatar_pkey", lambda: merge_state(database, AVATAR, {"hat": True})),
        "presets": ("preset_pkey", lambda: list_presets(database, after=PRESET, limit=50)),
        "a preset": ("preset_pkey", lambda: get_preset(database, PRESET)),
        "settings": ("config_pkey", lambda: list_settings(database, after="key77", limit=50)),
        "a setting": ("config_pkey", lambda: get_setting(database, "key77")),
        "recording": ("", lambda: PostgresWriter(database).write(RECORDS)),
        "taking up": (f"speech_pkey {of_session}", lambda: resume(database)),
        "deleting a session": ("", lambda: delete_session(database, SESSION)),
        "deleting a preset": ("preset_pkey avatar_preset", lambda: delete_preset(database, PRESET)),
        "deleting an avatar": (
            f"avatar_pkey session_avatar {below_session}",
            lambda: delete_avatar(database, AVATAR),
        ),
        "deleted sessions": (
            f"session_deleted {of_session} {below_utterance}",
            bites["deleted sessions"],
        ),
        "ended sessions": (
            f"session_ended {of_session} {below_utterance}",
            bites["ended sessions"],
        ),
        "lost sessions": (f"session_open speech_pkey {of_session}", bites["lost sessions"]),
        "deleted assets": ("asset_deleted avatar_asset", bites["deleted assets"]),
        "old audio": ("audio_created", bites["audio"]),
        "unused files": ("blob_used asset_blob audio_blob render_blob", bites["unused files"]),
        "files without a row": ("blob_pkey", bites["files without a row"]),
    }


async def resume(database: Database) -> None:
    secret = sha256(b"secret").digest()
    taken = await take_up(
        database,
        SESSION,
        shown_sha256=secret,
        new_sha256=bytes(32),
        first=None,
        now=NOW,
        window=timedelta(days=365),
    )
    assert taken is not None


NEW: Final = uuid7()
RECORDS: Final[list[Record]] = [
    SessionOpened(
        id=NEW,
        secret_sha256=bytes(32),
        voice="joe",
        sample_rate=22050,
        settings=b"{}",
        opened_at=NOW,
    ),
    SpeechRecord(id=NEW, sequence=1, number=None, utterance=0, text="Hello.", is_last=True),
    SettingsRecord(id=NEW, sequence=0, utterance=0, segment=0, voice="joe", settings=b"{}"),
    *(
        UtteranceRecord(
            id=uuid7(),
            session_id=NEW,
            number=number,
            at=0,
            count=100,
            heard=None,
            text="Hello.",
            voice="joe",
            rate_percent=100,
            seed=7,
            reason="done",
            started_at=NOW,
            ended_at=NOW,
            segments=(),
        )
        for number in range(60)
    ),
    UtteranceHeard(id=id_of(5, 99), heard=50, reason="interrupted"),
    SessionResumed(id=id_of(4, 99), epoch=1, secret_sha256=bytes(32), previous_sha256=bytes(32)),
    SessionEnded(id=id_of(4, 98), close_code=1000, ended_at=NOW, epoch=1),
]
