"""Which worker runs which tests, where there are several: `pytest -n 5`.

A file's tests stay together, as what they share is made once. Half of what takes long is waiting
for speech, so there are more workers than cores; but of those that listen in real time only a few
run at once, and the others run beside them.
"""

from collections.abc import Callable
from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

__all__ = ["ByKind", "pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

_REAL_TIME: Final = ("tests/browser/", "tests/adversity/")
_AT_ONCE: Final = 3
_ORDER: Final = (*_REAL_TIME, "tests/integration/", "tests/scripts/", "tests/docs/")
"""What takes long begins first, so that nobody waits for it at the end."""


def _is_real_time(file: str) -> bool:
    return file.startswith(_REAL_TIME)


class ByKind(LoadScopeScheduling):  # type: ignore[misc]
    """File by file, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        others = (work for other, work in self.assigned_work.items() if other is not node)
        busy = sum(
            any(_is_real_time(file) and not all(done.values()) for file, done in work.items())
            for work in others
        )
        for file in self.workqueue:
            if _is_real_time(file) == (busy < _AT_ONCE):
                self.workqueue.move_to_end(file, last=False)
                break
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Callable[..., object]
) -> LoadScopeScheduling:
    config.option.loadscopereorder = False
    return ByKind(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((n for n, folder in enumerate(_ORDER) if item.nodeid.startswith(folder)), 99)
