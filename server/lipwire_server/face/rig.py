"""An avatar's joints: for each frame, which picture of each layer is shown, and where.

All of it is tables that are made once and sums over many frames at a time, since every frame of
every listener comes through here.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .articulation import Articulation
from .choices import STRENGTHS, choices, strength_index, value_index
from .codebook import Codebook
from .emotions import MOUTHS, NAMES, NEUTRAL
from .packs.manifest import Follow, Image, Layer, Manifest, MouthSet, Shows
from .placing import GRID, Extent, Placed, Window
from .poses import Poses
from .shapes import Shapes

__all__ = ["Draws", "Indices", "Rig"]

Draws: TypeAlias = NDArray[np.int32]
"""Shape (frames, layers, 4): a picture's number or -1, how far its centre is to the right and down
of where it rests in 1/16 pixel, and how far it is turned clockwise in 1/1000 rad."""

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]

_NEUTRAL: Final = NAMES.index(NEUTRAL)
_JAW: Final = Articulation._fields.index("jaw")
_PRESS: Final = Articulation._fields.index("press")
_SHOWS: Final = tuple(Shows)
_ANY: Final = ("",)
"""The shape of a mouth that has no shapes."""
_LIDS_FOLLOW: Final = 0.3
"""How far upper lids go down with eyes that look all the way down: a face that shows white above
its irises stares."""
_EMOTIONS: Final = frozenset((None, *NAMES))
_ROW: Final = len(NAMES) * STRENGTHS
"""What one key of a table of choices takes."""


class Rig:
    """Immutable. `extents` are the widths and heights of the manifest's files."""

    def __init__(self, manifest: Manifest, size: int, extents: Mapping[str, Extent]) -> None:
        self.window = Window.of(manifest, size)
        album = _Album(manifest, self.window, extents)
        self.pictures = tuple(album.pictures)
        """By number: first those that are shown all the time, since small numbers take fewer bytes
        on the wire, then neutral mouths, then those of emotions."""
        seen = [index for index, numbers in enumerate(album.numbers) if max(numbers) >= 0]
        self.layers = tuple(manifest.layers[index] for index in seen)
        """Those of which anything is seen, from back to front."""
        self._mouth = _Mouth(manifest)
        tables = [
            choices(manifest.layers[index], album.numbers[index], self._mouth.names)
            for index in seen
        ]
        self._choices = np.concatenate([np.zeros(0, np.int32), *(t.ravel() for t in tables)])
        self._offsets = np.cumsum([0, *(table.size for table in tables)])[:-1]
        self._shows = np.array([_SHOWS.index(layer.shows) for layer in self.layers], np.intp)
        mouths = [index for index, layer in enumerate(self.layers) if layer.shows is Shows.MOUTH]
        self._mouth_layer = mouths[0] if mouths else None
        # The last one is of what is not shown: its number is -1.
        self._strengths = np.array([*album.strengths, 0.0])
        self._centres = np.array([*(picture.centre for picture in self.pictures), (0.0, 0.0)])
        self._joints = _Joints(manifest, self.layers, self.window)

    def draws(self, poses: Poses, fps: int, previous: int | None = None) -> Draws:
        """What is drawn in each frame. `previous` is the mouth's shape before the first one."""
        pictures = self._picked(poses, self.shapes(poses, fps, previous))
        draws = np.empty((*pictures.shape, 4), np.int32)
        draws[..., 0] = pictures
        draws[..., 1:] = self._joints.moved(poses, self._centres[pictures])
        draws[pictures < 0, 1:] = 0
        return draws

    def shapes(self, poses: Poses, fps: int, previous: int | None = None) -> Indices:
        """The shape of the mouth in each frame, as a number; the same in every emotion."""
        return self._mouth.pick(poses, fps, previous)

    def _picked(self, poses: Poses, shapes: Indices) -> NDArray[np.int32]:
        """The number of each layer's picture, shape (frames, layers)."""
        feelings = poses.emotions.copy()
        feelings[:, _NEUTRAL] = 0.0
        emotion = feelings.argmax(axis=1)
        column = emotion * STRENGTHS + strength_index(feelings.max(axis=1))
        keys = np.zeros((len(poses), len(_SHOWS)), np.intp)
        keys[:, _SHOWS.index(Shows.MOUTH)] = shapes
        keys[:, _SHOWS.index(Shows.LIDS)] = value_index(_lids(poses))
        strength = np.zeros(len(poses))
        if self._mouth_layer is not None:
            mouth = self._offsets[self._mouth_layer] + shapes * _ROW + column
            strength = self._strengths[self._choices[mouth]]
        jaw = self._mouth.jaw(poses, shapes, MOUTHS[emotion] * strength[:, None])
        keys[:, _SHOWS.index(Shows.JAW)] = value_index(jaw)
        picked: NDArray[np.int32] = self._choices[
            self._offsets + keys[:, self._shows] * _ROW + column[:, None]
        ]
        return picked


def _lids(poses: Poses) -> Floats:
    lowered = np.maximum(-poses.gaze[:, 1], 0.0) * _LIDS_FOLLOW
    lids: Floats = poses.lids + (1.0 - poses.lids) * lowered
    return lids


class _Album:
    """All pictures that can be seen, and what their numbers are."""

    def __init__(self, manifest: Manifest, window: Window, extents: Mapping[str, Extent]) -> None:
        self.pictures: list[Placed] = []
        self.strengths: list[float] = []
        """Of the emotion in each, 0 where there is none."""
        self.numbers = [[-1] * len(layer.images) for layer in manifest.layers]
        """Of each layer's images; -1 for what is never seen."""
        known: dict[tuple[Placed, float], int] = {}
        reaches = [window.reach(layer, manifest) for layer in manifest.layers]
        for _, index, place in sorted(
            (_rarity(layer, image), index, place)
            for index, layer in enumerate(manifest.layers)
            for place, image in enumerate(layer.images)
        ):
            image = manifest.layers[index].images[place]
            placed = window.place(image, extents[image.file], reaches[index])
            if placed is not None and image.emotion in _EMOTIONS:
                strength = 0.0 if image.emotion in (None, NEUTRAL) else image.strength
                number = known.setdefault((placed, strength), len(known))
                if number == len(self.pictures):
                    self.pictures.append(placed)
                    self.strengths.append(strength)
                self.numbers[index][place] = number


def _rarity(layer: Layer, image: Image) -> int:
    if layer.shows is not Shows.MOUTH:
        return 0
    return 1 if image.emotion in (None, NEUTRAL) else 2


class _Mouth:
    """The shapes of an avatar's mouth, and which one is shown."""

    def __init__(self, manifest: Manifest) -> None:
        self.names: tuple[str, ...]
        self._codebook: Codebook | None = None
        self._shapes: Shapes | None = None
        if manifest.mouth.set is MouthSet.ARTICULATION:
            entries = np.array(manifest.mouth.codebook).reshape(-1, len(Articulation._fields))
            self._codebook = Codebook(entries)
            self.names = tuple(map(str, range(len(entries)))) or _ANY
        else:
            shapes = [
                image.shape
                for layer in manifest.layers
                for image in layer.images
                if layer.shows is Shows.MOUTH and image.shape is not None
            ]
            self._shapes = Shapes(manifest.mouth.set, shapes, manifest.mouth.hold_ms)
            self.names = self._shapes.names or _ANY

    def pick(self, poses: Poses, fps: int, previous: int | None) -> Indices:
        if self._codebook is not None and len(self._codebook):
            return self._codebook.pick(poses.mouth, poses.closed, previous)
        if self._shapes is not None:
            return self._shapes.pick(poses.weights, poses.closed, fps, previous)
        return np.zeros(len(poses), np.intp)

    def jaw(self, poses: Poses, shapes: Indices, feeling: Floats) -> Floats:
        """How far the chin is down, so that it agrees with the lips that are shown."""
        held = self._codebook.entries[shapes] if self._codebook else poses.mouth
        jaw = np.clip(held[:, _JAW] + feeling[:, _JAW], 0.0, 1.0)
        press = np.clip(held[:, _PRESS] + feeling[:, _PRESS], 0.0, 1.0)
        lowered: Floats = jaw * (1.0 - press)
        return lowered


class _Joints:
    """How layers move, in pixels that are drawn. Rows are frames, columns layers."""

    def __init__(self, manifest: Manifest, layers: tuple[Layer, ...], window: Window) -> None:
        scale = window.scale
        self._parallax = np.array([layer.parallax for layer in layers]).reshape(-1, 2).T * scale
        self._gaze = np.array([layer.gaze for layer in layers]).reshape(-1, 2).T * scale
        self._brow, self._tilt = np.array([layer.brow for layer in layers]).reshape(-1, 2).T
        self._brow = self._brow * scale
        self._breath = np.array([layer.follow is Follow.BREATH for layer in layers], np.float64)
        self._breath *= manifest.motion.breath_px * scale
        self._head = np.array([layer.follow is Follow.HEAD for layer in layers], np.float64)
        self._liveliness = manifest.motion.head_percent / 100
        self._pivot = (
            (manifest.pivot[0] - window.left) * scale,
            (manifest.pivot[1] - window.top) * scale,
        )
        self._unit = window.unit

    def moved(self, poses: Poses, centres: Floats) -> Draws:
        """Shape (frames, layers, 3), for centres at rest of shape (frames, layers, 2)."""
        yaw, pitch, roll = _columns(poses.head * self._liveliness)
        gaze_x, gaze_y = _columns(poses.gaze)
        raised, tilted = _columns(poses.brows)
        x = yaw * self._parallax[0] + gaze_x * self._gaze[0]
        y = pitch * self._parallax[1] + gaze_y * self._gaze[1]
        y = -(y + raised * self._brow + poses.breath[:, None] * self._breath)
        right, down = _columns(poses.shift * (self._liveliness * self._unit))
        sin, less = np.sin(roll), np.cos(roll) - 1.0
        from_x = centres[..., 0] + x - self._pivot[0]
        from_y = centres[..., 1] + y - self._pivot[1]
        moved = np.empty((*x.shape, 3))
        moved[..., 0] = (x + self._head * (from_x * less - from_y * sin + right)) * GRID
        moved[..., 1] = (y + self._head * (from_x * sin + from_y * less + down)) * GRID
        moved[..., 2] = (tilted * self._tilt + self._head * roll) * 1_000
        return np.rint(moved, out=moved).astype(np.int32)


def _columns(rows: Floats) -> list[Floats]:
    """Each of the columns as one that meets all layers."""
    return [rows[:, index, None] for index in range(rows.shape[1])]
