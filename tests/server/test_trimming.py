import platform
from pathlib import Path

import pytest

from lipwire_server import trimming
from lipwire_server.trimming import trim


def resident_mib() -> float:
    fields = Path("/proc/self/status").read_text().split()
    return int(fields[fields.index("VmRSS:") + 1]) / 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_what_is_free_between_what_is_in_use_goes_back_to_the_system() -> None:
    pieces = [bytes(40_000) for _ in range(3_000)]
    del pieces[::2], pieces[::2], pieces[::2]
    kept = resident_mib()
    trim()
    assert resident_mib() < kept - 50
    assert len(pieces) == 375


def test_where_the_c_library_knows_of_no_such_thing_nothing_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trimming, "_malloc_trim", None)
    trim()
