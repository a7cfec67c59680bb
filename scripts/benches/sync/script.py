"""What a speech is, before anybody hears it: its samples and its mouth shapes, from the server."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import connect
from websockets.typing import Subprotocol

__all__ = ["Script", "script_of"]

_JSON = Subprotocol("lipwire.v1.json")
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Script:
    """Equal texts give equal bytes, so this is also what a page gets."""

    rate: int
    speech: NDArray[np.float64]
    """In steps of 16 bits."""
    visemes: list[list[int]]
    """Shape, start, count and weight of each, in the Oculus set."""


def script_of(url: str, text: str) -> Script:
    """Raises RuntimeError when the server is against it, TimeoutError when it says nothing."""
    parts: list[bytes] = []
    visemes: list[list[int]] = []
    rate = 0
    with connect(url, subprotocols=[_JSON], max_size=None) as socket:
        timing = {"words": False, "visemes": ["oculus"]}
        hello = {"type": "hello", "persist": False, "flow": {"mode": "off"}, "timing": timing}
        socket.send(json.dumps(hello))
        socket.send(json.dumps({"type": "speak", "utterance": 1, "text": text, "end": True}))
        while True:
            message: dict[str, Any] = json.loads(socket.recv(_PATIENCE_S))
            match message["type"]:
                case "ready":
                    audio = message["audio"]
                    rate = audio.get("sample_rate") or message["voice"]["sample_rate"]
                case "segment":
                    visemes += message["visemes"]["oculus"]
                case "chunk":
                    parts.append(base64.b64decode(message["audio"]))
                case "error":
                    raise RuntimeError(f"the server says {message['code']}: {message['message']}")
                case "utterance_ended":
                    break
    speech = np.frombuffer(b"".join(parts), "<i2").astype(np.float64)
    return Script(rate, speech, visemes)
