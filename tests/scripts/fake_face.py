"""A voice without a model and avatars without art, so that a bench of the face takes a moment."""

import io
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import groupby

import numpy as np
from msgspec import structs
from numpy.typing import NDArray
from PIL import Image as Pillow

from benches.face.speaking import Line, MouthWatched, chunk_spans
from benches.lips.reference import load
from benches.lips.speaking import in_time
from lipwire_protocol.timeline import HOP
from lipwire_protocol.visemes import Oculus
from lipwire_server.face.codebook import SHAPES, default_codebook
from lipwire_server.face.packs.avatar import Avatar
from lipwire_server.face.packs.manifest import Image, MouthSet, Shows
from lipwire_server.face.packs.manifest import Mouth as ManifestMouth
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech.port import Mouth, PhonemeSpan, Plan, VoiceInfo, WordSpan
from lipwire_server.speech.voices.reading import window_plan
from tests.tiny_avatar import tiny_avatar

__all__ = ["RATE", "OpenMouth", "Remembered", "rich_avatar"]

RATE = load().sample_rate


class OpenMouth(MouthWatched):
    """Lips that never meet of their own accord."""

    def weights(self, name: str, times: NDArray[np.int64]) -> NDArray[np.uint8]:
        weights = super().weights(name, times)
        for closed in (Oculus.PP, Oculus.SIL):
            weights[:, Oculus.AA] += weights[:, closed]
            weights[:, closed] = 0
        return weights


class Remembered:
    """Says one sentence after another of those whose durations are stored."""

    info = VoiceInfo(name="remembered", language="en-US", sample_rate=RATE)

    def __init__(self, lips: Callable[[Mouth], Mouth] = lambda mouth: mouth) -> None:
        """`lips` changes what the mouth does."""
        self._turn: dict[str, int] = {}
        self._lips = lips

    def line(self, text: str, *, aloud: bool) -> Line:
        sentences = load().sentences
        sentence = sentences[self._turn.setdefault(text, len(self._turn)) % len(sentences)]
        spans = tuple(
            PhonemeSpan(unit.symbol, unit.start * HOP, (unit.end - unit.start) * HOP, unit.word)
            for unit in in_time(sentence.phonemes, sentence.frames)
        )
        plan = Plan(
            count=sentence.count,
            words=tuple(_words(spans)),
            phonemes=spans,
            mouth=self._lips(mouth(spans, RATE)),
            phonemized_ns=0,
            encoded_ns=0,
        )
        chunks = [
            (end - begin, bytes(2 * (end - begin)) if aloud else b"")
            for begin, end in chunk_spans(window_plan(sentence.count // HOP), RATE)
        ]
        return Line(plan, tuple(chunks))


def _words(spans: Sequence[PhonemeSpan]) -> Iterator[WordSpan]:
    for number, group in groupby(
        (span for span in spans if span.word >= 0), key=lambda span: span.word
    ):
        sounds = list(group)
        start, end = sounds[0].start, sounds[-1].start + sounds[-1].count
        yield WordSpan("word", 5 * number, 5 * number + 4, start, end - start)


@cache
def rich_avatar(shapes: int = SHAPES, *, side: int = 8) -> Avatar:
    """The tiny avatar with the mouths of the default ones, each a picture of its own."""
    plain = tiny_avatar()
    book = default_codebook().entries[:shapes]
    files = {f"rich/{shape}.png": _picture(side, shape) for shape in range(len(book))}
    images = tuple(
        Image(file=name, at=(28, 40), shape=str(shape)) for shape, name in enumerate(files)
    )
    layers = tuple(
        structs.replace(layer, images=images) if layer.shows is Shows.MOUTH else layer
        for layer in plain.manifest.layers
    )
    codebook = ManifestMouth(set=MouthSet.ARTICULATION, codebook=tuple(map(tuple, book.tolist())))
    manifest = structs.replace(plain.manifest, layers=layers, mouth=codebook)
    used = {image.file for layer in layers for image in layer.images}
    return Avatar.of(manifest, {n: d for n, d in {**plain.files, **files}.items() if n in used})


def _picture(side: int, colour: int) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(colour).integers(0, 255, (side, side, 4), np.uint8)
    Pillow.fromarray(noise, "RGBA").save(out, "PNG")
    return out.getvalue()
