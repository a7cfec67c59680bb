"""Settings: read once, from the environment, and handed down as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from lipwire_protocol import ErrorCode, LipwireError

from .access.names import NEARBY, host_of

__all__ = [
    "KEY_VARIABLE",
    "MEANINGS",
    "NUMBERS",
    "VALUES",
    "VARIABLES",
    "Settings",
    "SettingsError",
    "is_loopback",
    "option_of",
]


class SettingsError(LipwireError):
    """A setting that cannot be used; the message names it and says what it may be."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.BAD_MESSAGE, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; `MEANINGS` says what each field means."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    access: str = "auto"
    origins: str | None = None
    per_address: int = 100
    tls_cert: Path | None = None
    tls_key: Path | None = None
    database_url: str | None = None
    pg_bin: Path | None = None
    pg_user: str | None = None
    voice: str = "en_US-joe-medium"
    voices: Path | None = None
    catalogue: str = "https://huggingface.co/rhasspy/piper-voices/resolve/main"
    avatar: str = "joe"
    avatars: Path | None = None
    full_frames: int = 50
    pictures_mb: int = 64
    workers: int | None = None
    load_percent: int = 95
    wait_ms: int = 2_000
    cache_mb: int = 128
    keep_days: int = 30
    keep_audio_days: int = 7
    log_level: str = "info"
    log_format: str = "text"

    @property
    def locked(self) -> bool:
        """Who comes in needs a key."""
        return self.access == "keys" or (self.access == "auto" and not is_loopback(self.host))

    @property
    def welcome_origins(self) -> tuple[str, ...]:
        """Of other sites whose pages may connect."""
        return tuple(self.origins.split(",")) if self.origins else ()

    @property
    def own_names(self) -> frozenset[str] | None:
        """Beside those of this machine, the names it may be asked for by; None where any will do.

        Where no key is needed since only this machine can reach it, or only the house, a page must
        not either, by having its own name lead here.
        """
        if self.locked or "*" in self.welcome_origins:
            return None
        origins = (origin.partition("://")[2] for origin in self.welcome_origins)
        nearby = frozenset() if is_loopback(self.host) else {self.host, *NEARBY}
        return frozenset(map(host_of, origins)) | nearby

    @property
    def downloads(self) -> Path:
        """Folder of the downloaded voices."""
        return self.data / "voices"

    @classmethod
    def read(
        cls, environ: Mapping[str, str], data: Path, typed: Mapping[str, str] | None = None
    ) -> "Settings":
        """Settings from environment variables; `data` is the default for that folder.

        What was `typed` as an option goes before them; it is by the names of the fields.

        Raises SettingsError for a value that cannot be used and for a name that starts like ours
        but is not: it is most likely misspelt.
        """
        unknown = (
            {name for name in environ if name.startswith("LIPWIRE_")}
            - set(VARIABLES.values())
            - {KEY_VARIABLE}
        )
        if unknown:
            name, known = min(unknown), sorted(VARIABLES.values())
            near = get_close_matches(name, known, 1)
            hint = f" (is it {near[0]}?)" if near else ""
            raise SettingsError(f"unknown setting {name}{hint}; there is: {', '.join(known)}")
        values: dict[str, Any] = {"data": data}
        typed = typed or {}
        for field, variable in VARIABLES.items():
            name = option_of(field) if field in typed else variable
            if text := typed.get(field, environ.get(variable)):
                values[field] = _parse(field, name, text)
        return cls(**values)


VARIABLES = {
    field.name: "DATABASE_URL" if field.name == "database_url" else f"LIPWIRE_{field.name.upper()}"
    for field in fields(Settings)
}
"""Environment variable of every setting."""

KEY_VARIABLE = "LIPWIRE_KEY"
"""Of commands that ask a server that wants a key; no setting of a server."""

MEANINGS = {
    "data": "folder for the embedded database, with all sessions, and downloaded voices",
    "host": "address to listen on (127.0.0.1)",
    "port": "port to listen on; 0 takes a free one (8000)",
    "access": "keys: for who has one; open: for everybody; auto: keys, but for 127.0.0.1 (auto)",
    "origins": "other sites whose pages may connect: https://app.example,https://...; * is all",
    "per_address": "sockets from one address other than this machine's own; 0 is any number (100)",
    "tls_cert": "certificates in a PEM file, to be reached by https and wss",
    "tls_key": "the key of the certificate, where it is not in the same file",
    "database_url": "PostgreSQL to use, postgresql://...; without it one is embedded",
    "pg_bin": "folder with PostgreSQL's programs, instead of the bundled ones",
    "pg_user": "account for the embedded PostgreSQL when the server runs as root",
    "voice": "voice of sessions that ask for none (en_US-joe-medium)",
    "voices": "folder with further Piper voices, name.onnx and name.onnx.json",
    "catalogue": "where voices are downloaded from, a URL or a folder (Piper's own)",
    "avatar": "face of sessions that ask for none (joe)",
    "avatars": "folder with further avatar packs",
    "full_frames": "sessions that may be sent whole pictures; sprites are for any number (50)",
    "pictures_mb": "whole pictures that are kept in memory, in MiB (64)",
    "workers": "threads that synthesize (one for each core)",
    "load_percent": "how much of what they can make may be promised to listeners (95)",
    "wait_ms": "how long one more listener waits before he is told to come back (2000)",
    "cache_mb": "speech that is kept in memory for those who ask for the same, in MiB (128)",
    "keep_days": "how long sessions are kept after their end; 0 is for ever (30)",
    "keep_audio_days": "how long it is kept how they sounded; 0 keeps none of it (7)",
    "log_level": "debug, info, warning or error (info)",
    "log_format": "text for people, or json: an object a line (text)",
}

VALUES = {
    "data": "FOLDER",
    "host": "ADDRESS",
    "port": "PORT",
    "access": "WHO",
    "origins": "SITES",
    "per_address": "N",
    "tls_cert": "FILE",
    "tls_key": "FILE",
    "database_url": "URL",
    "pg_bin": "FOLDER",
    "pg_user": "NAME",
    "voice": "NAME",
    "voices": "FOLDER",
    "catalogue": "URL",
    "avatar": "NAME",
    "avatars": "FOLDER",
    "full_frames": "N",
    "pictures_mb": "MB",
    "workers": "N",
    "load_percent": "PERCENT",
    "wait_ms": "MS",
    "cache_mb": "MB",
    "keep_days": "DAYS",
    "keep_audio_days": "DAYS",
    "log_level": "LEVEL",
    "log_format": "FORMAT",
}
"""What stands for the value of an option in the help."""

NUMBERS = {
    "port": (0, 65_535),
    "per_address": (0, 1_000_000),
    "full_frames": (0, 1_000_000),
    "pictures_mb": (0, 1_000_000),
    "workers": (1, 256),
    "load_percent": (1, 1_000),
    "wait_ms": (0, 60_000),
    "cache_mb": (0, 1_000_000),
    "keep_days": (0, 36_500),
    "keep_audio_days": (0, 36_500),
}
"""The least and the most that a number may be."""
_CHOICES = {
    "access": ("auto", "keys", "open"),
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": ("text", "json"),
}
_PATHS = {"data", "tls_cert", "tls_key", "pg_bin", "voices", "avatars"}


def option_of(field: str) -> str:
    """What is typed to set it for one command."""
    return f"--{field.replace('_', '-')}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parse(field: str, name: str, text: str) -> object:
    if field in NUMBERS:
        low, high = NUMBERS[field]
        is_number = text.isascii() and text.isdigit() and len(text) < 10
        if not (is_number and low <= int(text) <= high):
            raise SettingsError(f"{name} is {text[:20]!r}; it is a number from {low} to {high}")
        return int(text)
    if field in _CHOICES:
        return _choice(name, text, _CHOICES[field])
    if field == "origins":
        return _origins(name, text)
    if field == "database_url" and not text.startswith(("postgresql://", "postgres://")):
        raise SettingsError(f"{name} does not start with postgresql://")
    if field == "catalogue":
        return _catalogue(name, text)
    return _path(name, text) if field in _PATHS else text


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        *most, last = choices
        raise SettingsError(f"{name} is {text!r}; it is {', '.join(most)} or {last}")
    return text.lower()


def _origins(name: str, text: str) -> str:
    origins = [origin.strip() for origin in text.split(",") if origin.strip()]
    for origin in origins:
        scheme, colon, host = origin.partition("://")
        if origin != "*" and not (colon and scheme and host and "/" not in host):
            raise SettingsError(
                f"{name} has {origin!r}; an origin is like https://app.example, without a path"
            )
    return ",".join(origins)


def _catalogue(name: str, text: str) -> str:
    scheme, colon, _ = text.partition("://")
    if not colon:
        return str(_path(name, text))
    if scheme not in ("http", "https"):
        raise SettingsError(f"{name} is {text!r}; it is a folder, or starts with https://")
    return text


def _path(name: str, text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise SettingsError(f"{name} is {text!r}: {error}") from error
