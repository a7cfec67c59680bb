"""Settings with a tiny voice, for what runs the whole synthesis."""

from pathlib import Path

from lipwire_server.config import Settings
from tests.tiny_voice import NAME, write_tiny_voice

__all__ = ["tiny_settings"]


def tiny_settings(folder: Path, **more: object) -> Settings:
    write_tiny_voice(folder)
    settings = {"data": folder / "data", "voice": NAME, "voices": folder, "workers": 1, **more}
    return Settings(**settings)  # type: ignore[arg-type]
