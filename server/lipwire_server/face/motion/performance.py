"""A segment of speech as a face plays it.

A pure function of the plan, the seed and the frames that are asked for: in whichever portions, the
poses are the same.
"""

import numpy as np

from ...speech.port import Plan
from ..articulation import articulations
from ..poses import Poses
from .blinks import Blinks, quantised
from .closures import SHUT, Closures
from .gaze import Glances
from .grid import Place, middles
from .heads import Heads, strolled
from .joining import Unasked, joined
from .prosody import prosody
from .states import States

__all__ = ["Performance"]


class Performance:
    """May be used from any number of threads at once."""

    def __init__(
        self,
        plan: Plan,
        *,
        start: int,
        rate: int,
        voice_rate: int,
        fps: int,
        seed: int,
        calm: bool = False,
    ) -> None:
        """`start` is the segment's first sample on the timeline of the utterance, at `rate`.

        A face that is `calm` is in few places only, so that many can share its pictures.
        """
        self._mouth = plan.mouth
        self._place = Place(start=start, rate=rate, voice_rate=voice_rate, fps=fps)
        self._calm = calm
        self._own = self._place.own(plan.count)
        self._all: Unasked | None = None
        self._said = said = prosody(plan, start, rate, voice_rate, seed)
        self._closures = Closures(plan, self._place)
        self._blinks = Blinks(said, seed)
        self._glances = Glances(said, seed)
        self._heads = Heads(said, self._glances, seed)

    def poses(self, frames: range, states: States, at: int) -> Poses:
        """The face in frames of the utterance, whose sample 0 is at `at` on the states' clock."""
        samples = middles(frames, self._place.rate, self._place.fps)
        return joined(self._unasked(frames), states.at(at + samples))

    def _unasked(self, frames: range) -> Unasked:
        own = self._own
        if not (own.start <= frames.start <= frames.stop <= own.stop):
            return self._made(frames)
        if self._all is None:  # Two threads at once make two that are equal.
            self._all = self._made(own)
        return self._all.part(frames.start - own.start, frames.stop - own.start)

    def _made(self, frames: range) -> Unasked:
        place = self._place
        numbers = np.arange(frames.start, frames.stop, dtype=np.int64)
        weights = self._mouth.weights("oculus", place.heard(numbers))
        closed = self._closures.at(frames)
        shut = np.flatnonzero(closed >= 0)
        weights[shut] = SHUT[closed[shut]]
        seconds = middles(frames, place.rate, place.fps) / place.rate
        if self._calm:
            head = strolled(seconds, self._said.begin, self._said.end)
            return Unasked.calm(weights, closed, quantised(self._blinks.at(seconds)), head)
        head, shift = self._heads.at(seconds)
        return Unasked(
            weights=weights,
            mouth=articulations(weights),
            closed=closed,
            lids=self._blinks.at(seconds),
            gaze=self._glances.eyes(seconds),
            brows=self._heads.brows(seconds),
            head=head,
            shift=shift,
            breath=self._heads.breath(seconds),
        )
