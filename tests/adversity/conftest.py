"""A server that several files of this folder share."""

from collections.abc import Iterator

import pytest

from tests.adversity.beside import small_server
from tests.server_process import ServerProcess


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One whose voice costs nothing, and which keeps nothing that it has made."""
    with small_server(tmp_path_factory.mktemp("small") / "voices") as process:
        yield process
