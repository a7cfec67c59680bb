import os
import pwd
import stat
import tempfile
from pathlib import Path

import pytest

from lipwire_server.store.binaries import Binaries
from lipwire_server.store.cluster import Account, choose_account, make_root, prepare, socket_dsn
from lipwire_server.store.errors import DatabaseSetupError

BINARIES = Binaries(Path("/bin"), "18.6")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has accounts to choose from")


def existing_data(root: Path, major: int = 18) -> Path:
    data = root / f"pg{major}"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text(f"{major}\n")
    return data


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@as_root
def test_root_gives_way_to_the_account_that_was_named() -> None:
    nobody = pwd.getpwnam("nobody")
    assert choose_account("nobody") == Account("nobody", nobody.pw_uid, nobody.pw_gid)


@as_root
@pytest.mark.parametrize("name", ["no-such-account", "root"])
def test_an_account_that_cannot_run_postgres_is_refused(name: str) -> None:
    with pytest.raises(DatabaseSetupError, match="refuses to run as root"):
        choose_account(name)


def test_folders_that_exist_keep_their_modes(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    make_root(tmp_path / "private" / "data" / "postgres")
    assert mode(tmp_path / "private") == 0o700
    assert mode(tmp_path / "private" / "data") == (0o711 if os.geteuid() == 0 else 0o700)


@as_root
def test_a_root_that_the_account_cannot_enter_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(DatabaseSetupError, match="`nobody` cannot enter"):
        prepare(tmp_path, BINARIES, choose_account("nobody"), tmp_path)


def test_data_of_another_major_version_is_refused(tmp_path: Path) -> None:
    existing_data(tmp_path, 17)
    with pytest.raises(DatabaseSetupError, match=r"another PostgreSQL \(pg17\).*18\.6"):
        prepare(tmp_path, BINARIES, None, tmp_path)


def test_data_of_another_account_is_a_clear_error(tmp_path: Path) -> None:
    data = existing_data(tmp_path)
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(data, 12345, 12345)
    with pytest.raises(DatabaseSetupError, match="belongs to uid 12345"):
        prepare(tmp_path, BINARIES, None, tmp_path)


@as_root
def test_an_account_without_an_entry_in_the_password_file_is_a_clear_error(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(tempfile.gettempdir()) and folder != Path(tempfile.gettempdir()):
            folder.chmod(0o755)
    binaries = Binaries(Path("/bin"), "18.6")
    with pytest.raises(DatabaseSetupError, match="uid 54321 has no entry"):
        prepare_without_copy(tmp_path, binaries, Account("ghost", 54321, 54321))


def prepare_without_copy(root: Path, binaries: Binaries, account: Account) -> None:
    # `true` stands for a postgres that the account can execute.
    folder = root / "bin"
    folder.mkdir()
    (folder / "postgres").symlink_to("/bin/true")
    prepare(root, Binaries(folder, binaries.version), account, root)


def test_it_is_told_when_the_database_is_made_and_never_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    programs = tmp_path / "bin"
    programs.mkdir()
    initdb = programs / "initdb"
    initdb.write_text('#!/bin/sh\necho 18 >"$2/PG_VERSION"\n')
    initdb.chmod(0o755)
    for _ in range(2):
        prepare(tmp_path, Binaries(programs, "18.6"), None, tmp_path)
    [told] = caplog.messages
    assert told.startswith(f"making the database in {tmp_path / 'pg18'}")


def test_a_short_path_has_its_socket_with_the_data(tmp_path: Path) -> None:
    root = Path("/tmp") / f"lipwire-{os.getpid()}"
    data = existing_data(root)
    try:
        assert prepare(root, BINARIES, None, tmp_path).sockets == data
    finally:
        (data / "PG_VERSION").unlink()
        data.rmdir()
        root.rmdir()


@pytest.mark.parametrize("name", ["x" * 100, "a,b"])
def test_an_awkward_path_has_its_socket_in_a_private_folder_elsewhere(
    tmp_path: Path, name: str
) -> None:
    root = tmp_path / name
    existing_data(root)
    sockets = prepare(root, BINARIES, None, tmp_path).sockets
    assert sockets.parent == tmp_path
    assert mode(sockets) == 0o700
    assert prepare(root, BINARIES, None, tmp_path).sockets == sockets


def test_a_socket_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    root = tmp_path / ("x" * 100)
    existing_data(root)
    prepare(root, BINARIES, None, tmp_path).sockets.chmod(0o755)
    with pytest.raises(DatabaseSetupError, match="not a private folder of ours"):
        prepare(root, BINARIES, None, tmp_path)


def test_a_socket_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    root = tmp_path / ("x" * 100)
    existing_data(root)
    sockets = prepare(root, BINARIES, None, tmp_path).sockets
    sockets.rename(tmp_path / "elsewhere")
    sockets.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatabaseSetupError, match="not a private folder of ours"):
        prepare(root, BINARIES, None, tmp_path)


def test_a_log_that_has_grown_is_put_aside(tmp_path: Path) -> None:
    existing_data(tmp_path)
    (tmp_path / "postgres.log").write_bytes(bytes((10 << 20) + 1))
    cluster = prepare(tmp_path, BINARIES, None, tmp_path)
    assert not cluster.log.exists()
    assert (tmp_path / "postgres.log.1").exists()


def test_a_path_with_odd_characters_is_quoted_in_the_dsn() -> None:
    assert "host=/tmp/a%26b%20c&" in socket_dsn(Path("/tmp/a&b c"))
