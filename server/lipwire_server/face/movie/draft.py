"""A file that is there when it is whole, and not before."""

import os
from pathlib import Path

__all__ = ["Draft"]


class Draft:
    """Something written beside its place, and moved there when it is finished."""

    def __init__(self, path: Path) -> None:
        self.target = path
        self.path = path.with_name(f"{path.name}.part")
        """Where to write. What a run that was killed left there is overwritten."""

    def keep(self) -> None:
        os.replace(self.path, self.target)

    def drop(self) -> None:
        """Forgets what was written; after `keep`, nothing happens."""
        self.path.unlink(missing_ok=True)
