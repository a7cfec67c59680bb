"""Sessions, utterances, settings and counts over REST, in a real PostgreSQL."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.fakes import BEGAN
from tests.server.http.client import asking, stored_house
from uuid_utils.compat import uuid7

from lipwire_server.app import House
from lipwire_server.lipsync.exports.formats import FORMATS
from lipwire_server.store import pool
from lipwire_server.store.records import (
    PhonemeRecord,
    SegmentRecord,
    SessionOpened,
    UtteranceRecord,
)

NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"
RATE = 8_000
HOP = 400


@asynccontextmanager
async def serving(dsn: str, tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    async with stored_house(dsn, tmp_path) as house, asking(house) as client:
        yield client, house


@pytest.fixture
async def client(database_dsn: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(database_dsn, tmp_path) as (client, _):
        yield client


@pytest.fixture
async def spoken(
    database_dsn: str, tmp_path: Path
) -> AsyncIterator[tuple[httpx.AsyncClient, SessionOpened, list[UtteranceRecord]]]:
    """A session of three utterances: not heard, heard in part, heard to the end."""
    session = opened()
    said = [said_in(session, number, heard) for number, heard in enumerate((None, 700, 2_400))]
    async with serving(database_dsn, tmp_path) as (client, house):
        await house.storage.write([session, *said])
        yield client, session, said


def opened() -> SessionOpened:
    return SessionOpened(
        id=uuid7(),
        secret_sha256=bytes(range(32)),
        voice="fake",
        sample_rate=RATE,
        settings=b'{"rate_percent": 90, "meta": {"user": "ida"}}',
        opened_at=BEGAN,
    )


def said_in(session: SessionOpened, number: int, heard: int | None) -> UtteranceRecord:
    words = [["One", 0, 3, 0, 2 * HOP, 1], ["two", 4, 7, 2 * HOP, 2 * HOP, 1]]
    segment = SegmentRecord(
        number=0,
        start=0,
        count=6 * HOP,
        text="One two.",
        begin=0,
        end=8,
        timing=json.dumps({"words": words, "visemes": {}}).encode(),
        phonemes=tuple(
            PhonemeRecord(symbol, 0, at * HOP, HOP, word)
            for at, (symbol, word) in enumerate(
                [("w", 0), ("n", 0), ("t", 1), ("uː", 1), ("_", -1), ("_", -1)]
            )
        ),
    )
    return UtteranceRecord(
        id=uuid7(),
        session_id=session.id,
        number=number,
        at=number * 6 * HOP,
        count=6 * HOP,
        heard=heard,
        text="One two.",
        voice="fake",
        rate_percent=90,
        seed=-(2**63),
        reason="interrupted" if heard == 700 else "done",
        started_at=BEGAN,
        ended_at=BEGAN + timedelta(seconds=1),
        segments=(segment,),
    )


# Sessions


async def test_a_session_is_made_with_what_the_application_says_of_it(
    client: httpx.AsyncClient,
) -> None:
    meta = {"user": "ida", "visits": 3, "score": 0.5, "new": True, "note": None, "世界": "\u2028"}
    made = await client.post("/v1/sessions", json={"meta": meta})
    assert made.status_code == 201
    assert made.json()["meta"] == meta
    assert (made.json()["voice"], made.json()["sample_rate"]) == ("fake", RATE)
    assert made.json()["ended_at"] is None
    got = await client.get(made.headers["location"])
    assert (got.status_code, got.json()) == (200, made.json())


async def test_secrets_are_never_shown(
    spoken: tuple[httpx.AsyncClient, SessionOpened, list[UtteranceRecord]],
) -> None:
    client, session, _ = spoken
    shown = (await client.get(f"/v1/sessions/{session.id}")).text
    assert "secret" not in shown
    assert session.secret_sha256.hex() not in shown
    assert json.loads(shown)["meta"] == {"user": "ida"}
    assert json.loads(shown)["settings"] == {"rate_percent": 90}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"voice": "nobody"}, 404),
        ({"avatar_id": NOBODY}, 404),
        ({"avatar_id": "x"}, 400),
        ({"meta": {"a": {"b": 1}}}, 400),
        ({"meta": {str(n): n for n in range(101)}}, 400),
        ({"meta": {"a": "x" * 10_001}}, 400),
        ({"meta": None}, 400),
        ([], 400),
    ],
)
async def test_a_session_that_cannot_be_is_not_made(
    client: httpx.AsyncClient, body: Any, status: int
) -> None:
    assert (await client.post("/v1/sessions", json=body)).status_code == status
    assert (await client.get("/v1/sessions")).json() == {"items": [], "next": None}


async def test_sessions_come_in_pages_from_the_newest_on(client: httpx.AsyncClient) -> None:
    made = [(await client.post("/v1/sessions", json={})).json()["id"] for _ in range(7)]
    seen: list[str] = []
    after = ""
    for expected in (3, 3, 1):
        answer = (await client.get(f"/v1/sessions?limit=3{after}")).json()
        assert len(answer["items"]) == expected
        seen += [item["id"] for item in answer["items"]]
        after = f"&after={answer['next']}"
    assert answer["next"] is None
    assert seen == made[::-1]


async def test_a_session_that_is_thrown_away_is_not_seen_any_more(
    spoken: tuple[httpx.AsyncClient, SessionOpened, list[UtteranceRecord]],
) -> None:
    client, session, (said, *_) = spoken
    kept = await client.get(f"/v1/utterances/{said.id}/audios")
    assert (kept.status_code, kept.json()["items"]) == (200, [])
    gone = await client.delete(f"/v1/sessions/{session.id}")
    assert (gone.status_code, gone.content) == (204, b"")
    for path in (
        f"/v1/sessions/{session.id}",
        f"/v1/sessions/{session.id}/utterances",
        f"/v1/utterances/{said.id}",
        f"/v1/utterances/{said.id}/timing",
        f"/v1/utterances/{said.id}/audios",
    ):
        assert (await client.get(path)).status_code == 404
    assert (await client.delete(f"/v1/sessions/{session.id}")).status_code == 404
    assert (await client.get("/v1/sessions")).json()["items"] == []


# Utterances


async def test_utterances_tell_what_was_heard_of_them(
    spoken: tuple[httpx.AsyncClient, SessionOpened, list[UtteranceRecord]],
) -> None:
    client, session, said = spoken
    answer = (await client.get(f"/v1/sessions/{session.id}/utterances")).json()
    assert [item["id"] for item in answer["items"]] == [str(each.id) for each in said]
    heard = [
        (item["heard_ms"], item["text_spoken"], item["text_remaining"]) for item in answer["items"]
    ]
    assert heard == [(None, None, None), (88, "One", " two."), (300, "One two.", "")]
    one = answer["items"][1]
    assert (one["reason"], one["duration_ms"], one["seed"]) == ("interrupted", 300, -(2**63))
    assert (await client.get(f"/v1/utterances/{one['id']}")).json() == one


async def test_where_only_the_end_of_an_utterance_is_known_the_words_before_it_were_heard_too(
    database_dsn: str, tmp_path: Path
) -> None:
    """As the one who interrupted it was told."""
    session = opened()
    words = [["Three", 9, 14, 6 * HOP, 2 * HOP, 1], ["four", 15, 19, 8 * HOP, 2 * HOP, 1]]
    timing = json.dumps({"words": words, "visemes": {}}).encode()
    whole = said_in(session, 0, None)
    (part,) = whole.segments
    end = replace(part, number=1, start=6 * HOP, count=4 * HOP, begin=9, end=20, timing=timing)
    said = replace(whole, count=10 * HOP, text="One two. Three four.", segments=(end,))
    heard = {0: "", 5 * HOP: "One", 6 * HOP: "One two. ", 10 * HOP: "One two. Three four."}
    async with serving(database_dsn, tmp_path) as (client, house):
        cut = [
            replace(said, id=uuid7(), number=number, heard=samples)
            for number, samples in enumerate(heard)
        ]
        await house.storage.write([session, *cut])
        told = (await client.get(f"/v1/sessions/{session.id}/utterances")).json()["items"]
    assert [item["text_spoken"] for item in told] == list(heard.values())
    assert {item["text_spoken"] + item["text_remaining"] for item in told} == {said.text}


async def test_utterances_come_in_pages_by_number(
    spoken: tuple[httpx.AsyncClient, SessionOpened, list[UtteranceRecord]],
) -> None:
    client, session, _ = spoken
    path = f"/v1/sessions/{session.id}/utterances?limit=2"
    first = (await client.get(path)).json()
    second = (await client.get(f"{path}&after={first['next']}")).json()
    numbers = [item["number"] for item in (*first["items"], *second["items"])]
    assert (numbers, second["next"]) == ([0, 1, 2], None)


async def test_a_session_without_utterances_is_not_one_that_is_not_there(
    client: httpx.AsyncClient,
) -> None:
    made = (await client.post("/v1/sessions", json={})).json()["id"]
    empty = await client.get(f"/v1/sessions/{made}/utterances")
    assert (empty.status_code, empty.json()) == (200, {"items": [], "next": None})
    assert (await client.get(f"/v1/sessions/{NOBODY}/utterances")).status_code == 404


@pytest.mark.parametrize("name", FORMATS)
async def test_timing_is_told_in_every_format(
    spoken: tuple[httpx.AsyncClient, SessionOpened, list[UtteranceRecord]], name: str
) -> None:
    client, _, (said, *_) = spoken
    answer = await client.get(f"/v1/utterances/{said.id}/timing?format={name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(FORMATS[name].mime.partition(";")[0])
    assert len(answer.content) > 20


async def test_timing_in_a_format_that_nobody_knows_is_refused(
    spoken: tuple[httpx.AsyncClient, SessionOpened, list[UtteranceRecord]],
) -> None:
    client, _, (said, *_) = spoken
    answer = await client.get(f"/v1/utterances/{said.id}/timing?format=doc")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")
    assert (await client.get(f"/v1/utterances/{NOBODY}/timing")).status_code == 404


# Settings


@pytest.mark.parametrize(
    "value", [None, True, 0, -(2**53) + 1, 0.1, "", "\u2028😀\x01", [], {"a": [{"b": None}]}]
)
async def test_any_value_comes_back_as_it_was_set(client: httpx.AsyncClient, value: Any) -> None:
    put = await client.put("/v1/config/a.b-c_1", json={"value": value})
    assert (put.status_code, put.json()["value"]) == (200, value)
    got = (await client.get("/v1/config/a.b-c_1")).json()
    assert (got["key"], got["value"]) == ("a.b-c_1", value)


async def test_a_setting_is_set_again_and_forgotten(client: httpx.AsyncClient) -> None:
    first = (await client.put("/v1/config/a", json={"value": 1})).json()
    second = (await client.put("/v1/config/a", json={"value": 2})).json()
    assert second["created_at"] == first["created_at"]
    assert second["updated_at"] > first["updated_at"]
    assert (await client.delete("/v1/config/a")).status_code == 204
    assert (await client.delete("/v1/config/a")).status_code == 404
    assert (await client.get("/v1/config/a")).status_code == 404


async def test_settings_are_listed_by_key_in_pages(client: httpx.AsyncClient) -> None:
    keys = ["a", "a-b", "a.b", "a_b", "b", "10", "2"]
    for key in keys:
        await client.put(f"/v1/config/{key}", json={"value": key})
    first = (await client.get("/v1/config?limit=4")).json()
    rest = (await client.get(f"/v1/config?limit=4&after={first['next']}")).json()
    assert [item["key"] for item in (*first["items"], *rest["items"])] == sorted(keys)


@pytest.mark.parametrize("key", ["A", "a b", ".a", "a" * 101, "ä", "a%0A", "a%00"])
async def test_what_cannot_be_a_key_is_nobodys(client: httpx.AsyncClient, key: str) -> None:
    assert (await client.put(f"/v1/config/{key}", json={"value": 1})).status_code == 404


# All together


async def test_what_is_stored_is_counted(
    spoken: tuple[httpx.AsyncClient, SessionOpened, list[UtteranceRecord]],
) -> None:
    client, session, _ = spoken
    await client.put("/v1/config/a", json={"value": 1})
    stored = (await client.get("/v1/stats")).json()["stored"]
    assert (stored["sessions"], stored["utterances"], stored["settings"]) == (1, 3, 1)
    await client.delete(f"/v1/sessions/{session.id}")
    stored = (await client.get("/v1/stats")).json()["stored"]
    assert (stored["sessions"], stored["utterances"]) == (0, 0)


async def test_a_frozen_database_is_said_to_be_away(
    database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(database_dsn, tmp_path) as (client, house):
        assert (await client.get("/v1/sessions")).status_code == 200
        with await frozen(house), monkeypatch.context() as usually:
            usually.setattr(pool, "_REQUEST_S", 1.8)
            # It takes two seconds; without a bound of its own it would be a minute here.
            async with asyncio.timeout(30):
                answer = await client.get("/v1/sessions")
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
        assert answer.headers["retry-after"] == "2"
        async with asyncio.timeout(60):
            while (await client.get("/v1/sessions")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def test_connections_that_are_cut_are_no_bug(database_dsn: str, tmp_path: Path) -> None:
    async with serving(database_dsn, tmp_path) as (client, house):
        assert house.storage.database is not None
        async with house.storage.database.connection() as connection:
            await connection.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """
            )
        statuses = {(await client.get("/v1/sessions")).status_code for _ in range(10)}
        assert statuses <= {200, 503}
        async with asyncio.timeout(60):
            while (await client.get("/v1/sessions")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def frozen(house: House) -> AbstractContextManager[None]:
    """Stops every process that serves the house's database, until it is left."""
    assert house.storage.database is not None
    async with house.storage.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        )

    @contextmanager
    def stopped() -> Iterator[None]:
        for row in rows:
            os.kill(row["pid"], signal.SIGSTOP)
        try:
            yield
        finally:
            for row in rows:
                with suppress(ProcessLookupError):
                    os.kill(row["pid"], signal.SIGCONT)

    return stopped()


async def test_an_application_keeps_something_with_a_session(client: httpx.AsyncClient) -> None:
    made = await client.post("/v1/sessions", json={"meta": {"interview": "7", "draft": True}})
    place = made.headers["location"]
    changed = await client.patch(place, json={"meta": {"answer 1": "Bees.", "draft": None}})
    assert changed.status_code == 200
    assert changed.json()["meta"] == {"interview": "7", "answer 1": "Bees."}
    assert (await client.get(place)).json() == changed.json()


async def test_what_is_kept_with_a_session_has_a_bound(client: httpx.AsyncClient) -> None:
    place = (await client.post("/v1/sessions", json={})).headers["location"]
    statuses = [
        (
            await client.patch(
                place, json={"meta": {f"{number} {each}": "x" * 9_000 for each in range(6)}}
            )
        ).status_code
        for number in range(6)
    ]
    assert statuses == [200, 200, 200, 200, 413, 413]
    kept = (await client.get(place)).json()["meta"]
    assert len(kept) == 24


async def test_nothing_is_kept_with_a_session_that_is_gone(client: httpx.AsyncClient) -> None:
    place = (await client.post("/v1/sessions", json={})).headers["location"]
    await client.delete(place)
    assert (await client.patch(place, json={"meta": {"a": 1}})).status_code == 404


async def test_changes_at_once_are_all_kept(client: httpx.AsyncClient) -> None:
    place = (await client.post("/v1/sessions", json={})).headers["location"]
    await asyncio.gather(
        *(client.patch(place, json={"meta": {f"answer {each}": each}}) for each in range(20))
    )
    assert (await client.get(place)).json()["meta"] == {f"answer {n}": n for n in range(20)}
