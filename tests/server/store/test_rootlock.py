from pathlib import Path

import pytest

from lipwire_server.store.errors import DatabaseSetupError
from lipwire_server.store.rootlock import RootLock


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = RootLock(tmp_path / "lock"), RootLock(tmp_path / "lock")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.close()
    assert second.acquire()
    second.close()


def test_others_read_where_the_holder_listens_and_not_where_the_last_one_did(
    tmp_path: Path,
) -> None:
    first, second = RootLock(tmp_path / "lock"), RootLock(tmp_path / "lock")
    first.acquire()
    assert second.published() is None
    first.publish(Path("/a/longer/folder"))
    first.publish(Path("/folder"))
    assert second.published() == Path("/folder")
    first.close()
    second.acquire()
    assert second.published() is None
    second.close()


def test_a_lock_that_cannot_be_opened_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatabaseSetupError, match="cannot open the lock"):
        RootLock(tmp_path / "lock")
