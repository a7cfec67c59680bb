"""A conversation: one utterance after another, text in, messages out."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import partial

from lipwire_protocol import (
    Accepted,
    Bye,
    ClientMessage,
    Configure,
    Continue,
    EndReason,
    ErrorCode,
    Flush,
    FrameMode,
    Interrupt,
    Limits,
    LipwireError,
    Pause,
    Ping,
    Played,
    Pong,
    Pose,
    Position,
    Replay,
    Speak,
    UtteranceState,
    Warning,
    tag,
)

from ..face.cast import Cast
from ..face.studio import Studio
from ..speech.port import Synthesis
from .acceptance import check_text
from .animation import Animation
from .credit import Credit
from .full_frames import FullSeat
from .journal import Journal
from .memory import Memory
from .replaying import Recall, Replays
from .score import configured
from .speaker import Sink, Speaker
from .terms import amend
from .turns import Turns
from .utterance import Utterance
from .utterances import Utterances

__all__ = ["Conversation"]


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
        recall: Recall,
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
        self._animation = Animation(terms, studio, sink.media, sink.control)
        self._speaker = Speaker(
            terms,
            memory.terms_at,
            key=key,
            synthesis=synthesis,
            sink=sink,
            credit=self._credit,
            animation=self._animation,
            sounded=journal.sounded,
            account=memory.account,
            now_ns=now_ns,
        )
        self._group: asyncio.TaskGroup | None = None
        self._idling: asyncio.Task[None] | None = None
        memory.account.hearing = self._hearing
        if (posed := memory.posed) is not None:
            pose = Pose(emotion=posed.emotion, gaze=posed.gaze, head=posed.head)
            self._animation.pose(pose, 0, speaking=False)
        on_flush = partial(_note_flush, memory, journal)
        self._utterances = Utterances(memory, limits, self._credit, now_ns, on_flush)
        self._turns = Turns(
            self._utterances,
            memory=memory,
            speaker=self._speaker,
            credit=self._credit,
            sink=sink,
            journal=journal,
            now_ns=now_ns,
        )
        self._replays = Replays(
            self._utterances,
            memory=memory,
            turns=self._turns,
            journal=journal,
            limits=limits,
            recall=recall,
        )

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
        """Before `run`: goes on where another connection broke off; see `check_place`.

        `known` is what this process has of the utterances.
        """
        self._utterances.restore(position, known)
        self._turns.wake()

    def detach(self) -> None:
        """The connection is gone: nothing is spoken until another one goes on with it.

        `abandon` gives up what that other one does not take over.
        """
        self._full.release()
        self._turns.detach()

    @property
    def utterances(self) -> list[Utterance]:
        """Those that another connection may go on with."""
        return self._utterances.all

    def _hearing(self) -> tuple[int, int] | None:
        """Utterance and sample that the listener is about to hear."""
        position = self._credit.heard
        for utterance in self._utterances.all:
            is_sent = utterance.state is not UtteranceState.QUEUED
            if is_sent and position < utterance.at + utterance.sent:
                return utterance.number, max(0, position - utterance.at)
        return None

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
        try:
            async with asyncio.TaskGroup() as self._group:
                self._show()
                await self._turns.run()
                self._group = None
                if self._idling is not None:
                    self._idling.cancel()
        finally:
            self._group = self._idling = None

    def _show(self) -> None:
        """Who is shown no face needs no task for it: most connections of a large server idle."""
        has_face = self._terms.frames.mode is not FrameMode.NONE
        if has_face and self._idling is None and self._group is not None:
            self._idling = self._group.create_task(self._idle())

    async def _idle(self) -> None:
        async with aclosing(self._animation.idle_loops()) as loops:
            async for loop in loops:
                await self._sink.media(loop)

    def drain(self) -> None:
        """Lets the segment that is being spoken end, and everything else, unspoken, with it."""
        self._speaker.draining = True
        self._speaker.pause_changed()
        self._credit.lift()
        self._turns.close()

    def acknowledge(self) -> None:
        """After `ready`, which names the texts that were safe by then: from now on each is told."""
        self._memory.on_settled = self._accept

    def abandon(self, reason: EndReason) -> None:
        """The connection is gone, or goes: closes the books on what was not spoken."""
        self._full.release()
        self._turns.abandon(reason)

    # What the client says

    async def follow(self, message: ClientMessage) -> None:
        """`receive`, also for what may have to be looked up in the database."""
        if not isinstance(message, Replay):
            self.receive(message)
        elif message.utterance <= self._utterances.highest:
            self._warn_closed(message.utterance)
        else:
            await self._replays.open(message, draining=self._speaker.draining)

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
                self._turns.close()
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
        self._turns.wake()
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
        self._show()
        self._journal.configure(terms)
        place = self._memory.change(terms, *self._utterances.next_place)
        self._memory.account.change(terms, place)
        self._journal.changed(terms, self._memory.next_sequence(), *place)
        self._sink.control(configured(terms, place))
        if less is not None:
            self._warn(ErrorCode.OVERLOADED, less, None)
        for what in terms.unsupported:
            self._warn(ErrorCode.UNSUPPORTED, f"this server does not do {what}", None)

    def _interrupt(self, message: Interrupt) -> None:
        if not self._turns.interrupt(message):
            self._warn(ErrorCode.NOTHING_SPEAKING, "nothing is being spoken", message.utterance)

    def _pose(self, wish: Pose) -> None:
        posed = self._animation.pose(wish, self._credit.sent, speaking=self._turns.speaking)
        self._memory.posed = posed
        self._memory.account.pose(posed)
        self._journal.posed(posed)
        self._sink.control(posed)

    def _hold(self, number: int | None, *, paused: bool) -> None:
        if number is None:
            self._speaker.paused = paused
        elif number not in self._utterances.active:
            self._warn_closed(number)
            return
        for utterance in self._utterances.active.values():
            if utterance.number == number or (number is None and not paused):
                utterance.paused = paused
        self._speaker.pause_changed()
        self._memory.account.hold(number, paused=paused)

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
                utterance.adrift = False
                self._credit.report(utterance.at + sample)
                self._catch_up(utterance, sample)
        self._turns.forget_heard()

    def _catch_up(self, utterance: Utterance, sample: int) -> None:
        # There is one timeline: whoever hears this one has heard those before it.
        for earlier in self._utterances.unheard if sample else ():
            if earlier.number < utterance.number and not earlier.adrift:
                earlier.heard = earlier.sent


def _note_flush(memory: Memory, journal: Journal, utterance: int) -> None:
    """Its text was spoken without waiting for more."""
    memory.flush(utterance)
    journal.flushed(utterance, memory.next_sequence())
