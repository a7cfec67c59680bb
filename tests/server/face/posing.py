"""Poses for tests: a face at rest, but for what a test is about."""

from typing import Any

import numpy as np

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.articulation import articulations
from lipwire_server.face.emotions import NAMES, NEUTRAL
from lipwire_server.face.poses import Poses

__all__ = ["feeling", "poses", "saying"]


def poses(frames: int = 1, **columns: Any) -> Poses:
    """`columns` are fields of `Poses`, for all frames or for each."""
    columns = saying(*[Oculus.SIL] * frames) | feeling() | columns
    rest = {"lids": (), "gaze": (2,), "brows": (2,), "head": (3,), "shift": (2,), "breath": ()}
    for name, shape in rest.items():
        columns[name] = _rows(frames, columns.get(name, np.zeros(shape)), shape)
    columns["emotions"] = _rows(frames, columns["emotions"], (len(NAMES),))
    return Poses(**columns)


def saying(*visemes: Oculus, closed: tuple[int, ...] | None = None) -> dict[str, Any]:
    """The columns of a mouth that goes from viseme to viseme, one in each frame."""
    weights = np.zeros((len(visemes), len(Oculus)), np.uint8)
    weights[np.arange(len(visemes)), list(visemes)] = 255
    shut = np.full(len(visemes), -1, np.int8) if closed is None else np.array(closed, np.int8)
    return {"mouth": articulations(weights), "weights": weights, "closed": shut}


def feeling(emotion: str = NEUTRAL, strength: float = 1.0) -> dict[str, Any]:
    emotions = np.zeros(len(NAMES))
    emotions[NAMES.index(NEUTRAL)] = 1.0 - strength
    emotions[NAMES.index(emotion)] += strength
    return {"emotions": emotions}


def _rows(frames: int, values: Any, shape: tuple[int, ...]) -> Any:
    return np.array(np.broadcast_to(np.asarray(values, np.float64), (frames, *shape)))
