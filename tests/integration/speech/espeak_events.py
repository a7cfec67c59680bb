"""Which words espeak-ng itself says it reads: an oracle for where words are in a text.

Piper's binding offers no positions, but its shared library exports the whole of espeak's interface.
While espeak speaks (into nothing), it tells the position of every word.
"""

import ctypes
from contextlib import suppress
from functools import cache

from piper import espeakbridge

from lipwire_server.speech.timing.phonemizer import Phonemizer, _espeak_lock

__all__ = ["available", "word_positions"]

_CODE_POINTS = 1  # POS_CHARACTER, and espeakCHARS_UTF8
_END, _WORD, _PHONEME = 0, 1, 7
_RATE, _FAST, _USUAL = 1, 450, 175


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)

_found: list[tuple[int, str]] = []


def _take(samples: object, count: int, events: "ctypes._Pointer[_Event]") -> int:
    index = 0
    while (event := events[index]).type != _END:
        if event.type == _WORD:
            _found.append((event.text_position - 1, ""))
        elif event.type == _PHONEME and _found:
            position, phonemes = _found[-1]
            _found[-1] = (position, phonemes + bytes(event.id.string).decode("utf-8", "replace"))
        index += 1
    return 0


_callback = _CALLBACK(_take)  # espeak calls it for as long as it is loaded.


def available() -> bool:
    """Whether the shared library lets itself be called."""
    return _library() is not None


def word_positions(espeak_voice: str, text: str) -> list[int]:
    """The code point at which each word begins that espeak hears in the text, in order."""
    library = _library()
    assert library is not None
    encoded = text.encode() + b"\0"
    with _espeak_lock:
        espeakbridge.set_voice(espeak_voice)
        library.espeak_SetSynthCallback(_callback)
        library.espeak_ng_SetPhonemeEvents(1, 1)
        library.espeak_SetParameter(_RATE, _FAST, 0)
        _found.clear()
        library.espeak_Synth(encoded, len(encoded), 0, 1, 0, _CODE_POINTS, None, None)
        library.espeak_SetParameter(_RATE, _USUAL, 0)
    return [max(position, 0) for position, phonemes in _found if phonemes.strip(" :_|'\u200d")]


@cache
def _library() -> ctypes.CDLL | None:
    Phonemizer("en-us", {}).phonemes("a")  # Loads espeak's data.
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(espeakbridge.__file__)
        synth = library.espeak_Synth
        synth.argtypes = (
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int),
            *(ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
        )
        library.espeak_SetSynthCallback.restype = None
        library.espeak_ng_SetPhonemeEvents.restype = ctypes.c_int
        return library
    return None
