"""Sounds in time to blend weights at any time: how far the mouth is in each Oculus viseme.

Every sound pulls the mouth towards its shape. Its pull (dominance, after Cohen and Massaro 1993)
comes up before the sound is heard and goes down while the next one comes up, and the mouth is the
mean of all shapes by their pulls: so a `t` between vowels hardly moves the lips, and rounded ones
are there before the vowel. Here the pulls end, so that only sounds nearby count. A mean never
closes the lips, though. Closures are laid over it and are exact.

Times are milliseconds from the start of the segment. All curves are polynomials: the same bits on
every machine, whichever other times are asked for.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.visemes import SETS, Oculus

from .sounds import Sound
from .table import Release, Shape

__all__ = ["Blend"]

Floats: TypeAlias = NDArray[np.float64]

SHAPES: Final = len(SETS["oculus"])

_LEAD = 50.0
"""How long before its sound a shape begins to show."""
_LEAD_SHARE = 0.6
"""Of the sound before it, at most, so that short ones are seen too."""
_FADE = (40.0, 30.0)
"""A shape begins to go so long before its sound's end, and is gone so long after it."""
_FADE_SHARE = 0.4
"""Of its sound, at most."""
_ROUNDED_FADE = 60.0
"""Lips that were rounded take longer."""
_ROUND = 0.5
"""From here on a sound counts as rounded."""
_ROUNDING_LEAD = 150.0
"""Lips are rounded so early if nothing else is asked of them."""
_PHRASE_LEAD = (120.0, 80.0)
"""The first shape after a pause comes early: of a consonant, of a vowel."""
_PHRASE_LEAD_SHARE = 0.8
"""Of the pause before it, at most."""
_VOWEL_RISE = (0.4, 60.0)
"""A vowel is fully there after this share of its time, and after so long at most."""
_UNSTRESSED_PULL = 0.8

_HOLD_PAUSE = 120.0
"""In a pause that is shorter the mouth stays as it is."""
_RELAX_PAUSE = 350.0
"""In one that is shorter it relaxes, in a longer one it comes to rest."""
_RELAXED = 0.35
_CLOSE = (150.0, 0.6)
"""At a pause the mouth closes within so long, and within this share of the pause."""

_SEAL_RISE = 40.0
"""How long lips take to close."""
_STOPS = (Release.BURST, Release.VOICED)
_CLOSURE = 55.0
"""Lips are closed so long before a stop is heard, even if the predictor gave it less time."""
_CLOSURE_SHARE = 0.3
"""Of the sound before it, that may go into that at most."""
_SEALED_BY = (10.0, 0.25)
"""Lips are closed so soon after their sound's start, and within this share of it."""
_OPEN = 40.0
"""How long lips take to part."""
_PART = {Release.BURST: 20.0, Release.VOICED: 5.0, Release.HELD: 0.0, Release.ASPIRATED: 1e9}
"""How long before the phoneme's end they begin to."""
_BURST_LEAD = 10.0
"""Lips that part with the first sound of a phrase do so this long before its middle."""
_TO_LIPS = 20.0
"""How long before the end of `f` the lips may be on their way to a closure that follows."""
_LEAST_SEAL = 0.6
"""Share of a closure's time after which they part at the earliest."""
_INSTANT = 0.5
"""No movement is faster."""


class _Pull(NamedTuple):
    """One shape's share in the mouth: nothing before `begin`, all from `full` to `leave`."""

    begin: float
    full: float
    leave: float
    end: float
    share: float
    viseme: int


class _Seal(NamedTuple):
    begin: float
    full: float
    leave: float
    end: float
    viseme: int


class _Step(NamedTuple):
    """A shape to be held for a while: of a sound, or of a pause that was long enough to count."""

    start: float
    end: float
    shape: Shape | None
    mix: tuple[tuple[int, float], ...]
    """Weights of visemes that add up to 1, `sil` included."""
    pull: float
    part: float
    """When lips that touch begin to part; for all other shapes the end."""


_REST_MIX = ((int(Oculus.SIL), 1.0),)


class Blend:
    """The mouth of one segment. Immutable."""

    def __init__(self, sounds: Sequence[Sound], sample_rate: int) -> None:
        self._ms = 1000.0 / sample_rate
        steps = _steps(sounds, self._ms)
        pulls, seals = _plan(steps)
        table = np.array(pulls, np.float64).reshape(-1, 6).T
        self._begin, self._full, self._leave, self._end, self._share = table[:5]
        self._viseme = table[5].astype(np.intp)
        self._seals = np.array(seals, np.float64).reshape(-1, 5).T

    def at(self, times: NDArray[np.int64]) -> Floats:
        """Weights at samples of the segment, shape (times, 15); each row adds up to 1."""
        at: Floats = np.multiply(times, self._ms, dtype=np.float64)
        if at.size > 1 and bool(np.any(at[1:] < at[:-1])):
            order = np.argsort(at, kind="stable")
            weights = np.empty((at.size, SHAPES))
            weights[order] = self._in_order(at[order])
            return weights
        return self._in_order(at)

    def _in_order(self, at: Floats) -> Floats:
        weights = self._pulled(at)
        self._seal(at, weights)
        return weights

    def _pulled(self, at: Floats) -> Floats:
        """The mean of the shapes by their pulls. Work goes with the pulls that reach each time."""
        first = np.searchsorted(at, self._begin, "right")
        counts = np.maximum(np.searchsorted(at, self._end, "left") - first, 0)
        pull = np.repeat(np.arange(counts.size), counts)
        time = np.arange(pull.size) + np.repeat(first - (np.cumsum(counts) - counts), counts)
        when = at[time]
        begin, leave = self._begin[pull], self._leave[pull]
        strength = self._share[pull] * _ease((when - begin) / (self._full[pull] - begin))
        strength *= 1.0 - _ease((when - leave) / (self._end[pull] - leave))
        cells = time * SHAPES + self._viseme[pull]
        total = _sums(time, strength, at.size)
        weights = _sums(cells, strength, at.size * SHAPES).reshape(at.size, SHAPES)
        nothing = total <= 0.0
        weights[nothing, Oculus.SIL] = 1.0
        total[nothing] = 1.0
        weights /= total[:, None]
        return weights

    def _seal(self, at: Floats, weights: Floats) -> None:
        """Closes the lips. The seal before the last one that has begun may still be opening."""
        begin, full, leave, end, viseme = self._seals
        if not begin.size:
            return
        last = np.searchsorted(begin, at, "right") - 1
        rows = np.arange(at.size)
        for back in (1, 0):
            index = last - back
            known = index >= 0
            seal = index[known]
            when = at[known]
            closed = _ease((when - begin[seal]) / (full[seal] - begin[seal]))
            closed *= 1.0 - _ease((when - leave[seal]) / (end[seal] - leave[seal]))
            weights[known] *= (1.0 - closed)[:, None]
            weights[rows[known], viseme[seal].astype(np.intp)] += closed


def _sums(index: NDArray[np.intp], values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(index, values, count), np.float64)  # Of nothing, integers.


def _ease(part: Floats) -> Floats:
    """From 0 to 1, slowly at both ends."""
    part = np.minimum(np.maximum(part, 0.0), 1.0)
    return part * part * (3.0 - 2.0 * part)


def _steps(sounds: Sequence[Sound], ms: float) -> list[_Step]:
    steps: list[_Step] = []
    for index, sound in enumerate(sounds):
        start, end = sound.start * ms, sound.end * ms
        shape = sound.shape
        if shape is not None:
            pull = shape.dominance
            if shape.is_vowel and sound.gain < 1.0:
                pull *= _UNSTRESSED_PULL
            begins_phrase = bool(steps) and steps[-1].shape is None
            part = _parting(shape, start, end, begins_phrase)
            steps.append(_Step(start, end, shape, _mix(sound, shape), pull, part))
        elif index in (0, len(sounds) - 1) or not steps or end - start > _RELAX_PAUSE:
            steps.append(_Step(start, end, None, _REST_MIX, 1.0, end))
        elif end - start > _HOLD_PAUSE:
            relaxed = [(viseme, weight * _RELAXED) for viseme, weight in steps[-1].mix]
            relaxed.append((int(Oculus.SIL), 1.0 - _RELAXED))
            steps.append(_Step(start, end, None, tuple(relaxed), 1.0, end))
        else:
            last = steps[-1]
            steps[-1] = last._replace(end=end, part=last.part + end - start)
    return steps


def _parting(shape: Shape, start: float, end: float, begins_phrase: bool) -> float:
    if shape.release is None:
        return end
    span = end - start
    if begins_phrase and shape.release is not Release.HELD:
        # The pause hides their silence: all that is timed of them is the burst.
        return start + max(0.5 * span - _BURST_LEAD, min(_BURST_LEAD, 0.5 * span))
    return start + max(_LEAST_SEAL * span, span - _PART[shape.release])


def _mix(sound: Sound, shape: Shape) -> tuple[tuple[int, float], ...]:
    if shape.is_closed:
        return ((int(shape.viseme), 1.0),)
    gain = sound.gain
    total = sum(shape.mix.values()) * gain
    if total > 1.0:
        gain /= total
    mix = [(int(viseme), weight * gain) for viseme, weight in shape.mix.items()]
    if total < 1.0:
        mix.append((int(Oculus.SIL), 1.0 - total))
    return tuple(mix)


def _plan(steps: Sequence[_Step]) -> tuple[list[_Pull], list[_Seal]]:
    pulls: list[_Pull] = []
    seals: list[_Seal] = []
    free = 0.0
    """From when on nothing was asked of the lips."""
    parted = 0.0
    """When the lips may leave the last closure for another."""
    for index, step in enumerate(steps):
        before = steps[index - 1] if index else None
        after = steps[index + 1] if index + 1 < len(steps) else None
        begin, full = _rise(step, before, free)
        leave, end = _fall(step, after)
        shape = step.shape
        if shape is not None and shape.release is not None:
            seals.append(_sealed(step, before, begin, parted))
            parted = step.part
            if shape.viseme is Oculus.FF:  # From teeth to lips, as in "five boats".
                held = _LEAST_SEAL * (step.end - step.start)
                parted = max(step.start + held, step.part - _TO_LIPS)
        pulls.extend(
            _Pull(begin, full, leave, end, step.pull * weight, viseme)
            for viseme, weight in step.mix
        )
        if shape is None or shape.is_vowel or shape.is_closed or shape.rounding >= _ROUND:
            free = step.end
    return pulls, seals


def _sealed(step: _Step, before: _Step | None, begin: float, parted: float) -> _Seal:
    viseme = step.mix[0][0]
    if before is not None and before.shape is None:
        first, full = begin, step.start
    else:
        full = step.start + min(_SEALED_BY[0], _SEALED_BY[1] * (step.end - step.start))
        if before is not None and step.shape is not None and step.shape.release in _STOPS:
            room = _CLOSURE_SHARE * (before.end - before.start)
            full = min(full, max(step.part - _CLOSURE, step.start - room))
        first = full - _SEAL_RISE
    full = max(full, parted + _INSTANT)
    return _Seal(max(first, parted), full, step.part, step.part + _OPEN, viseme)


def _rise(step: _Step, before: _Step | None, free: float) -> tuple[float, float]:
    """When a shape begins to show, and when it is fully there."""
    if before is None:
        return -2.0, -1.0
    if step.shape is None:
        return step.start, step.start + _closing(step)
    span, room = step.end - step.start, before.end - before.start
    lead = min(_LEAD, room * _LEAD_SHARE)
    if before.shape is None:
        lead = min(_PHRASE_LEAD[step.shape.is_vowel], room * _PHRASE_LEAD_SHARE)
    elif before.shape.release is not None:
        lead = max(lead, before.end - before.part)
    if step.shape.rounding >= _ROUND:
        lead = max(lead, min(_ROUNDING_LEAD, step.start - free + _LEAD))
    full = step.start
    if step.shape.is_vowel:
        full += min(_VOWEL_RISE[0] * span, _VOWEL_RISE[1])
    return step.start - lead, max(full, step.start - lead + _INSTANT)


def _fall(step: _Step, after: _Step | None) -> tuple[float, float]:
    """When a shape begins to go, and when it is gone."""
    if after is None:
        return step.end + 1.0, step.end + 2.0
    if after.shape is None:
        return step.end, step.end + _closing(after)
    span = step.end - step.start
    if step.shape is None:
        lead = min(_PHRASE_LEAD[after.shape.is_vowel], span * _PHRASE_LEAD_SHARE)
        return step.end - lead, step.end + _FADE[1]
    if step.shape.release is not None:
        # Under the seal, so that nothing is left of the closure once that has opened.
        return step.part - _OPEN, step.part + _OPEN
    after_end = _ROUNDED_FADE if step.shape.rounding >= _ROUND else _FADE[1]
    return step.end - min(_FADE[0], _FADE_SHARE * span), step.end + after_end


def _closing(pause: _Step) -> float:
    return max(min(_CLOSE[0], _CLOSE[1] * (pause.end - pause.start)), _INSTANT)
