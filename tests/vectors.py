"""The conformance vectors, read once."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "protocol" / "vectors"


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def plain(value: Any) -> Any:
    """The vector notation as plain values: {"$bytes": "00ff"} stands for a byte string."""
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return bytes.fromhex(value["$bytes"])
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value
