"""A conversation: one utterance after another, text in, messages out."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing

from lipwire_protocol import (
    Accepted,
    Bye,
    ClientMessage,
    Configure,
    Continue,
    EndReason,
    Error,
    ErrorCode,
    Flush,
    Interrupt,
    Limits,
    LipwireError,
    Pause,
    Ping,
    Played,
    Pong,
    Pose,
    Position,
    ServerMessage,
    Speak,
    UtteranceStarted,
    UtteranceState,
    Warning,
    tag,
)

from ..face.cast import Cast
from ..face.studio import Studio
from ..speech.port import Synthesis
from .acceptance import check_text
from .animation import Animation
from .barge_in import interrupted_message, is_heard_now, samples_of
from .credit import Credit
from .full_frames import FullSeat
from .journal import Journal
from .memory import Memory
from .score import configured, segment_ended, utterance_ended
from .speaker import Sink, Speaker
from .terms import amend
from .utterance import Utterance
from .utterances import Utterances

__all__ = ["Conversation"]

_REMEMBERED = 8
"""Utterances that were sent to their end, and of which the listener may still hear the rest."""


class Conversation:
    """Takes a client's messages and speaks its utterances, one at a time, first in first out.

    `receive` is synchronous and raises `LipwireError` for what the client must be told; `run`
    speaks until everything that was said before `bye` is spoken.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        key: str,
        synthesis: Synthesis,
        sink: Sink,
        studio: Studio,
        cast: Cast,
        full: FullSeat,
        journal: Journal,
        limits: Limits,
        now_ns: Callable[[], int],
    ) -> None:
        self._memory = memory
        self._terms = terms = memory.terms
        self._synthesis = synthesis
        self._sink = sink
        self._journal = journal
        self._limits = limits
        self._now_ns = now_ns
        self._credit = Credit(terms.flow, terms.rate, now_ns)
        self._cast = cast
        self._full = full
        self._animation = Animation(
            terms, studio, sink.media, lambda text: self._warn(ErrorCode.UNSUPPORTED, text, None)
        )
        self._speaker = Speaker(
            terms,
            memory.terms_at,
            key=key,
            synthesis=synthesis,
            sink=sink,
            credit=self._credit,
            animation=self._animation,
            sounded=journal.sounded,
            now_ns=now_ns,
        )
        memory.on_settled = self._accept
        if (posed := memory.posed) is not None:
            pose = Pose(emotion=posed.emotion, gaze=posed.gaze, head=posed.head)
            self._animation.pose(pose, 0, speaking=False)
        self._speaking: tuple[Utterance, asyncio.Task[None]] | None = None
        self._utterances = Utterances(memory, limits, self._credit, now_ns)
        self._finishing = False
        self._detached = False
        self._work = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Something is spoken, and neither the listener's reports nor the end of a pause is waited
        for."""
        if self._credit.starved or self._speaker.held:
            return False
        return self._speaker.busy or any(u.waiting for u in self._utterances.active.values())

    @property
    def waiting(self) -> int:
        """Code points that are not spoken yet."""
        return self._utterances.waiting

    def restore(self, position: Position | None, known: Sequence[Utterance] = ()) -> None:
        """Before `run`: goes on where another connection broke off.

        `known` is what this process has of the utterances.

        Raises LipwireError (`not_found`) where the text has no such position.
        """
        self._utterances.restore(position, known)
        self._work.set()

    def detach(self) -> None:
        """The connection is gone: nothing is spoken until another one goes on with it.

        `abandon` gives up what that other one does not take over.
        """
        self._detached = True
        self._full.release()
        for utterance in self._utterances.all:
            self._silence(utterance)
            self._withdraw(utterance)

    @property
    def utterances(self) -> list[Utterance]:
        """Those that another connection may go on with."""
        return self._utterances.all

    def forget(self) -> None:
        """Another one has gone on with them."""
        self._utterances.clear()

    def seat_frames(self) -> str | None:
        """Before `run`: the frames that there is room for; what to tell when they are less."""
        self._terms, less = self._full.grant(self._terms)
        self._memory.show(self._terms.frames, self._terms.avatar)
        self._animation.configure(self._terms)
        self._journal.configure(self._terms)
        return less

    async def run(self) -> None:
        """Speaks; returns after `bye` or `drain`, when nothing is left to be spoken."""
        self._stop_what_is_over()
        async with asyncio.TaskGroup() as group:
            idling = group.create_task(self._idle())
            while (utterance := await self._next()) is not None:
                task = group.create_task(self._speak(utterance))
                self._speaking = utterance, task
                await asyncio.wait([task])
                self._speaking = None
            idling.cancel()

    async def _idle(self) -> None:
        async with aclosing(self._animation.idle_loops()) as loops:
            async for loop in loops:
                await self._sink.media(loop)

    def drain(self) -> None:
        """Lets the segment that is being spoken end, and everything else, unspoken, with it."""
        self._speaker.draining = True
        self._speaker.pause_changed()
        self._credit.lift()
        self._close_all()

    def abandon(self, reason: EndReason) -> None:
        """The connection is gone, or goes: closes the books on what was not spoken."""
        self._full.release()
        for utterance in list(self._utterances.active.values()):
            self._silence(utterance)
            withdrawn = self._withdraw(utterance)
            self._utterances.active.pop(utterance.number)
            self._end(utterance, reason)
            started = [message for message in withdrawn if isinstance(message, UtteranceStarted)]
            if started or utterance.state is UtteranceState.QUEUED:
                # Without its turn it could not end.
                at = self._credit.sent
                self._sink.control(UtteranceStarted(utterance=utterance.number, at=at))
            self._break_off(utterance)
            self._sink.control(utterance_ended(utterance, reason))
        for utterance in self._utterances.unheard:
            if utterance.left:
                self._journal.heard(utterance)
            else:
                self._withdraw(utterance)
                self._end(utterance, reason)
        self._utterances.unheard.clear()

    def _break_off(self, utterance: Utterance) -> None:
        """What was announced ends, and the client is told why it falls short."""
        segment = utterance.open_segment
        if segment is not None:
            text = "the server could not wait for the end of the segment"
            self._sink.control(
                Error(code=ErrorCode.GOING_AWAY, message=text, utterance=utterance.number)
            )
            now_ns = self._now_ns()
            self._sink.control(segment_ended(utterance, segment, now_ns, now_ns))

    def _stop_what_is_over(self) -> None:
        """It was interrupted, but the listener may not know."""
        for number in list(self._utterances.active):
            script = self._memory.scripts.get(number)
            if script is not None and script.is_over:
                self._interrupt(Interrupt(utterance=number))

    async def _next(self) -> Utterance | None:
        while self._detached or (not self._utterances.active and not self._finishing):
            self._work.clear()
            await self._work.wait()
        return next(iter(self._utterances.active.values()), None)

    async def _speak(self, utterance: Utterance) -> None:
        self._journal.started(utterance)
        reason = await self._speaker.speak(utterance)
        ended = utterance_ended(utterance, reason)
        utterance.advance(ended)
        await self._sink.media(ended, lambda: self._left(utterance, reason))
        self._utterances.active.pop(utterance.number)
        self._utterances.unheard.append(utterance)
        self._forget_heard()

    def _left(self, utterance: Utterance, reason: EndReason) -> None:
        """All of an utterance has left: from now on it is what it was."""
        heard_later = (utterance.heard or 0) < utterance.sent
        utterance.left = True
        self._end(utterance, reason, heard_later=heard_later)
        self._forget_heard()

    def _end(self, utterance: Utterance, reason: EndReason, *, heard_later: bool = False) -> None:
        self._memory.end(utterance.number, reason, utterance.at + utterance.sent)
        self._journal.ended(utterance, reason, heard_later=heard_later)

    def _forget_heard(self) -> None:
        """Lets go of what was heard to its end, and of what is too long ago to be interrupted."""
        while self._utterances.unheard and self._utterances.unheard[0].left:
            oldest = self._utterances.unheard[0]
            if (oldest.heard or 0) < oldest.sent and len(self._utterances.unheard) <= _REMEMBERED:
                return
            self._journal.heard(self._utterances.unheard.popleft())

    # What the client says

    def receive(self, message: ClientMessage) -> None:
        """Raises LipwireError for a message that cannot be followed; the conversation goes on."""
        match message:
            case Speak():
                self._append(message)
            case Flush():
                self._flush(message)
            case Interrupt():
                self._interrupt(message)
            case Played():
                self._played(message)
            case Configure():
                self._configure(message)
            case Pose():
                self._pose(message)
            case Pause():
                self._hold(message.utterance, paused=True)
            case Continue():
                self._hold(message.utterance, paused=False)
            case Ping():
                self._sink.control(Pong(stamp=message.stamp, now_ms=self._now_ns() // 1_000_000))
            case Bye():
                self._close_all()
            case _:
                raise LipwireError(
                    ErrorCode.UNSUPPORTED, f"this server does not do {tag(message)} yet"
                )

    def _append(self, message: Speak) -> None:
        utterance = self._utterances.active.get(message.utterance)
        is_keepalive = not message.text and not message.end
        if message.number is not None and self._memory.knows(message.number):
            # It came twice: the client could not know that it had come.
            if self._memory.is_settled(message.number):
                self._accept(message.number)
        elif self._utterances.is_closed(message.utterance):
            self._warn_closed(message.utterance)
        elif is_keepalive:
            self._accept(message.number)
        else:
            self._take(message, utterance)

    def _take(self, message: Speak, utterance: Utterance | None) -> None:
        try:
            check_text(
                message,
                utterance,
                self._limits,
                waiting=self.waiting,
                utterances=len(self._utterances.active),
                draining=self._speaker.draining,
            )
        except LipwireError:
            if utterance is not None and message.end:
                self._log(Speak(utterance=message.utterance, end=True))
                utterance.close()
            raise
        self._log(message)
        utterance = utterance or self._utterances.open(message.utterance)
        self._work.set()
        utterance.append(message.text, self._now_ns(), last=message.end)
        self._warn_of_markup(utterance)

    def _log(self, message: Speak) -> None:
        self._memory.say(message)
        memory, number = self._memory, message.number
        settled = (lambda: None) if number is None else (lambda: memory.settle(number))
        self._journal.said(message, memory.next_sequence(), settled)

    def _accept(self, number: int | None) -> None:
        if number is not None:
            self._sink.control(Accepted(number=number))

    def _flush(self, message: Flush) -> None:
        utterance = self._utterances.active.get(message.utterance)
        if utterance is None:
            self._warn_closed(message.utterance)
        else:
            utterance.flush(mark=True)

    def _configure(self, wish: Configure) -> None:
        wished = amend(self._terms, wish, self._synthesis.voices(), self._cast)
        terms, less = self._full.grant(wished)
        self._terms = terms
        self._animation.configure(terms)
        self._journal.configure(terms)
        place = self._memory.change(terms, *self._utterances.next_place)
        self._journal.changed(terms, self._memory.next_sequence(), *place)
        self._sink.control(configured(terms))
        if less is not None:
            self._warn(ErrorCode.OVERLOADED, less, None)
        for what in terms.unsupported:
            self._warn(ErrorCode.UNSUPPORTED, f"this server does not do {what}", None)

    def _pose(self, wish: Pose) -> None:
        speaking = self._speaking is not None and self._speaker.busy
        posed = self._animation.pose(wish, self._credit.sent, speaking=speaking)
        self._memory.posed = posed
        self._sink.control(posed)

    def _hold(self, number: int | None, *, paused: bool) -> None:
        if number is None:
            self._speaker.paused = paused
        elif number not in self._utterances.active:
            self._warn_closed(number)
        for utterance in self._utterances.active.values():
            if utterance.number == number or (number is None and not paused):
                utterance.paused = paused
        self._speaker.pause_changed()

    def _warn_of_markup(self, utterance: Utterance) -> None:
        for problem in utterance.new_problems():
            self._warn(ErrorCode.BAD_MESSAGE, str(problem), utterance.number)

    def _warn_closed(self, number: int) -> None:
        self._warn(
            ErrorCode.UTTERANCE_CLOSED,
            f"utterance {number} takes no more text; "
            f"open one with a number above {self._utterances.highest}",
            number,
        )

    def _warn(self, code: ErrorCode, text: str, number: int | None) -> None:
        self._sink.control(Warning(code=code, message=text, utterance=number))

    def _played(self, message: Played) -> None:
        if message.frame_credit is not None:
            self._animation.room = message.frame_credit
        for utterance in self._utterances.all:
            if (
                utterance.number == message.utterance
                and utterance.state is not UtteranceState.QUEUED
            ):
                sample = min(message.sample, utterance.sent)
                utterance.heard = max(utterance.heard or 0, sample)
                self._credit.report(utterance.at + sample)
                self._catch_up(utterance, sample)
        self._forget_heard()

    def _catch_up(self, utterance: Utterance, sample: int) -> None:
        # There is one timeline: whoever hears this one has heard those before it.
        for earlier in self._utterances.unheard if sample else ():
            if earlier.number < utterance.number:
                earlier.heard = earlier.sent

    def _close_all(self) -> None:
        self._finishing = True
        for utterance in self._utterances.active.values():
            utterance.close()
        self._work.set()

    # Barge-in

    def _interrupt(self, message: Interrupt) -> None:
        position = self._credit.heard
        stopped = 0
        for utterance in self._utterances.all:
            if message.utterance in (None, utterance.number):
                is_heard = is_heard_now(utterance, message, position)
                withdrawn = self._withdraw(utterance)
                if is_heard or withdrawn or utterance.number in self._utterances.active:
                    # What was reported is about the utterance that is heard now: the first one.
                    self._stop(utterance, None if stopped else message.heard, position, withdrawn)
                    stopped += 1
        if not stopped:
            self._warn(ErrorCode.NOTHING_SPEAKING, "nothing is being spoken", message.utterance)

    def _stop(
        self,
        utterance: Utterance,
        heard: int | None,
        position: int,
        withdrawn: list[ServerMessage],
    ) -> None:
        self._silence(utterance)
        estimate = 0
        if utterance.state is not UtteranceState.QUEUED:
            estimate = position - utterance.at
            end = utterance.at + utterance.sent + samples_of(withdrawn)
            self._credit.discard(min(max(position, utterance.at), end), end)
        utterance.heard = max(0, min(estimate if heard is None else heard, utterance.sent))
        interrupted = interrupted_message(utterance, estimated=heard is None)
        utterance.advance(interrupted)
        self._sink.control(interrupted)
        if self._utterances.active.pop(utterance.number, None) is None:
            self._utterances.unheard.remove(utterance)
        if utterance.left:
            self._journal.heard(utterance, interrupted=True)
        else:
            self._sink.control(utterance_ended(utterance, EndReason.INTERRUPTED))
            self._end(utterance, EndReason.INTERRUPTED)

    def _silence(self, utterance: Utterance) -> None:
        # Not by its state: its task may not have begun, or be waiting to queue its end.
        if self._speaking is not None and self._speaking[0] is utterance:
            self._speaking[1].cancel()

    def _withdraw(self, utterance: Utterance) -> list[ServerMessage]:
        withdrawn = self._sink.withdraw(utterance.number)
        utterance.withdraw(withdrawn, samples_of(withdrawn))
        return withdrawn
