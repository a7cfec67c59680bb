"""Phonemes as the aligner knows them, ARPABET, and which mouths go with each."""

from typing import Final

from lipwire_protocol.visemes import Oculus

__all__ = ["MOUTHS", "STOPS", "arpabet"]

_SOUNDS: Final = {
    ipa: phone
    for phone, sounds in (
        ("P", "p"), ("B", "b"), ("T", "t ʔ"), ("D", "d ɾ"), ("K", "k"), ("G", "ɡ g"),
        ("CH", "tʃ"), ("JH", "dʒ"), ("F", "f"), ("V", "v"), ("TH", "θ"), ("DH", "ð"), ("S", "s"),
        ("Z", "z"), ("SH", "ʃ"), ("ZH", "ʒ"), ("HH", "h"), ("M", "m"), ("N", "n"), ("NG", "ŋ"),
        ("L", "l"), ("R", "ɹ r"), ("Y", "j"), ("W", "w"),
        ("IY", "i iə"), ("IH", "ɪ ᵻ"), ("EY", "eɪ"), ("EH", "ɛ e"), ("AE", "æ"), ("AA", "ɑ a"),
        ("AO", "ɔ oː"), ("OW", "oʊ əʊ"), ("UH", "ʊ ʊə"), ("UW", "u"), ("AH", "ʌ ə ɐ"),
        ("ER", "ɜ ɝ ɚ"), ("AY", "aɪ"), ("AW", "aʊ"), ("OY", "ɔɪ"),
    )
    for ipa in sounds.split()
}  # fmt: skip
_MARKS: Final = frozenset("ˈˌʲʰʷˤ\u0329")
_PAIRS: Final = frozenset(("ts", "dz"))

STOPS: Final = frozenset(("P", "B", "T", "D", "K", "G", "CH", "JH"))
"""Sounds that begin with silence or next to it."""

_PP, _FF, _TH, _DD, _KK = Oculus.PP, Oculus.FF, Oculus.TH, Oculus.DD, Oculus.KK
_CH, _SS, _NN, _RR = Oculus.CH, Oculus.SS, Oculus.NN, Oculus.RR
_AA, _E, _IH, _OH, _OU = Oculus.AA, Oculus.E, Oculus.IH, Oculus.OH, Oculus.OU

MOUTHS: Final[dict[str, frozenset[Oculus]]] = {
    phone: frozenset(mouths)
    for phones, mouths in (
        ("P B M", (_PP,)), ("F V", (_FF,)), ("TH DH", (_TH,)), ("T D", (_DD,)), ("L N", (_NN, _DD)),
        ("NG", (_NN, _KK)), ("K G", (_KK,)), ("CH JH SH ZH", (_CH,)), ("S Z", (_SS,)),
        ("R ER", (_RR,)), ("AA AE", (_AA,)), ("AH", (_AA, _E)), ("AO", (_OH, _AA)),
        ("AW", (_AA, _OU, _OH)), ("AY", (_AA, _IH)), ("EH", (_E,)), ("EY", (_E, _IH)),
        ("IH IY Y", (_IH,)), ("OW", (_OH, _OU)), ("OY", (_OH, _IH)), ("UH UW W", (_OU,)),
        ("HH", (_AA, _E, _IH, _OH, _OU, _RR, _KK)),
    )
    for phone in phones.split()
}  # fmt: skip
"""Which Oculus shapes are right for a phone; where schools differ, several are."""


def arpabet(symbol: str) -> tuple[str, ...]:
    """The phones of a phoneme with all its marks: one, or the two of `ts`. Raises KeyError."""
    plain = "".join(sign for sign in symbol if sign not in _MARKS)
    if plain in _PAIRS:
        return tuple(_SOUNDS[sound] for sound in plain)
    return (_SOUNDS.get(plain) or _SOUNDS[plain.rstrip("ː")],)
