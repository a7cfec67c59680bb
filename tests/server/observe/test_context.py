import asyncio
import logging

from lipwire_server.observe.context import SESSION, UTTERANCE, Whose


def seen(**named: object) -> dict[str, object]:
    record = logging.makeLogRecord(named)
    assert Whose().filter(record)
    return {name: getattr(record, name, None) for name in ("session", "utterance")}


async def test_a_line_tells_whose_work_it_is_about() -> None:
    async def work() -> dict[str, object]:
        UTTERANCE.set(7)
        return await asyncio.create_task(asyncio.sleep(0, seen()))

    SESSION.set("s1")
    assert await asyncio.create_task(work()) == {"session": "s1", "utterance": 7}
    # What is set within a task stays in it.
    assert seen() == {"session": "s1", "utterance": None}


def test_a_line_of_nobodys_work_names_nobody() -> None:
    assert seen() == {"session": None, "utterance": None}


async def test_what_the_line_itself_names_stays() -> None:
    SESSION.set("s1")
    assert seen(session="s2")["session"] == "s2"
