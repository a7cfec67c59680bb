"""Where phonemes are heard, by forced alignment with pocketsphinx and its bundled English model.

The dictionary is made of the phones that are asked for, so that each has exactly one place. A first
pass finds the words, a second one the phones in them. A frame looks at 25.6 ms and stands for the
10 ms in their middle, so everything is 7.8 ms later than its number says.
"""

from base64 import b64decode
from importlib.metadata import version
from typing import Any

from pocketsphinx import Decoder

from benches.workers.loop import Answer, serve

_FRAME_MS = 10.0
_FIRST_MS = (25.625 - _FRAME_MS) / 2


def align(pcm: bytes, words: list[list[str]]) -> list[tuple[str, float, float]]:
    """Phones with start and end in milliseconds; pauses are left out.

    `pcm` are 16-bit samples at 16 kHz.
    """
    # A new one for each sentence: what was heard before would change what it expects.
    decoder = Decoder(loglevel="FATAL", lm=None)
    names = [f"w{index}" for index in range(len(words))]
    for name, phones in zip(names, words, strict=True):
        decoder.add_word(name, " ".join(phones), update=name == names[-1])
    decoder.set_align_text(" ".join(names))
    for second_pass in (False, True):
        if second_pass:
            decoder.set_alignment()
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
    return [
        (
            phone.name,
            phone.start * _FRAME_MS + _FIRST_MS,
            (phone.start + phone.duration) * _FRAME_MS + _FIRST_MS,
        )
        for word in decoder.get_alignment()
        if word.name in names
        for phone in word
    ]


def start() -> tuple[Answer, dict[str, Any]]:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return {"phones": align(b64decode(request["pcm"]), request["words"])}

    return answer, {"packages": {"pocketsphinx": version("pocketsphinx")}}


if __name__ == "__main__":
    serve(start)
