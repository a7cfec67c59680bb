"""From what another process stored of a session to what it takes to go on with it."""

from collections.abc import Sequence

import msgspec

from lipwire_protocol import EndReason, Posed, Speak

from ..speech.port import VoiceInfo
from ..store.recollections import LoggedSession
from ..store.records import SettingsRecord
from .memory import Memory
from .settings import recalled

__all__ = ["remembered"]


def remembered(logged: LoggedSession, voices: Sequence[VoiceInfo]) -> Memory:
    """What the session was told, in the order in which it was.

    Raises LipwireError (`not_found`) where this server does not have its voice.
    """
    memory = Memory(recalled(logged.voice, logged.settings, voices), clock=logged.clock)
    # Also of what is not read here: an entry with the number of another one would not be stored.
    memory.skip_to(logged.sequence)
    for entry in logged.entries:
        if isinstance(entry, SettingsRecord):
            terms = recalled(entry.voice, entry.settings, voices)
            memory.change(terms, entry.utterance, entry.segment)
        elif entry.flushes:
            memory.flush(entry.utterance)
        elif entry.replays is not None:
            memory.replay(entry.utterance, entry.replays, entry.from_sample, memory)
        else:
            memory.say(
                Speak(
                    utterance=entry.utterance,
                    text=entry.text,
                    end=entry.is_last,
                    number=entry.number,
                ),
                settled=True,
            )
    if logged.pose is not None:
        memory.posed = msgspec.json.decode(logged.pose, type=Posed)
    for number, ended in logged.ended.items():
        memory.end(number, EndReason(ended.reason), logged.clock, ended.heard)
    return memory
