"""Avatars and presets in a real PostgreSQL: many at once, and what goes when one goes."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.fakes import BEGAN
from tests.stored import (
    count_rows,
    put_asset,
    put_audio,
    put_avatar,
    put_blob,
    put_render,
    put_session,
    put_speech,
    put_utterance,
)
from uuid_utils.compat import uuid7

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.store.avatars import (
    Avatar,
    AvatarState,
    NewAvatar,
    change_avatar,
    create_avatar,
    delete_avatar,
    ensure_avatar,
    get_avatar,
    get_state,
    list_avatars,
    merge_state,
    named_avatar,
)
from lipwire_server.store.pool import Database
from lipwire_server.store.presets import (
    Preset,
    apply_preset,
    change_preset,
    create_preset,
    delete_preset,
    get_preset,
    list_presets,
)

ODD: dict[str, Any] = {
    "": [None, True, False, [], {}],
    "a\u2028b\U0001f600": {"deep": {"er": ["\x01\x7f", "\\u0000"]}},
    "numbers": [0, -1, 2**53 - 1, 1.5, 1e300, 5e-324, 0.1],
}


def new(name: str = "Ida", **others: Any) -> NewAvatar:
    return NewAvatar(id=uuid7(), name=name, face="ida", voice="joe", **others)


async def make_avatar(database: Database, name: str = "Ida", **others: Any) -> Avatar:
    return await create_avatar(database, new(name, **others))


async def make_preset(database: Database, name: str, settings: dict[str, Any]) -> Preset:
    return await create_preset(database, uuid7(), name, settings)


async def refusal(doing: Awaitable[object]) -> ErrorCode:
    with pytest.raises(LipwireError) as caught:
        await doing
    return caught.value.code


async def put_conversation(database: Database, avatar: UUID) -> None:
    """Something of every kind that there can be of an avatar."""
    async with database.connection() as connection:
        for ended in (None, BEGAN):
            session = await put_session(connection, avatar=avatar, ended=ended)
            await put_speech(connection, session)
            for number in range(2):
                utterance = await put_utterance(connection, session, number)
                blob = await put_blob(connection, utterance.bytes)
                await put_audio(connection, utterance, blob)
                await put_render(connection, utterance, blob)


async def test_what_is_read_is_what_was_made(database: Database) -> None:
    async with database.connection() as connection:
        asset = await put_asset(connection, await put_blob(connection, b"me"))
    preset = await make_preset(database, "Sunday", {"hat": True})
    made = await make_avatar(database, asset_id=asset, preset_id=preset.id)
    assert (made.name, made.face, made.voice) == ("Ida", "ida", "joe")
    assert (made.asset_id, made.preset_id) == (asset, preset.id)
    assert made.created_at == made.updated_at
    assert await get_avatar(database, made.id) == made
    assert await named_avatar(database, "Ida") == made
    assert await get_state(database, made.id) == AvatarState({}, 1)


async def test_lists_show_the_newest_first_and_go_on_where_they_ended(database: Database) -> None:
    avatars = [await make_avatar(database, f"number {each}") for each in range(5)][::-1]
    assert await list_avatars(database, after=None, limit=9) == avatars
    assert await list_avatars(database, after=avatars[1].id, limit=2) == avatars[2:4]
    assert await list_avatars(database, after=avatars[4].id, limit=2) == []
    presets = [await make_preset(database, f"number {each}", {}) for each in range(3)][::-1]
    assert await list_presets(database, after=None, limit=2) == presets[:2]
    assert await list_presets(database, after=presets[1].id, limit=2) == presets[2:]


async def test_a_name_is_taken_once(database: Database) -> None:
    await make_avatar(database, "Ida")
    other = await make_avatar(database, "Joe")
    assert await refusal(make_avatar(database, "Ida")) == "conflict"
    assert await refusal(change_avatar(database, other.id, {"name": "Ida"})) == "conflict"
    await make_preset(database, "Sunday", {})
    monday = await make_preset(database, "Monday", {})
    assert await refusal(make_preset(database, "Sunday", {})) == "conflict"
    assert await refusal(change_preset(database, monday.id, "Sunday", None)) == "conflict"


async def test_what_is_not_there_is_not_found(database: Database) -> None:
    nobody, avatar, preset = (
        uuid4(),
        await make_avatar(database),
        await make_preset(database, "A", {}),
    )
    for doing in (
        get_avatar(database, nobody),
        change_avatar(database, nobody, {"name": "x"}),
        change_avatar(database, nobody, {}),
        delete_avatar(database, nobody),
        get_state(database, nobody),
        merge_state(database, nobody, {}),
        get_preset(database, nobody),
        change_preset(database, nobody, "x", None),
        delete_preset(database, nobody),
        apply_preset(database, nobody, avatar.id),
        apply_preset(database, preset.id, nobody),
    ):
        assert await refusal(doing) == "not_found"
    assert await named_avatar(database, "nobody") is None


async def test_only_what_is_there_can_be_linked(database: Database) -> None:
    async with database.connection() as connection:
        blob = await put_blob(connection, b"me")
        deleted = await put_asset(connection, blob, deleted=BEGAN)
    avatar = await make_avatar(database)
    for link in ({"asset_id": uuid4()}, {"asset_id": deleted}, {"preset_id": uuid4()}):
        kind = next(iter(link)).removesuffix("_id")
        for doing in (
            make_avatar(database, "other", **link),
            change_avatar(database, avatar.id, link),
        ):
            with pytest.raises(LipwireError, match=f"no such {kind}"):
                await doing
    assert await list_avatars(database, after=None, limit=9) == [avatar]


async def test_changing_sets_what_is_given_and_leaves_the_rest(database: Database) -> None:
    preset = await make_preset(database, "Sunday", {})
    avatar = await make_avatar(database, preset_id=preset.id, state={"hat": True})
    changed = await change_avatar(database, avatar.id, {"name": "Ada", "voice": "eva"})
    assert (changed.name, changed.face, changed.voice) == ("Ada", "ida", "eva")
    assert changed.preset_id == preset.id
    assert changed.updated_at > avatar.updated_at
    bare = await change_avatar(database, avatar.id, {"preset_id": None})
    assert bare.preset_id is None
    assert await change_avatar(database, avatar.id, {}) == bare
    assert await get_state(database, avatar.id) == AvatarState({"hat": True}, 1)


async def test_no_other_column_can_be_set(database: Database) -> None:
    avatar = await make_avatar(database)
    with pytest.raises(AssertionError):
        await change_avatar(database, avatar.id, {"version = 7, name": "x"})


async def test_all_who_ensure_one_name_at_once_get_the_same_avatar(database: Database) -> None:
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(ensure_avatar(database, new(state={"by": each})))
            for each in range(30)
        ]
    avatars = [task.result() for task in asked]
    assert len({avatar.id for avatar in avatars}) == 1
    async with database.connection() as connection:
        assert await count_rows(connection) == {"avatar": 1}
    # It stays as it is, whoever asks for it later.
    assert await ensure_avatar(database, new()) == avatars[0]


async def test_deleting_an_avatar_takes_all_that_is_its_own_and_nothing_else(
    database: Database,
) -> None:
    gone, kept = await make_avatar(database, "gone"), await make_avatar(database, "kept")
    async with database.connection() as connection:
        asset = await put_asset(connection, await put_blob(connection, b"asset"))
        nobodys = await put_session(connection)
        await put_utterance(connection, nobodys)
    preset = await make_preset(database, "Sunday", {})
    await change_avatar(database, gone.id, {"asset_id": asset, "preset_id": preset.id})
    await put_conversation(database, kept.id)
    async with database.connection() as connection:
        before = await count_rows(connection)
    await put_conversation(database, gone.id)
    async with database.connection() as connection:
        both = await count_rows(connection)
    added = {table: count - before[table] for table, count in both.items() if table != "config"}
    own = {"session": 2, "speech": 2, "session_settings": 2, "utterance": 4, "segment": 4,
           "phoneme": 4, "audio": 4, "render": 4}  # fmt: skip
    assert {table: count for table, count in added.items() if count} == own | {"blob": 4}

    await delete_avatar(database, gone.id)
    async with database.connection() as connection:
        # Files are shared: theirs is another clean-up, which looks who still refers to them.
        assert await count_rows(connection) == before | {
            "avatar": before["avatar"] - 1,
            "blob": before["blob"] + 4,
        }
        left = await connection.fetch("SELECT DISTINCT avatar_id FROM session")
    assert {row["avatar_id"] for row in left} == {kept.id, None}
    assert await list_avatars(database, after=None, limit=9) == [kept]
    assert await get_preset(database, preset.id) == preset


async def test_an_avatar_with_more_than_a_bite_goes_too(database: Database) -> None:
    async with database.connection() as connection:
        avatar = await put_avatar(connection, "talkative")
        await connection.execute(
            """
            INSERT INTO session (id, secret_sha256, voice, sample_rate, settings, opened_at,
                                 avatar_id)
            SELECT gen_random_uuid(), sha256('x'), 'joe', 22050, '{}', now(), $1
            FROM generate_series(1, 120)
            """,
            avatar,
        )
        await connection.execute(
            """
            INSERT INTO utterance (id, session_id, number, session_position, sample_count, text,
                                   voice, rate_percent, seed, reason, started_at, ended_at)
            SELECT gen_random_uuid(), session.id, number, 0, 0, '', 'joe', 100, 0, 'done', now(),
                   now()
            FROM session, generate_series(1, 10) AS number
            """
        )
    await delete_avatar(database, avatar)
    async with database.connection() as connection:
        assert await count_rows(connection) == {}


async def test_deleting_a_preset_leaves_those_who_wear_it_as_they_look(database: Database) -> None:
    preset = await make_preset(database, "Sunday", {"hat": True})
    avatar = await make_avatar(database, preset_id=preset.id)
    await apply_preset(database, preset.id, avatar.id)
    await delete_preset(database, preset.id)
    assert (await get_avatar(database, avatar.id)).preset_id is None
    assert (await get_state(database, avatar.id)).state == {"hat": True}


async def test_a_hundred_who_change_one_state_at_once_lose_nothing(database: Database) -> None:
    avatar = await make_avatar(database)
    async with asyncio.TaskGroup() as group:
        for each in range(100):
            group.create_task(insist(database, avatar.id, {f"key {each}": each, "last": each}))
    stored = await get_state(database, avatar.id)
    assert stored.version >= 101
    assert stored.state.pop("last") in range(100)
    assert stored.state == {f"key {each}": each for each in range(100)}


async def insist(database: Database, avatar: UUID, patch: dict[str, Any]) -> None:
    """Where the machine is so busy that there is no answer in time, ask again."""
    while True:
        try:
            await merge_state(database.for_requests(), avatar, patch)
            return
        except LipwireError as error:
            assert error.code == "storage_unavailable"


async def test_of_those_who_change_one_version_only_one_succeeds(database: Database) -> None:
    avatar = await make_avatar(database)
    async with asyncio.TaskGroup() as group:
        tries = [
            group.create_task(settled(merge_state(database, avatar.id, {"by": each}, versions={1})))
            for each in range(20)
        ]
    won = [task.result() for task in tries if isinstance(task.result(), AvatarState)]
    lost = [task.result() for task in tries if task.result() == ErrorCode.PRECONDITION_FAILED]
    assert (len(won), len(lost)) == (1, 19)
    assert [await get_state(database, avatar.id)] == won


async def settled(doing: Awaitable[AvatarState]) -> AvatarState | ErrorCode:
    try:
        return await doing
    except LipwireError as error:
        return error.code


async def test_a_state_comes_back_as_it_was_put(database: Database) -> None:
    avatar = await make_avatar(database)
    after = await merge_state(database, avatar.id, {"odd": ODD})
    assert after == AvatarState({"odd": ODD}, 2)
    assert await get_state(database, avatar.id) == after


async def test_a_null_in_a_new_state_is_no_member(database: Database) -> None:
    avatar = await make_avatar(database, state={"hat": None, "face": {"beard": None, "pale": True}})
    assert (await get_state(database, avatar.id)).state == {"face": {"pale": True}}


async def test_a_state_that_would_become_too_long_stays_as_it_was(database: Database) -> None:
    avatar = await make_avatar(database)
    room = (64 << 10) - len('{"a":""}')
    before = await merge_state(database, avatar.id, {"a": "x" * room})
    assert await refusal(merge_state(database, avatar.id, {"b": 1})) == "message_limit"
    assert await get_state(database, avatar.id) == before
    assert (await merge_state(database, avatar.id, {"a": None, "b": 1})).state == {"b": 1}
    too_long = make_avatar(database, "long", state={"a": "x" * (64 << 10)})
    assert await refusal(too_long) == "message_limit"
    assert await named_avatar(database, "long") is None


async def test_a_preset_is_merged_into_the_state(database: Database) -> None:
    avatar = await make_avatar(database, state={"hat": "top", "mood": {"now": "sad", "since": 3}})
    settings = {"hat": None, "mood": {"now": "happy"}}
    preset = await make_preset(database, "cheer up", settings)
    assert (await get_preset(database, preset.id)).settings == settings
    worn = AvatarState({"mood": {"now": "happy", "since": 3}}, 2)
    assert await apply_preset(database, preset.id, avatar.id, versions={1}) == worn
    stale = apply_preset(database, preset.id, avatar.id, versions={1})
    assert await refusal(stale) == "precondition_failed"
    assert await get_state(database, avatar.id) == worn


async def test_the_settings_of_a_preset_are_replaced_as_a_whole(database: Database) -> None:
    preset = await make_preset(database, "Sunday", {"hat": True})
    changed = await change_preset(database, preset.id, None, {"beard": None})
    assert (changed.name, changed.settings) == ("Sunday", {"beard": None})
    assert changed.updated_at > preset.updated_at
    assert (await change_preset(database, preset.id, "Monday", None)).settings == {"beard": None}
