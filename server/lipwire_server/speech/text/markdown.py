"""Markdown to what is said of it, as it arrives.

Almost everything is decided from the characters next to it, so that text is not kept back until its
emphasis ends, which it may never do. Where people write the same characters in prose (`2 * 3`,
`snake_case`, `a < b`, `C#`) they stay.
"""

import html
import re
from html.entities import html5
from typing import Final

from lipwire_protocol import Treatment

from . import markdown_lines as lines
from .markdown_lines import Line
from .sentences import MAX_BLOCK
from .source import Cut, Item, Run

__all__ = ["MAX_LINK", "MAX_LINK_TEXT", "MAX_TAG", "Markdown"]

MAX_LINK_TEXT: Final = 200
"""Characters between the brackets of a link."""
MAX_LINK: Final = 2_048
"""Characters of a link's address; brackets that are farther apart are brackets."""
MAX_TAG: Final = 400
"""Characters of an HTML tag or comment."""

_SPECIAL: Final = {
    Line.TEXT: r"\n*_~`\\\[\]!<&",
    Line.ITEM: r"\n*_~`\\\[\]!<&",
    Line.HEADING: r"\n*_~`\\\[\]!<& \t",
    Line.TABLE: r"\n*_~`\\\[\]!<& \t|",
}
_PLAIN = {line: re.compile(f"[^{special}]+") for line, special in _SPECIAL.items()}
_CODE = re.compile(r"[^`\n\]]+")

_MARKERS = re.compile(r"\*+|_+|~+|`+")
_LITERAL_BEFORE = frozenset(".,;:!?/)]}=")
"""No emphasis begins in front of these: `*.txt`."""

_LINK_TEXT = re.compile(
    r"\[((?:[^\[\]\\\n]|\\.|!?\[[^\[\]\n]*+\](?:\([^()\s]*+\))?+|\n(?![^\S\n]*\n))*+)\]"
)
_ADDRESS = r"(?:<[^<>\n]*+>|[^\s()<>]*+(?:\([^\s()<>]*+\)[^\s()<>]*+)*+)"
_TITLE = r"""(?:\s++(?:"[^"]*+"|'[^']*+'|\([^()]*+\)))?+"""
_TARGET = re.compile(rf"\(\s*+{_ADDRESS}{_TITLE}\s*+\)")
_TARGET_BEGINS = re.compile(
    r"\(\s*+(?:<[^<>\n]*+|[^\s()<>]*+(?:\([^\s()<>]*+\)[^\s()<>]*+)*+(?:\([^\s()<>]*+)?"
    rf"|{_ADDRESS}(?:\s++(?:\"[^\"]*+\"?|'[^']*+'?|\([^()]*+\)?)?\s*+)?)\Z"
)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,20}\]:?")
_TAGS = (
    "a|abbr|b|big|blockquote|br|center|cite|code|dd|del|details|dfn|div|dl|dt|em|font|h[1-6]|hr|i"
    "|img|ins|kbd|li|mark|ol|p|pre|q|s|samp|small|span|strike|strong|sub|summary|sup|table|tbody"
    "|td|tfoot|th|thead|tr|tt|u|ul|var"
)
_ATTRIBUTES = r"""(?:\s++[\w:-]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=]++))*+"""
_TAG = re.compile(rf"</?({_TAGS}){_ATTRIBUTES}\s*+/?>", re.IGNORECASE)
_PARTING = re.compile(
    "blockquote|br|d[dlt]|div|h[1-6r]|li|[ou]l|p|pre|table|t[dhr]|t(?:body|head|foot)",
    re.IGNORECASE,
)
"""Tags that stand between words."""
_AUTOLINK = re.compile(r"<((?:https?://|ftp://|mailto:)[^\s<>]+|[\w.+-]+@[\w.-]+)>")
_COMMENT = "<!--"
_COMMENT_END = "-->"
_HALF_ATTRIBUTE = r"""\s++[\w:-]*+\s*+(?:=\s*+(?:"[^"]*+|'[^']*+)?+)?+"""
_MAY_BE_TAG = re.compile(
    rf"<(?:/?(?:[A-Za-z][A-Za-z0-9]{{0,9}}+{_ATTRIBUTES}(?:{_HALF_ATTRIBUTE})?\s*+/?)?"
    r"|[\w.+-]{1,40}+(?:[:@][^\s<>]*+)?|!-?|!--.*)\Z",
    re.DOTALL,
)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,9}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_ENTITY_BEGINS = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{0,9}|#[0-9]{0,7}|#[xX][0-9A-Fa-f]{0,6})?\Z")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_SPACES = re.compile(r"[ \t]+")
_CELL = re.compile(r"[ \t]*+\|[ \t|]*+")
_CLOSING_HASHES = re.compile(r"[ \t]++#++[ \t]*+(?=\n|\Z)")


class Markdown:
    """Takes the markup out of text that arrives in pieces.

    A heading, an item of a list and a row of a table end a sentence; the cells of a row are set
    apart by commas. Keeps back no more than a link, a tag or the beginning of a line can be long.
    """

    def __init__(self, code: Treatment) -> None:
        self._says_code = code is Treatment.KEEP
        self._text = ""
        self._offset = 0
        """Of the text that is kept back."""
        self._before = "\n"
        self._line = Line.TEXT
        self._at_line_start = True
        self._fence = ""
        """What the block of code that is open began with."""
        self._code = 0
        """Backticks of the code span that is open."""
        self._emphasis = dict.fromkeys("*_~", 0)
        """Markers that are open."""
        self._links: list[tuple[int, int]] = []
        """Where the text of a link ends, and its address: innermost last."""
        self._given: list[Item] = []
        self._stretch = (0, 0)
        """What is said next, in the text kept back."""

    @property
    def pending(self) -> int:
        return len(self._text)

    def push(self, text: str) -> list[Item]:
        self._text += text
        return self._read(final=False)

    def finish(self, *, last: bool) -> list[Item]:
        """Gives what was kept back, decided as if nothing came after it."""
        return self._read(final=True)

    def _read(self, *, final: bool) -> list[Item]:
        position = 0
        self._stretch = (0, 0)
        while position < len(self._text):
            step = self._begin_line if self._at_line_start else self._step
            following = step(position, final)
            if following is None:
                break
            if following > position:
                self._before = self._text[following - 1]
            position = following
        self._end_stretch()
        self._text = self._text[position:]
        self._offset += position
        given, self._given = self._given, []
        return given

    # Lines

    def _begin_line(self, position: int, final: bool) -> int | None:
        found = lines.read(self._text, position, self._fence, final=final)
        if found is None:
            return None
        if lines.ends_before(self._line, found):
            self._end_stretch()
            self._given.append(Cut(self._offset + position))
            self._end_paragraph()
        self._at_line_start = found.is_over
        self._line = found.line
        if found.fence is not None:
            self._fence = found.fence
        return found.begin

    def _end_paragraph(self) -> None:
        self._emphasis = dict.fromkeys("*_~", 0)
        self._code = 0

    # Inside a line

    def _step(self, position: int, final: bool) -> int | None:
        """Goes past what stands at `position`; None where more text decides what it is."""
        text = self._text
        if self._fence:
            return self._step_in_block(position)
        while self._links and self._links[-1][0] < self._offset + position:
            self._links.pop()
        if self._links and self._links[-1][0] == self._offset + position:
            return self._links.pop()[1] - self._offset
        plain = (_CODE if self._code else _PLAIN[self._line]).match(text, position)
        if plain is not None:
            return self._say(position, plain.end())
        character = text[position]
        if character == "\n":
            self._at_line_start = True
            self._code = 0
            return self._say(position, position + 1)
        if self._code and character != "`":
            return self._say(position, position + 1)
        match character:
            case "*" | "_" | "~" | "`":
                return self._markers(position, final)
            case "\\":
                return self._escape(position, final)
            case "[" | "!":
                return self._bracket(position, final)
            case "<":
                return self._angle(position, final)
            case "&":
                return self._entity(position, final)
            case " " | "\t" | "|":
                return self._space_or_cell(position, final)
        return self._say(position, position + 1)

    def _step_in_block(self, position: int) -> int:
        newline = self._text.find("\n", position)
        end = newline + 1 if newline >= 0 else len(self._text)
        self._at_line_start = newline >= 0
        return self._say(position, end) if self._says_code else end

    def _markers(self, position: int, final: bool) -> int | None:
        text, kind = self._text, self._text[position]
        found = _MARKERS.match(text, position)
        assert found is not None
        end, count = found.end(), len(found.group())
        if end == len(text) and not final and count < 4:
            return None
        if count > 3 or self._before == kind:
            return self._say(position, end)
        if kind == "`":
            if not self._code:
                self._code = count
            elif self._code == count:
                self._code = 0
            return end
        after = text[end : end + 1] or " "
        return end if self._is_emphasis(kind, count, after) else self._say(position, end)

    def _is_emphasis(self, kind: str, count: int, after: str) -> bool:
        """Whether the markers begin or end emphasis; keeps count of what is open."""
        before = self._before
        if kind == "~" and count != 2:
            return False
        if self._emphasis[kind] and not before.isspace() and (kind != "_" or not after.isalnum()):
            self._emphasis[kind] = max(0, self._emphasis[kind] - count)
            return True
        if after.isspace() or after in _LITERAL_BEFORE:
            return False
        if before.isalnum() and (kind == "_" or count == 1 or before.isdigit()):
            return False
        self._emphasis[kind] += count
        return True

    def _escape(self, position: int, final: bool) -> int | None:
        after = self._text[position + 1 : position + 2]
        if not after and not final:
            return None
        if after and after in _PUNCTUATION:
            return self._say(position + 1, position + 2)
        return position + 1 if after == "\n" else self._say(position, position + 1)

    def _bracket(self, position: int, final: bool) -> int | None:
        text = self._text
        begin = position + 1 if text[position] == "!" else position
        if begin == len(text):
            return None if not final else self._say(position, begin)
        if text[begin] != "[":
            return self._say(position, begin)
        if begin + 1 == len(text) and not final:
            return None
        if text.startswith("[[", position):
            end = text.find("]]", position + 2, position + 2 + MAX_BLOCK)
            if end >= 0:
                return self._say(position, end + 2)
            if not final and len(text) - position - 2 < MAX_BLOCK:
                return None
        elif text.startswith("[^", position):
            footnote = _FOOTNOTE.match(text, position)
            if footnote is not None and (footnote.end() < len(text) or final):
                return footnote.end()
        return self._link(position, begin, final)

    def _link(self, position: int, begin: int, final: bool) -> int | None:
        """A link or a picture, whose `[` is at `begin`; only what is in its brackets is said."""
        text = self._text
        named = _LINK_TEXT.match(text, begin, begin + MAX_LINK_TEXT)
        if named is None:
            window = len(text) - begin
            undecided = not final and window < MAX_LINK_TEXT and "\n\n" not in text[begin:]
            return None if undecided else self._say(position, begin + 1)
        target = _TARGET.match(text, named.end(), named.end() + MAX_LINK)
        if target is None:
            window = len(text) - named.end()
            may_come = not window or _TARGET_BEGINS.match(text, named.end()) is not None
            undecided = not final and may_come and window < MAX_LINK
            return None if undecided else self._say(position, begin + 1)
        self._links.append((self._offset + named.end() - 1, self._offset + target.end()))
        return begin + 1

    def _angle(self, position: int, final: bool) -> int | None:
        text, limit = self._text, position + MAX_TAG
        if text.startswith(_COMMENT, position):
            end = text.find(_COMMENT_END, position + len(_COMMENT), limit)
            if end >= 0:
                return end + len(_COMMENT_END)
        if (tag := _TAG.match(text, position, limit)) is not None:
            if _PARTING.fullmatch(tag[1]):
                self._substitute(" ", position, tag.end())
            return tag.end()
        if (link := _AUTOLINK.match(text, position, limit)) is not None:
            self._say(link.start(1), link.end(1))
            return link.end()
        is_full = final or len(text) >= limit
        if not is_full and _MAY_BE_TAG.match(text, position):
            return None
        return self._say(position, position + 1)

    def _entity(self, position: int, final: bool) -> int | None:
        found = _ENTITY.match(self._text, position)
        if found is None:
            undecided = not final and _ENTITY_BEGINS.match(self._text, position)
            return None if undecided else self._say(position, position + 1)
        name = found.group()[1:]
        character = html.unescape(found.group()) if name[0] == "#" else html5.get(name)
        if character is None:
            return self._say(position, found.end())
        self._substitute(character, position, found.end())
        return found.end()

    def _space_or_cell(self, position: int, final: bool) -> int | None:
        """In a heading, the signs at its end go; in a table, what is between two cells."""
        text = self._text
        if self._line is Line.HEADING:
            spaces = _SPACES.match(text, position)
            assert spaces is not None
            found = _CLOSING_HASHES.match(text, position)
            is_certain = final or found is None or found.end() < len(text)
            begun = text[spaces.end() : spaces.end() + 1] in ("", "#")
            if found is not None and is_certain:
                return found.end()
            if (
                not final
                and begun
                and not text[position:].strip(" \t#")
                and not self._is_long(position)
            ):
                return None
            return self._say(position, spaces.end())
        found = _CELL.match(text, position)
        gap = found or _SPACES.match(text, position)
        assert gap is not None
        end = gap.end()
        if end == len(text) and not final and not self._is_long(position):
            return None
        if found is None:
            return self._say(position, end)
        if text[end : end + 1] not in ("", "\n"):
            self._substitute(", ", position, end)
        return end

    def _is_long(self, position: int) -> bool:
        return len(self._text) - position >= lines.MAX_LINE_START

    # What is said

    def _say(self, begin: int, end: int) -> int:
        if begin != self._stretch[1]:
            self._end_stretch()
            self._stretch = (begin, end)
        else:
            self._stretch = (self._stretch[0], end)
        return end

    def _substitute(self, character: str, begin: int, end: int) -> None:
        self._end_stretch()
        begin, end = self._offset + begin, self._offset + end
        self._given.append(Run(character, begin, end, character))

    def _end_stretch(self) -> None:
        begin, end = self._stretch
        if begin < end:
            run = Run(self._text[begin:end], self._offset + begin, self._offset + end)
            self._given.append(run)
        self._stretch = (end, end)
