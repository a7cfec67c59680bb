"""Files that are meant to do harm, sent to a server of its own process: it says no and goes on."""

import asyncio
import io
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.patience import patient_client, patient_sync_client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

MOST_BYTES = 16 << 20
MOST_MORE = 60 << 10
"""KiB that the server may take while it is attacked, beyond what it takes anyway."""

SENDERS = ThreadPoolExecutor(12)


@dataclass
class Victim:
    process: subprocess.Popen[str]
    port: int
    data: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kib(self, name: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+)", status)
        assert found is not None
        return int(found[1])

    @property
    def children(self) -> list[str]:
        found: list[str] = []
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            with suppress(OSError):  # It has ended meanwhile.
                found += (thread / "children").read_text().split()
        return found

    @property
    def drafts(self) -> list[Path]:
        return list(self.data.glob("drafts/*/*"))

    @property
    def blobs(self) -> list[Path]:
        return list(self.data.glob("blobs/*/*"))

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


@contextmanager
def serving(dsn: str, data: Path) -> Iterator[Victim]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.adversity.upload_server", dsn, str(data)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        lines = iter(process.stderr.readline, "")
        port = next(int(found[1]) for line in lines if (found := re.search(r":(\d+) ", line)))
        yield Victim(process, port, data)
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
        assert "Traceback" not in rest


@pytest.fixture
async def victim(database_dsn: str, tmp_path: Path) -> AsyncIterator[Victim]:
    """Whatever is sent to it: little memory, no child, no draft, and it still serves."""
    with serving(database_dsn, tmp_path / "data") as victim:
        await send(victim, png())  # What is only needed once is there by then.
        victim.forget_peak()
        before = victim.kib("VmRSS")
        yield victim
        assert victim.kib("VmHWM") - before < MOST_MORE
        await settled(victim)
        assert (await send(victim, png(2))).status_code == 201


async def settled(victim: Victim) -> None:
    """Those whose connection was cut are cleared up after soon."""
    async with asyncio.timeout(60):
        while victim.children or victim.drafts:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def send(
    victim: Victim,
    data: bytes | Iterator[bytes],
    filename: str = "me.png",
    type: str = "application/octet-stream",
) -> httpx.Response:
    """By a thread, whose socket still has the answer where it was cut off while it sent."""
    work = partial(_sent, victim.url, data, {"filename": filename}, {"Content-Type": type})
    return await asyncio.get_running_loop().run_in_executor(SENDERS, work)


def _sent(
    url: str, data: bytes | Iterator[bytes], params: dict[str, str], headers: dict[str, str]
) -> httpx.Response:
    # What comes piece by piece comes only once.
    is_kept = isinstance(data, bytes)
    with patient_sync_client(url) if is_kept else httpx.Client(base_url=url, timeout=60) as client:
        return client.post("/v1/assets", content=data, params=params, headers=headers)


async def content_of(victim: Victim, answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 201, answer.text
    async with patient_client(victim.url) as client:
        return await client.get(answer.json()["url"])


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def png(side: int = 1) -> bytes:
    return saved(Image.new("RGB", (side, side)), "PNG")


def png_chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def png_of(width: int, height: int, *chunks: bytes) -> bytes:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + png_chunk(b"IEND", b"")


def webp_of_frames(count: int) -> bytes:
    still = saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    frame = bytes(6) + bytes(6) + b"\x0a\0\0\0" + still
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + bytes(6)
    body += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body += (b"ANMF" + struct.pack("<I", len(frame)) + frame) * count
    return b"RIFF" + struct.pack("<I", len(body)) + body


NAMES = {
    "../../../../etc/cron.d/evil": "evil.png",
    "..\\..\\windows\\system.ini": "system.ini.png",
    "/etc/passwd": "passwd.png",
    "%2e%2e%2fetc%2fpasswd": "%2e%2e%2fetc%2fpasswd.png",
    "....//....//x.png": "x.png",
    "a\"; filename*=UTF-8''evil.html": "a\"; filename*=UTF-8''evil.html.png",
    "me.png\r\nSet-Cookie: a=b": "me.pngSet-Cookie: a=b.png",
}


async def test_a_name_leads_nowhere(victim: Victim) -> None:
    before = everything(victim)
    for filename, kept in NAMES.items():
        answer = await send(victim, png(3), filename)
        assert answer.json()["filename"] == kept
        served = await content_of(victim, answer)
        assert served.headers["content-disposition"].startswith("attachment; filename=")
        assert "set-cookie" not in served.headers
    sha = answer.json()["sha256"]
    assert everything(victim) - before == {victim.data / "blobs" / sha[:2] / sha}


def everything(victim: Victim) -> set[Path]:
    return {path for path in victim.data.parent.rglob("*") if path.is_file()}


async def test_what_lies_about_its_type_is_refused(victim: Victim) -> None:
    for data in (
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"\0\0\0\x20ftypavif" + bytes(100),
        b"II*\0" + bytes(100),
    ):
        for type in ("image/png", "image/svg+xml", "application/octet-stream"):
            answer = await send(victim, data, "me.png", type)
            assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media")


async def test_the_type_of_an_asset_is_what_it_is(victim: Victim) -> None:
    answer = await send(victim, png(4), "song.wav", "audio/wav")
    assert answer.json()["media_type"] == "image/png"
    served = await content_of(victim, answer)
    assert served.headers["content-type"] == "image/png"
    assert served.headers["x-content-type-options"] == "nosniff"


async def test_of_a_polyglot_only_the_picture_is_left(victim: Victim) -> None:
    evil = b"PK\x03\x04<html><script>alert(1)</script>"
    text = PngInfo()
    text.add_text("Comment", evil.decode("latin1"))
    picture = Image.new("RGB", (5, 5))
    for data in (
        saved(picture, "PNG", pnginfo=text) + evil,
        saved(picture, "JPEG", comment=evil) + evil,
        saved(picture, "WEBP", xmp=evil) + evil,
        wav(b"\1\0" * 50) + b"LIST" + struct.pack("<I", len(evil)) + evil,
    ):
        assert evil in data
        served = await content_of(victim, await send(victim, data))
        assert served.status_code == 200
        assert b"script" not in served.content


def wav(samples: bytes) -> bytes:
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 16_000, 2, 16)
    body += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bombs() -> Iterator[tuple[str, bytes, int]]:
    small = saved(Image.new("1", (13_760, 13_760)), "PNG")
    assert len(small) < 30_000, "and 757 MB as RGBA"
    yield "of 189 million pixels", small, 413
    huge = zlib.compress(bytes(100 << 20), 9)
    yield "of the largest numbers", png_of(2**31 - 1, 2**31 - 1, png_chunk(b"IDAT", huge)), 413
    yield "with more rows than it says", png_of(8, 8, png_chunk(b"IDAT", huge)), 201
    text = png_chunk(b"zTXt", b"Comment\0\0" + huge)
    yield "with a huge comment", png_of(8, 8, text, png_chunk(b"IDAT", huge)), 422
    profile = png_chunk(b"iCCP", b"p\0\0" + huge)
    yield "with a huge profile", png_of(8, 8, profile, png_chunk(b"IDAT", huge)), 422
    yield "of ten thousand frames", webp_of_frames(10_000), 422
    yield (
        "that says it moves",
        png_of(8, 8, png_chunk(b"acTL", struct.pack(">II", 10_000, 0)), png_chunk(b"IDAT", huge)),
        422,
    )
    wide = saved(Image.new("1", (60_000, 4_000)), "PNG")
    yield "that is very wide", wide, 413
    jpeg = bytearray(saved(Image.new("L", (64, 64)), "JPEG"))
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = b"\xff\xff\xff\xff"
    yield "in a JPEG that says it is large", bytes(jpeg), 413


async def test_a_bomb_does_not_go_off(victim: Victim) -> None:
    for name, data, status in bombs():
        answer = await send(victim, data)
        assert answer.status_code == status, (name, answer.text)


async def test_the_largest_picture_is_drawn_outside_of_the_server(victim: Victim) -> None:
    answer = await send(victim, saved(Image.new("RGBA", (3_840, 2_160), (1, 2, 3, 4)), "PNG"))
    assert answer.json()["meta"] == {"width": 3_840, "height": 2_160}


async def test_a_picture_that_is_cut_off_or_broken_is_refused(victim: Victim) -> None:
    picture = Image.effect_noise((200, 200), 90).convert("RGB")
    for whole in (saved(picture, kind) for kind in ("PNG", "JPEG", "WEBP")):
        middle = len(whole) // 2
        for data in (whole[:middle], whole[:40], whole[:16] + bytes(len(whole))):
            answer = await send(victim, data)
            assert (answer.status_code, answer.json()["code"]) == (422, "unreadable")


async def test_what_is_too_long_is_refused_however_it_comes(victim: Victim) -> None:
    def pieces() -> Iterator[bytes]:
        yield png()
        for _ in range(30):
            yield bytes(1 << 20)

    def one() -> Iterator[bytes]:
        yield png() + bytes(30 << 20)

    for data in (png() + bytes(30 << 20), pieces(), one()):
        answer = await send(victim, data)
        assert (answer.status_code, answer.json()["code"]) == (413, "message_limit")


async def test_many_large_ones_at_once_take_no_more_memory(victim: Victim) -> None:
    data = wav(bytes(MOST_BYTES - 1_000))
    answers = await asyncio.gather(*(send(victim, data) for _ in range(12)))
    # Who is told to come back does so, and there is room then.
    assert {answer.status_code for answer in answers} == {201}
    assert len(victim.blobs) == 2, "the first picture, and one sound"


HEAD = b"POST /v1/assets HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"


async def raw(victim: Victim, *parts: bytes) -> bytes:
    """What is answered to those bytes until the connection is closed on our side."""
    reader, writer = await asyncio.open_connection("127.0.0.1", victim.port)
    writer.write(b"".join(parts))
    async with asyncio.timeout(60):
        answer = await reader.read(12)
    writer.close()
    return answer


async def test_a_length_that_lies_is_believed_nowhere(victim: Victim) -> None:
    whole = png(6)
    # Less than what comes: the rest is another request, and no good one.
    assert await raw(victim, HEAD, b"Content-Length: 20\r\n\r\n", whole) == b"HTTP/1.1 422"
    for length in (b"99999999999", b"16777217"):
        answer = await raw(victim, HEAD, b"Content-Length: ", length, b"\r\n\r\n", whole)
        assert answer == b"HTTP/1.1 413"
    for length in (b"-5", b"1e3", b"9" * 400):
        answer = await raw(victim, HEAD, b"Content-Length: ", length, b"\r\n\r\n", whole)
        assert answer in (b"HTTP/1.1 400", b"HTTP/1.1 413")
    # More than what comes: whoever sent it hangs up.
    _, writer = await asyncio.open_connection("127.0.0.1", victim.port)
    writer.write(HEAD + b"Content-Length: 9000000\r\n\r\n" + whole + bytes(400_000))
    await writer.drain()
    writer.transport.abort()
    await settled(victim)
    assert len(victim.blobs) == 1


async def test_a_body_without_an_end_is_cut_off(victim: Victim) -> None:
    assert await asyncio.to_thread(pour, victim.port) == b"HTTP/1.1 413"


def pour(port: int) -> bytes:
    """What is answered to one who does not stop."""
    block = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"8\r\n\x89PNG\r\n\x1a\n\r\n")
        with pytest.raises(ConnectionError):
            while True:
                connection.sendall(block)
        return connection.recv(12)


async def test_whoever_hangs_up_leaves_nothing(victim: Victim) -> None:
    slow = saved(Image.effect_noise((2_000, 2_000), 90), "PNG")
    for data in (slow[:1_000_000], slow):
        _, writer = await asyncio.open_connection("127.0.0.1", victim.port)
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(slow) + data)
        await writer.drain()
        writer.transport.abort()
    await settled(victim)
