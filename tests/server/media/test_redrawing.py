"""The process that pictures are decoded in: what it tells, and that it is gone afterwards."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.media import redraw_child, redrawing
from lipwire_server.media.redrawing import Picture, redraw


def program(tmp_path: Path, text: str) -> Path:
    """A child that is not what it should be."""
    path = tmp_path / "child.py"
    path.write_text(f"import os, sys\nopen(sys.argv[2], 'w').write(str(os.getpid()))\n{text}")
    return path


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_picture_is_drawn_anew(tmp_path: Path) -> None:
    Image.new("RGB", (30, 20), (200, 10, 20)).save(tmp_path / "in", "PNG")
    picture = await redraw(tmp_path / "in", tmp_path / "out")
    assert picture == Picture(media_type="image/png", width=30, height=20)
    with Image.open(tmp_path / "out") as drawn:
        assert drawn.getpixel((0, 0)) == (200, 10, 20)


async def test_one_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    Image.effect_noise((300, 200), 80).save(tmp_path / "whole", "PNG")
    (tmp_path / "in").write_bytes((tmp_path / "whole").read_bytes()[:5_000])
    with pytest.raises(LipwireError, match="damaged") as caught:
        await redraw(tmp_path / "in", tmp_path / "out")
    assert caught.value.code is ErrorCode.UNREADABLE


async def test_one_that_is_too_large_is_told_so(tmp_path: Path) -> None:
    Image.new("1", (10_000, 10_000)).save(tmp_path / "in", "PNG")
    with pytest.raises(LipwireError, match="smaller") as caught:
        await redraw(tmp_path / "in", tmp_path / "out")
    assert caught.value.code is ErrorCode.MESSAGE_LIMIT


@pytest.mark.parametrize(
    "text",
    ["os.abort()", "os._exit(1)", "print('nonsense')", "os.kill(os.getpid(), 9)", ""],
)
async def test_a_child_that_falls_takes_nobody_with_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(LipwireError, match="too much") as caught:
        await redraw(tmp_path / "in", tmp_path / "out", child=program(tmp_path, text))
    assert caught.value.code is ErrorCode.UNREADABLE
    assert not lives(int((tmp_path / "out").read_text()))


async def test_a_child_that_never_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[asyncio.subprocess.Process] = []
    begin = asyncio.create_subprocess_exec

    async def noted(*command: str, **options: Any) -> asyncio.subprocess.Process:
        begun.append(await begin(*command, **options))
        return begun[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    monkeypatch.setattr(redrawing, "_PATIENCE_S", 0.1)
    child = program(tmp_path, "import time\ntime.sleep(1000)")
    with pytest.raises(LipwireError, match="too much"):
        await redraw(tmp_path / "in", tmp_path / "out", child=child)
    (process,) = begun
    assert process.returncode is not None
    assert not lives(process.pid)


async def test_nobody_waits_for_a_child_any_more_whose_request_is_gone(tmp_path: Path) -> None:
    child = program(tmp_path, "import time\ntime.sleep(1000)")
    task = asyncio.create_task(redraw(tmp_path / "in", tmp_path / "out", child=child))
    while not ((tmp_path / "out").exists() and (tmp_path / "out").read_text()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not lives(int((tmp_path / "out").read_text()))


async def test_where_no_process_can_be_started_one_is_told_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(LipwireError) as caught:
        await redraw(tmp_path / "in", tmp_path / "out")
    assert caught.value.code is ErrorCode.OVERLOADED
    assert caught.value.retry_after_ms


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bounds")
async def test_the_child_knows_nothing_of_the_server_and_has_its_bounds(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("")
    child = program(
        tmp_path,
        "import json, resource, runpy\n"
        "own = runpy.run_path(sys.argv[1])\n"
        "own['confine']()\n"
        "limits = [resource.getrlimit(getattr(resource, f'RLIMIT_{n}')) for n in ('CPU', 'AS')]\n"
        "text = f'{len(os.environ)} {limits} {\"lipwire_server\" in sys.modules}'\n"
        "print(json.dumps({'code': 'unreadable', 'text': text}))",
    )
    source = Path(redraw_child.__file__)
    with pytest.raises(LipwireError) as caught:
        await redraw(source, tmp_path / "out", child=child)
    # Python sets LC_CTYPE by itself where there is no locale.
    assert str(caught.value)[2:] == f"[(10, 10), ({768 << 20}, {768 << 20})] False"
    assert int(str(caught.value)[0]) <= 1
