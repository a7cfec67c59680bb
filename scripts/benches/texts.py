"""What is said: three sentences for measuring single calls, and texts without end for listeners."""

import random
from typing import Final

__all__ = ["CASES", "GREETING", "SENTENCES", "endless", "speech_seconds"]

CASES: Final = {
    "short": "Hello there.",
    "3s": "The boat came back with the tide, and nobody said a word.",
    "6s": (
        "The quick brown fox jumps over the lazy dog, and then it rests beneath the old oak tree"
        " until the evening comes."
    ),
}
"""About one, three and six seconds of speech."""

GREETING: Final = "Hello, and welcome to your interview, please take a seat and take your time."
"""One sentence, so that it is one piece of work."""

SENTENCES: Final = (
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "It is easy to tell the depth of a well.",
    "These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls.",
    "The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck.",
    "Four hours of steady work faced us.",
    "A large size in stockings is hard to sell.",
    "The boy was there when the sun rose.",
    "A rod is used to catch pink salmon.",
    "The source of the huge river is the clear spring.",
    "Kick the ball straight and follow through.",
    "Help the woman get back to her feet.",
    "A pot of tea helps to pass the evening.",
    "Smoky fires lack flame and heat.",
    "The soft cushion broke the man's fall.",
    "The salt breeze came across from the sea.",
    "The girl at the booth sold fifty bonds.",
    "The small pup gnawed a hole in the sock.",
    "The fish twisted and turned on the bent hook.",
    "Press the pants and sew a button on the vest.",
    "The swan dive was far short of perfect.",
    "The beauty of the view stunned the young boy.",
    "Two blue fish swam in the tank.",
    "Her purse was full of useless trash.",
    "The colt reared and threw the tall rider.",
    "It snowed, rained, and hailed the same morning.",
    "Read verse out loud for pleasure.",
    "Hoist the load to your left shoulder.",
)
"""The first of the Harvard sentences (IEEE, 1969): sounds as often as English has them."""

_CHARACTERS_PER_SECOND: Final = 14
"""Of English, with the bundled voice; on the safe side."""


def speech_seconds(text: str) -> float:
    """About how long it takes to say a text; rather less than it does."""
    return len(text) / (_CHARACTERS_PER_SECOND * 1.5)


def endless(seed: int, seconds: float) -> list[str]:
    """Sentences for at least `seconds` of speech, in an order and with numbers that are `seed`'s
    own: no two listeners hear the same sentence, so no cache helps."""
    chance = random.Random(seed)
    said: list[str] = []
    while speech_seconds(" ".join(said)) < seconds:
        sentence = chance.choice(SENTENCES)
        said.append(f"{sentence[:-1]}, said number {chance.randrange(1000, 10_000)}.")
    return said
