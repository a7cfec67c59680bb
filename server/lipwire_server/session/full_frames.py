"""Who is sent whole pictures: they are a hundred times the bytes of sprites."""

from dataclasses import replace

from msgspec import structs

from lipwire_protocol import FrameMode, Frames

from .terms import Terms

__all__ = ["FullFrames", "FullSeat"]

_LESS_SIZE, _LESS_FPS = 256, 12
"""What one gets at most when more than half of the seats are taken."""


class FullFrames:
    """So many seats for sessions that are sent whole pictures. One more is sent none, and told."""

    def __init__(self, seats: int) -> None:
        self.seats = seats
        self.taken = 0

    def seat(self) -> "FullSeat":
        """For one session, which does not hold one yet."""
        return FullSeat(self)


class FullSeat:
    """The seat of one session, held for as long as its terms have whole pictures in them."""

    def __init__(self, of: FullFrames) -> None:
        self._of = of
        self._held = False

    def grant(self, terms: Terms) -> tuple[Terms, str | None]:
        """The terms with the frames that there is room for, and what to tell when they are less."""
        self.release()
        if terms.frames.mode is not FrameMode.FULL:
            return terms, None
        of = self._of
        if of.taken >= of.seats:
            text = f"{of.taken} sessions are sent whole pictures, the most there may be: none are "
            return replace(terms, frames=Frames(mode=FrameMode.NONE)), text + (
                "sent to this one; frames of mode sprites are for any number"
            )
        of.taken += 1
        self._held = True
        asked = terms.frames
        size, fps = min(asked.size, _LESS_SIZE), min(asked.fps, _LESS_FPS)
        if 2 * of.taken <= of.seats or (size, fps) == (asked.size, asked.fps):
            return terms, None
        frames = structs.replace(asked, size=size, fps=fps)
        text = f"{of.taken} sessions are sent whole pictures: {size} px at {fps} fps to this one"
        return replace(terms, frames=frames), text

    def release(self) -> None:
        if self._held:
            self._of.taken -= 1
            self._held = False
