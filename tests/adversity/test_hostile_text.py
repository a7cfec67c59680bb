"""Text that nobody would send in good faith, to a real server: bounded, answered and survived."""

import asyncio
import json
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
import websockets

from lipwire_client import Session, Spoken, connect
from lipwire_protocol import (
    Error,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Speak,
    Split,
    TextOptions,
    Timing,
    Treatment,
    UtteranceEnded,
)
from lipwire_protocol.options import Urls
from tests.adversity.hearing import (
    AT_ONCE,
    forget_peak,
    interrupt_after,
    memory_mib,
    peak_mib,
    send,
)
from tests.server_process import ServerProcess, running_server
from tests.tiny_voice import NAME as TINY
from tests.tiny_voice import RATE as TINY_RATE
from tests.tiny_voice import write_tiny_voice

MOST_PHONEMES = 1_000
LONGEST_S = 0.17 * MOST_PHONEMES
"""Of a segment, by the slowest of speakers; 400 letters take half a minute as a rule."""
MOST_MIB = 800
"""More than an idle server needs. Of it, the cache may have 128, and each of two plans as long as
can be about 250."""

_PUNCTUATION = [
    chr(point)
    for point in range(sys.maxunicode + 1)
    if unicodedata.category(chr(point)).startswith("P")
]

TEXTS = {
    "no punctuation": "word " * 4_000,
    "no space": "x" * 10_000,
    "emoji": "\U0001f600" * 10_000,
    "joined emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f3ff" * 1_500,
    "digits": "7" * 10_000,
    "numbers": "1,234,567.89 " * 750,
    "a long word": "Donaudampfschiff" * 13,
    "all punctuation": " ".join(f"a{mark} b" for mark in _PUNCTUATION),
    "only punctuation": "".join(_PUNCTUATION) * 5,
    "right to left": "\u202eשלום\u202c مرحبا بالعالم، hello \u2067עולם\u2069؟ " * 250,
    "zero width": "z\u200be\u200br\u200co\ufeff w\u2060i\u00add\u200dth " * 500,
    "combining": "Z" + "\u0351\u036b\u0343" * 3_000,
    "open brackets": "[[" * 50_000,
    "unclosed phonemes": "Say [[" + "həlˈoʊ " * 1_400,
    "no phonemes": "[[\u2603\U0001f600]] [[]] [[[[a]]]] " * 400,
    "unclosed markup": "<speak><prosody rate='fast'>" + "<emphasis>very " * 600,
    "entities": "<speak>&lt;&#x110000;&bogus;&#0;&amp;&" + "&#x41;" * 1_500,
    "unclosed Markdown": "**_`[a](" * 1_200 + "\n```\n> # |-|" * 50,
    "a command": "$(rm -rf /) `rm -rf ~` ; DROP TABLE utterance; -- %s%n ../../etc/passwd",
    "control characters": "".join(map(chr, [*range(1, 32), *range(127, 160)])) * 30 + "End.",
    "unassigned": "\ufffe\uffff\U0010ffff\ue000\U000e0041" * 1_000 + " End.",
    "endless breaks": "<speak>" + "<break time='10s'/>" * 400 + "</speak>",
}
OPTIONS = {
    "plain": TextOptions(),
    "Markdown": TextOptions(
        markdown=Treatment.STRIP, code=Treatment.STRIP, emoji=Treatment.STRIP, urls=Urls.HOST
    ),
    "SSML": TextOptions(ssml=True),
    "clauses": TextOptions(split=Split.CLAUSE),
    "as long as can be": TextOptions(split=Split.NONE),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One with a voice that costs nothing beside the real one, which turns nobody away."""
    folder: Path = tmp_path_factory.mktemp("voices")
    write_tiny_voice(folder)
    with running_server({"LIPWIRE_VOICES": str(folder), "LIPWIRE_LOAD_PERCENT": "1000"}) as process:
        before = memory_mib(process.process.pid)
        # What loading needs is not of interest.
        forget_peak(process.process.pid)
        yield process
        assert process.process.poll() is None
        assert not [line for line in process.log if "Traceback" in line]
        assert peak_mib(process.process.pid) - before < MOST_MIB


def hello(voice: str | None = None, text: TextOptions = OPTIONS["plain"]) -> Hello:
    return Hello(voice=voice, text=text, flow=AT_ONCE.flow, timing=Timing(phonemes=True))


def assert_bounded(spoken: Spoken, text: str, rate: int) -> None:
    end = 0
    for segment in spoken.segments:
        assert isinstance(segment.phonemes, tuple)
        assert len(segment.phonemes) <= MOST_PHONEMES
        assert segment.count <= LONGEST_S * rate
        assert end <= segment.span[0] <= segment.span[1] <= len(text)
        end = segment.span[1]
    assert {problem.code for problem in spoken.warnings} <= {
        "empty_text",
        "bad_message",
        "text_limit",
        "synthesis_failed",
    }


async def goes_on(session: Session) -> bool:
    """What an honest caller says is spoken, and as everybody hears it."""
    spoken = await session.say("Hello.")
    [segment] = spoken.segments
    return segment.text == "Hello." and spoken.ended is not None and spoken.ended.count > 0


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_any_text_is_spoken_in_bounded_segments_however_it_is_read(
    server: ServerProcess, text: str
) -> None:
    async def try_with(options: TextOptions) -> None:
        async with connect(server.stream, hello(TINY, options)) as session:
            await send(session, 0, text)
            assert_bounded(await interrupt_after(session, 0, 12), text, TINY_RATE)
            assert await goes_on(session)

    await asyncio.gather(*map(try_with, OPTIONS.values()))


@pytest.mark.parametrize(
    "name", ["no punctuation", "emoji", "digits", "right to left", "zero width", "a command"]
)
async def test_the_real_voice_speaks_it_too_and_to_others_meanwhile(
    server: ServerProcess, name: str
) -> None:
    alone = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=1_000), timing=Timing(phonemes=True))
    async with (
        connect(server.stream, alone) as session,
        connect(server.stream) as bystander,
    ):
        await send(session, 0, TEXTS[name])
        hostile, other = await asyncio.gather(
            interrupt_after(session, 0, 1), bystander.say("All is well.")
        )
        assert_bounded(hostile, TEXTS[name], 22_050)
        assert hostile.segments
        assert other.ended is not None and (other.ended.reason, other.warnings) == ("done", [])
        assert await goes_on(session)


@pytest.mark.parametrize(
    "letter", ["word ", " ", "[[", "\U0001f600"], ids=["words", "space", "brackets", "emoji"]
)
async def test_ten_megabytes_are_refused_but_for_what_may_wait(
    server: ServerProcess, letter: str
) -> None:
    pieces = 10_000_000 // 10_000
    piece = (letter * 10_000)[:10_000]
    slow = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=100))
    async with connect(server.stream, slow) as session, connect(server.stream) as bystander:

        async def flood() -> None:
            for _ in range(pieces):
                await session.send(Speak(utterance=0, text=piece))
            await session.send(Interrupt(utterance=0))

        async def listen() -> int:
            refused = 0
            while not isinstance(message := await session.receive(), UtteranceEnded):
                if isinstance(message, Error):
                    assert message.code == "text_limit"
                    refused += 1
            return refused

        _, refused, other = await asyncio.gather(
            flood(), listen(), bystander.say("Kick the ball straight and follow through.")
        )
        # Of white space, so much is taken as an utterance may have in all.
        assert pieces - 20 <= refused < pieces
        assert other.ended is not None and (other.ended.reason, other.warnings) == ("done", [])
        assert await goes_on(session)


@pytest.mark.parametrize("text", ["\ud83d", "\udc00 low", "a \udfff\ud800 b"], ids=ascii)
async def test_half_a_character_is_no_message_in_bytes_nor_escaped(
    server: ServerProcess, text: str
) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    packed = msgpack.packb({"type": "speak", "utterance": 0, "text": raw, "end": True}).replace(
        msgpack.packb(raw), bytes([0xA0 + len(raw)]) + raw
    )
    escaped = json.dumps({"type": "speak", "utterance": 0, "text": text, "end": True})
    for data, subprotocol in ((packed, "lipwire.v1"), (escaped, "lipwire.v1.json")):
        async with websockets.connect(
            server.stream, subprotocols=[websockets.Subprotocol(subprotocol)]
        ) as socket:
            hello = {"type": "hello", "flow": {"mode": "off", "lead_ms": 1_000}}
            honest = {"type": "speak", "utterance": 1, "text": "Hello.", "end": True}
            for message in (hello, data, honest):
                if isinstance(message, dict):
                    is_json = isinstance(data, str)
                    message = json.dumps(message) if is_json else msgpack.packb(message)
                await socket.send(message)
            seen: list[dict[str, Any]] = []
            while not seen or seen[-1]["type"] != "utterance_ended":
                received = await socket.recv()
                seen.append(
                    json.loads(received) if isinstance(received, str) else msgpack.unpackb(received)
                )
        assert [m["code"] for m in seen if m["type"] == "error"] == ["bad_message"]
        assert seen[-1]["utterance"] == 1 and seen[-1]["count"] > 0
