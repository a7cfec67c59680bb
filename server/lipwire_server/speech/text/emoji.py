"""What an emoji is: a character, or several that are seen as one."""

import re
from typing import Final

__all__ = ["EMOJI", "EMOJI_MAY_COME"]

_PICTURE = (
    "\U0001f000-\U0001f0ff\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f18e\U0001f191-\U0001f19a"
    "\U0001f201-\U0001f3fa\U0001f400-\U0001faff"
    "⌚⌛⌨⏏⏩-⏳⏸-⏺▪▫▶◀◻-◾⬅-⬇⬛⬜⭐⭕"
    # Of the symbols and dingbats those that are emoji: not the numbers in circles, not the notes.
    "☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰-⛵⛷-⛺⛽"
    "✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿"
)
"""Emoji of Unicode 16, also where they are written without a variation selector."""
_TEXT = "©®‼⁉™ℹ↔-↙↩↪Ⓜ〰〽㊗㊙♀♂⚕⚖"
"""Emoji only with a variation selector after them, or inside a sequence."""

_MODIFIERS = "\ufe0f?[\U0001f3fb-\U0001f3ff]?\ufe0f?\u20e3?[\U000e0020-\U000e007f]{0,12}"
_ONE = f"(?:[{_PICTURE}]{_MODIFIERS}|[{_TEXT}]\ufe0f{_MODIFIERS})"
_FLAG = "[\U0001f1e6-\U0001f1ff]{1,2}"
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"
_LEFT_OVER = "[\U0001f3fb-\U0001f3ff\ufe0f\u20e3\U000e0020-\U000e007f]"

EMOJI: Final = re.compile(
    f"(?:{_FLAG}|{_KEYCAP}|{_ONE}(?:\u200d(?:{_ONE}|[{_TEXT}])\ufe0f?){{0,8}}\u200d?|{_LEFT_OVER})"
)
"""One emoji, with whatever changes it. Its beginnings are emoji, too."""

EMOJI_MAY_COME: Final = re.compile(f"(?:[0-9#*]\ufe0f?|[{_TEXT}])\\Z")
"""Ends a text that becomes an emoji with the next character."""
