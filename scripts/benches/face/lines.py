"""What is said for the face."""

from typing import Final

__all__ = ["HELD_OUT", "SPEECH", "different"]

HELD_OUT: Final = (
    "Welcome back. The kettle is already on, so take off your coat.",
    "A blue ambulance stopped beside the empty petrol pump.",
    "Which platform does the slow train to Cambridge leave from?",
    "Mum put the baby's bib in the top cupboard by mistake.",
    "I would rather walk than wait for another crowded bus.",
    "The shepherd watched a few fluffy sheep jump over the ditch.",
    "Joyful voices echoed around the huge old courthouse.",
    "Remember to unplug the lamp before you leave the building.",
    "Nothing rhymes with orange, or so they have always taught us.",
    "His uncle owns nine vineyards in the south of France.",
    "Pepper, thyme and a pinch of salt improve most soups.",
    "Was it a vision, or a measured and deliberate illusion?",
    "Eight hundred and ninety people bought tickets this morning.",
    "They thought that the weather would be worse on Thursday.",
    "Ships with tall white sails were moored along the quay.",
    "Could you possibly speak up? The machine behind me is rumbling.",
    "Every good chef keeps a sharp knife and a cool head.",
    "Amber leaves tumbled from the maple trees all afternoon.",
    "Zoe's cousin is a judge, and her brother mends bicycles.",
    "Perhaps we could meet tomorrow by the bridge at half past two.",
)
"""None of them is among those that the mouths of the default avatars were chosen from."""

SPEECH: Final = (
    "Good evening, and thank you very much for coming to see us in this weather.",
    "My name is Joe, and I have been asked to say a few words about the old harbour.",
    "When the first boats were built here, there was nothing but mud, reeds and a broken bridge.",
    "People said that nobody would ever want to live in such a place, and they were wrong.",
    "By the end of the century five thousand families had moved in, most of them from the hills.",
    "They brought their pans, their pigs and their hopes, and they painted every door blue.",
    "Have you ever wondered why the church stands so far away from the market?",
    "It is because of the flood, which took away half of the street in one single night.",
    "So if you walk home along the water, please be careful, and think of them for a moment.",
)
"""A little speech of more than half a minute, a segment each."""


def different(count: int) -> list[str]:
    """As many lines of about five seconds, no two of them the same."""
    return [
        f"{HELD_OUT[number % len(HELD_OUT)][:-1]}, said number {1000 + 37 * number}."
        for number in range(count)
    ]
