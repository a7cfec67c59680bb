"""What the embedded PostgreSQL has on disk, prepared so that `postgres` can start on it.

Everything here blocks and is called from a thread, by the process that holds the root's lock.
Modes of folders that already exist are never changed.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ..observe.once import tell_once
from .binaries import Binaries, copy_wheel
from .errors import DatabaseSetupError

__all__ = [
    "ENVIRONMENT",
    "Account",
    "Cluster",
    "choose_account",
    "make_root",
    "prepare",
    "socket_dsn",
]

ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}
"""Nothing of ours reaches postgres: PGPORT and PGDATA would change what it does."""

_SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100
"""Bytes. The kernel's limit is 107 on Linux and 103 on macOS."""

_LARGEST_LOG = 10 << 20


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that postgres runs as when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder that `postgres` can start on."""

    root: Path
    data: Path
    sockets: Path
    binaries: Binaries
    account: Account | None

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def pid_files(self) -> tuple[Path, Path]:
        """Both files that keep a second postgres out; the first has its pid in line 1 too."""
        return self.data / "postmaster.pid", self.sockets / f"{_SOCKET_NAME}.lock"


def socket_dsn(sockets: Path) -> str:
    return f"postgresql://postgres@/postgres?host={quote(str(sockets))}&port=5432"


def choose_account(run_as: str | None) -> Account | None:
    """`run_as`, else `postgres`, else `nobody`; None when we are not root and stay who we are.

    PostgreSQL refuses to run as root. No account is ever made.
    """
    if os.geteuid() != 0:
        return None
    for name in (run_as,) if run_as else ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise DatabaseSetupError(
        f"PostgreSQL refuses to run as root, and there is no unprivileged account "
        f"{run_as or '`postgres` or `nobody`'}: name an existing one, or set DATABASE_URL"
    )


def make_root(root: Path) -> None:
    """Make the folder and its missing parents; those that exist stay as they are."""
    # Root's own folders must let the account through, not let it list or change them.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        missing = [folder for folder in (root, *root.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
    except OSError as error:
        raise DatabaseSetupError(f"cannot make the data root: {error}") from error


def prepare(root: Path, binaries: Binaries, account: Account | None, socket_root: Path) -> Cluster:
    """Make whatever is missing: data folder, socket folder, a copy of the binaries.

    Raises `DatabaseSetupError` with what to do about it.
    """
    try:
        _require_reachable(root, account)
        binaries = _executable_binaries(root, binaries, account)
        data = root / f"pg{binaries.major}"
        _refuse_other_major(root, data, binaries)
        if not (data / "PG_VERSION").exists():
            tell_once(f"making the database in {data}")
            _initialize(root, data, binaries, account)
        owner = data.stat().st_uid
        if owner != (account.uid if account else os.geteuid()):
            raise DatabaseSetupError(
                f"{data} belongs to uid {owner}: run as that account, or name it as the one "
                f"that PostgreSQL runs as"
            )
        cluster = Cluster(root, data, _socket_folder(data, socket_root, account), binaries, account)
        if cluster.log.exists() and cluster.log.stat().st_size > _LARGEST_LOG:
            cluster.log.replace(cluster.log.with_suffix(".log.1"))
    except OSError as error:
        raise DatabaseSetupError(f"cannot prepare the embedded database: {error}") from error
    return cluster


def _run(
    command: Sequence[str | Path], account: Account | None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd="/",
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _allows(test: str, path: Path, account: Account) -> bool:
    # Asked of the kernel under that account: mode bits alone do not know of access lists.
    return _run(["/bin/sh", "-c", f'test {test} "$1"', "sh", path], account).returncode == 0


def _require_reachable(root: Path, account: Account | None) -> None:
    if account is not None and not _allows("-x", root, account):
        raise DatabaseSetupError(
            f"the account `{account.name}` cannot enter {root}: put the data where it can, for "
            f"example below /var/lib, or name another account. Modes are never changed for it"
        )


def _executable_binaries(root: Path, binaries: Binaries, account: Account | None) -> Binaries:
    if account is None or _allows("-x", binaries.folder / "postgres", account):
        return binaries
    copied = copy_wheel(binaries, root / f"binaries-{binaries.version}")
    if copied is None:
        raise DatabaseSetupError(
            f"the account `{account.name}` cannot execute {binaries.folder / 'postgres'}"
        )
    return copied


def _refuse_other_major(root: Path, data: Path, binaries: Binaries) -> None:
    others = [entry.parent.name for entry in root.glob("pg[0-9]*/PG_VERSION")]
    if others and data.name not in others:
        raise DatabaseSetupError(
            f"{root} has data of another PostgreSQL ({', '.join(sorted(others))}), and the "
            f"programs are {binaries.version}: use programs of that version, or dump the data "
            f"with them and load it into a new data root"
        )


def _initialize(root: Path, data: Path, binaries: Binaries, account: Account | None) -> None:
    uid = account.uid if account else os.geteuid()
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise DatabaseSetupError(
            f"uid {uid} has no entry in the password file, and PostgreSQL's initdb needs one: "
            f"add an entry (in an image: useradd), or set DATABASE_URL"
        ) from None
    for unfinished in root.glob("init-*"):
        shutil.rmtree(unfinished)
    unfinished = Path(tempfile.mkdtemp(prefix="init-", dir=root))
    if account is not None:
        os.chown(unfinished, account.uid, account.gid)
    command: list[str | Path] = [binaries.folder / "initdb", "-D", unfinished, "-U", "postgres"]
    command += ["--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--no-locale"]
    if binaries.major >= 17:
        # Sorted the same whatever C library an image has: an index never goes bad by an upgrade.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    result = _run(command, account)
    if result.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise DatabaseSetupError(f"initdb failed: {result.stderr.strip()[-500:]}")
    # Half an initdb never counts as data.
    unfinished.rename(data)


def _socket_folder(data: Path, socket_root: Path, account: Account | None) -> Path:
    path = os.fsencode(data / _SOCKET_NAME)
    # A comma would separate two folders in postgres's setting.
    if len(path) <= _LONGEST_SOCKET_PATH and b"," not in path:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = socket_root / f"lipwire-pg-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    ours = {os.geteuid()} | ({account.uid} if account else set())
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in ours or status.st_mode & 0o077:
        raise DatabaseSetupError(f"{folder} is not a private folder of ours: remove it")
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder
