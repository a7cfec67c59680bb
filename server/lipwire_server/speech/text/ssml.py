"""SSML: what is said, how and how fast. A subset, read as it arrives.

Nothing that is written wrong loses text or stops the speech: it is spoken around, and told of.
"""

import html
import re
from dataclasses import dataclass, field
from typing import Final

from .say_as import read_as
from .source import Cut, Item, MarkHere, Problem, Rate, Run, Silence

__all__ = ["MAX_PROBLEMS", "MAX_SILENCE_MS", "MAX_TAG", "MAX_WORD", "Ssml"]

MAX_TAG: Final = 1_000
"""Characters of a tag or a comment; a longer one is text."""
MAX_WORD: Final = 200
"""Characters inside `sub`, `phoneme` or `say-as`; with more it is read as it is written."""
MAX_SPOKEN: Final = 400
"""Characters of an alias or of phonemes; a longer one is not used."""
MAX_SILENCE_MS: Final = 10_000
"""Of one `break`; a longer one is as long as this."""
MAX_PROBLEMS: Final = 20
"""How many are told; the others are not."""
MAX_DEPTH: Final = 64
"""Elements inside each other; those inside are read as if they were not there."""

_CDATA = "<![CDATA["
_CDATA_END = "]]>"
_NAME = r"[A-Za-z_][\w.:-]*+"
_VALUE = r"""(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=/]++)"""
_ATTRIBUTES = rf"(?:\s++{_NAME}\s*+=\s*+{_VALUE})*+"
_TAG = re.compile(rf"<(/?)({_NAME})({_ATTRIBUTES})\s*(/?)>")
_HALF_ATTRIBUTE = rf"""\s++{_NAME}\s*+(?:=\s*+(?:"[^"<]*+|'[^'<]*+)?)?"""
_TAG_BEGINS = re.compile(rf"<(?:/?(?:{_NAME}{_ATTRIBUTES}(?:{_HALF_ATTRIBUTE})?\s*/?)?)?\Z")
_ATTRIBUTE = re.compile(rf"({_NAME})\s*+=\s*+({_VALUE})")
_ASIDES: Final = (("<!--", "-->"), ("<?", "?>"), ("<!", ">"))
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_ENTITY_BEGINS = re.compile(r"&(?:[A-Za-z]{0,4}|#[0-9]{0,7}|#[xX][0-9A-Fa-f]{0,6})\Z")
_TIME = re.compile(r"\+?([0-9]{0,9}(?:\.[0-9]{1,6})?)(ms|s)")
_PERCENT = re.compile(r"([+-]?)([0-9]{1,6}(?:\.[0-9]{1,6})?)%")
_TEXT = re.compile(r"[^<&\s]+")
_SPACE = re.compile(r"\s+")

_STRENGTHS: Final = {
    "none": 0,
    "x-weak": 100,
    "weak": 250,
    "medium": 500,
    "strong": 800,
    "x-strong": 1_200,
}
_RATES: Final = {
    "x-slow": 50,
    "slow": 75,
    "medium": 100,
    "default": 100,
    "fast": 125,
    "x-fast": 150,
}
_SLOWEST, _FASTEST = 50, 200
_WORDS: Final = frozenset({"sub", "phoneme", "say-as"})
_ALLOWED_UNHEARD: Final = frozenset({"speak", "p", "s", "break", "mark", "prosody", *_WORDS})


@dataclass(slots=True)
class _Element:
    name: str
    at: int
    rate: int
    """That holds inside of it."""


@dataclass(slots=True)
class _Word:
    """An element whose content is read as one word."""

    name: str
    attributes: dict[str, str]
    begin: int
    depth: int
    runs: list[Run] = field(default_factory=list)

    @property
    def length(self) -> int:
        return sum(len(run.spoken) for run in self.runs)


class Ssml:
    """Turns SSML into runs of text and what stands between them.

    Keeps back an unfinished tag or entity and the content of a word, never more than `MAX_TAG`.
    """

    pending: Final = 0
    """What is kept back is not spoken by a flush: the rest of the tag has to come first."""

    def __init__(self, problems: list[Problem], language: str = "") -> None:
        self._problems = problems
        self._language = language
        self._text = ""
        self._offset = 0
        """Of the text that is kept back."""
        self._open: list[_Element] = []
        self._word: _Word | None = None
        self._in_cdata = False
        self._after_space = True
        self._unknown: set[str] = set()
        self._given: list[Item] = []

    def push(self, text: str) -> list[Item]:
        self._text += text
        return self._read(last=False)

    def finish(self, *, last: bool) -> list[Item]:
        """With `last`, what was not finished is text; without, it still can be."""
        if not last:
            return []
        given = self._read(last=True)
        if self._in_cdata:
            self._tell(self._offset, "a CDATA section has no end")
        if self._word is not None:
            self._end_word()
        for element in self._open:
            self._tell(element.at, f"<{element.name}> has no end")
        return given + self._take_given()

    def _take_given(self) -> list[Item]:
        given, self._given = self._given, []
        return given

    def _read(self, *, last: bool) -> list[Item]:
        position = 0
        while position < len(self._text):
            following = self._step(position, last)
            if following is None:
                break
            position = following
        self._text = self._text[position:]
        self._offset += position
        return self._take_given()

    def _step(self, position: int, last: bool) -> int | None:
        """Goes past what stands at `position`; None where more text decides what it is."""
        text = self._text
        if self._in_cdata:
            return self._cdata(position, last)
        if (found := _TEXT.match(text, position)) is not None:
            return self._say(position, found.end())
        if (found := _SPACE.match(text, position)) is not None:
            # Lines and indentation say nothing in XML.
            if not self._after_space:
                self._give(Run(" ", self._offset + position, self._offset + position + 1))
            self._after_space = True
            return found.end()
        is_full = last or len(text) - position >= MAX_TAG
        return (
            self._entity(position, last)
            if text[position] == "&"
            else self._angle(position, is_full)
        )

    def _entity(self, position: int, last: bool) -> int | None:
        found = _ENTITY.match(self._text, position)
        if found is None:
            if not last and _ENTITY_BEGINS.match(self._text, position):
                return None
            self._tell(self._offset + position, 'a "&" that begins no entity: write &amp;')
            return self._say(position, position + 1)
        character = html.unescape(found.group())
        begin = self._offset + position
        self._give(Run(character, begin, begin + len(found.group()), character))
        self._after_space = character.isspace()
        return found.end()

    def _angle(self, position: int, is_full: bool) -> int | None:
        """A tag, a comment, a CDATA section, or a "<" that begins none of them."""
        text = self._text
        rest = text[position : position + len(_CDATA)]
        if rest == _CDATA:
            self._in_cdata = True
            return position + len(_CDATA)
        for begin, end in _ASIDES:
            if rest.startswith(begin):
                found = text.find(end, position + len(begin), position + MAX_TAG)
                if found >= 0:
                    return found + len(end)
                break
        may_go_on = rest.startswith(("<!", "<?")) or _TAG_BEGINS.match(
            text, position, position + MAX_TAG
        )
        if not is_full and may_go_on:
            return None
        tag = _TAG.match(text, position, position + MAX_TAG)
        if tag is None:
            self._tell(self._offset + position, 'a "<" that begins no tag: write &lt;')
            return self._say(position, position + 1)
        self._tag(tag)
        return tag.end()

    def _cdata(self, position: int, last: bool) -> int | None:
        end = self._text.find(_CDATA_END, position)
        if end >= 0:
            self._in_cdata = False
            self._say(position, end)
            return end + len(_CDATA_END)
        # The last characters may be the beginning of its end.
        end = len(self._text) if last else max(position, len(self._text) - len(_CDATA_END) + 1)
        return self._say(position, end) if end > position else None

    def _say(self, begin: int, end: int) -> int:
        if begin < end:
            spoken = self._text[begin:end]
            self._give(Run(spoken, self._offset + begin, self._offset + end))
            self._after_space = spoken[-1].isspace()
        return end

    def _give(self, item: Item) -> None:
        """Inside a word there are letters and marks; a break or another speed comes to nothing."""
        if self._word is None or isinstance(item, MarkHere):
            self._given.append(item)
            return
        if not isinstance(item, Run):
            return
        self._word.runs.append(item)
        if self._word.length > MAX_WORD:
            self._tell(self._word.begin, f"there is too much text in <{self._word.name}>")
            self._given += self._word.runs
            self._word = None

    def _tag(self, tag: re.Match[str]) -> None:
        closes, name, attributes, is_empty = tag[1] == "/", tag[2], tag[3], tag[4] == "/"
        begin, end = self._offset + tag.start(), self._offset + tag.end()
        if closes:
            self._close(name, begin)
            return
        if len(self._open) >= MAX_DEPTH:
            self._tell(begin, f"more than {MAX_DEPTH} elements inside each other")
            return
        values = {
            key: html.unescape(value[1:-1] if value[0] in "\"'" else value)
            for key, value in _ATTRIBUTE.findall(attributes)
        }
        self._begin(name, values, begin, end)
        self._open.append(_Element(name, begin, self._rate_in(name, values, begin)))
        self._give(Rate(self._open[-1].rate))
        if is_empty:
            self._close(name, end)

    def _begin(self, name: str, values: dict[str, str], begin: int, end: int) -> None:
        match name:
            case "p" | "s":
                self._end_sentence(begin)
            case "break":
                milliseconds = self._silence(values, begin)
                if milliseconds:
                    self._give(Silence(milliseconds, begin, end))
            case "mark":
                self._give(MarkHere(values.get("name", ""), begin))
            case "sub" | "phoneme" | "say-as" if self._word is None:
                self._word = _Word(name, values, begin, len(self._open))
            case _ if name not in _ALLOWED_UNHEARD and name not in self._unknown:
                self._tell(begin, f"<{name[:40]}> is not known; what is in it is spoken")
                if len(self._unknown) < MAX_PROBLEMS:
                    self._unknown.add(name)

    def _close(self, name: str, at: int) -> None:
        names = [element.name for element in self._open]
        if name not in names:
            self._tell(at, f"</{name[:40]}> ends nothing")
            return
        while True:
            element = self._open.pop()
            if self._word is not None and self._word.depth == len(self._open):
                self._end_word()
            if element.name in ("p", "s"):
                self._end_sentence(at)
            if element.name == name:
                break
            self._tell(element.at, f"<{element.name[:40]}> has no end")
        self._give(Rate(self._open[-1].rate if self._open else 100))

    def _end_sentence(self, at: int) -> None:
        self._give(Cut(at))
        self._after_space = self._after_space or self._word is None

    def _end_word(self) -> None:
        """What was read of the word becomes one run, said as its element wants."""
        word, self._word = self._word, None
        assert word is not None
        after = [word.runs.pop()] if word.runs and word.runs[-1].spoken == " " else []
        shown = "".join(run.seen for run in word.runs)
        say = self._reading(word, shown)
        if say is None:
            self._given += word.runs + after
            return
        begin, end = (word.runs[0].begin, word.runs[-1].end) if word.runs else (word.begin,) * 2
        self._given += [Run(say, begin, end, shown), *after]

    def _reading(self, word: _Word, shown: str) -> str | None:
        """What is said for a word; None for what stands there."""
        values = word.attributes
        match word.name:
            case "sub":
                say = values.get("alias", "").strip()
                wrong = None if say else "has no alias"
            case "phoneme":
                phonemes = values.get("ph", "").strip()
                say = f"[[{phonemes}]]"
                wrong = None if phonemes else "has no ph"
                if "[[" in phonemes or "]]" in phonemes:
                    wrong = "has brackets in its ph"
                elif values.get("alphabet", "ipa") != "ipa":
                    wrong = "has an alphabet that is not ipa"
            case _:
                how = values.get("interpret-as", "")
                say = read_as(shown, how, self._language) or ""
                wrong = None if say else f"cannot read this as {how[:40]!r}"
        if wrong is None and len(say) > MAX_SPOKEN:
            wrong = "says too much"
        if wrong is not None:
            self._tell(word.begin, f"<{word.name}> {wrong}: its text is spoken")
            return None
        return say

    def _silence(self, values: dict[str, str], at: int) -> int:
        time = values.get("time")
        if time is None:
            strength = values.get("strength", "medium")
            if strength not in _STRENGTHS:
                self._tell(at, f"{strength[:40]!r} is no strength of a break")
            return _STRENGTHS.get(strength, _STRENGTHS["medium"])
        found = _TIME.fullmatch(time.strip())
        if found is None or not found[1]:
            self._tell(at, f"{time[:40]!r} is no time of a break; write 500ms or 1.5s")
            return _STRENGTHS["medium"]
        milliseconds = round(float(found[1]) * (1 if found[2] == "ms" else 1000))
        if milliseconds > MAX_SILENCE_MS:
            self._tell(at, f"a break of {time[:40]} is {MAX_SILENCE_MS // 1000} seconds here")
        return min(milliseconds, MAX_SILENCE_MS)

    def _rate_in(self, name: str, values: dict[str, str], at: int) -> int:
        """The speed inside an element, within what a voice can do."""
        outside = self._open[-1].rate if self._open else 100
        if name != "prosody":
            return outside
        for other in sorted(values.keys() - {"rate"}):
            self._tell(at, f"{other[:40]} of <prosody> cannot be changed")
        rate = values.get("rate", "").strip()
        if not rate:
            return outside
        if rate in _RATES:
            return _RATES[rate]
        found = _PERCENT.fullmatch(rate)
        if found is None:
            self._tell(at, f"{rate[:40]!r} is no rate; write 80%, +20% or slow")
            return outside
        change = float(found[2])
        if found[1]:
            change = 100 + change if found[1] == "+" else 100 - change
        wanted = round(outside * change / 100)
        if not _SLOWEST <= wanted <= _FASTEST:
            self._tell(at, f"a rate of {wanted}% is brought to {_SLOWEST}..{_FASTEST}%")
        return min(max(wanted, _SLOWEST), _FASTEST)

    def _tell(self, at: int, message: str) -> None:
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(Problem(at, message))
