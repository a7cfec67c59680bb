"""Every language of espeak-ng, from text to units, words and mouth shapes."""

import json
import random
import re
from bisect import bisect_right
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import piper
import pytest
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from tests.integration.speech import espeak_events

from lipwire_protocol.timeline import HOP
from lipwire_server.lipsync.table import viseme_table
from lipwire_server.speech.port import WordSpan
from lipwire_server.speech.timing.alignment import Unit, has_sound, units_in_time
from lipwire_server.speech.timing.phonemizer import Phonemizer
from lipwire_server.speech.timing.symbols import is_spoken
from lipwire_server.speech.timing.tokens import tokens
from lipwire_server.speech.timing.words import place_words

TEXTS: dict[str, str] = json.loads(Path(__file__).with_name("article_1.json").read_text("utf-8"))
"""The first article of the Universal Declaration of Human Rights, mostly, with words that have the
sounds that are not in it; by the name of the espeak voice or the beginning of it."""

NUMBERS = " 7, 12, 1984."
"""Every language has its own words for them, so there is something to say for each."""

UNVOICED = {"fo", "kaa", "ps", "xex"}
"""Voices in the wheel whose dictionary is not."""

LOST = set("\u0361\u1d5d\u0308\u031e`[KAZNS")
"""What espeak writes in a few languages and Piper's voices were never taught."""

ODD = {
    "en-us": [
        "He of the house, did not go to the U.S.A. on Jan. 3rd, 2024 at 10:30 p.m.",
        "It's 3.14% of $1,234.56 — don't e-mail me@x.com or visit https://example.org/a?b=1!",
        "NASA, HTML5 & C++ are OK; IPv6 vs. IPv4.",
        "In 1984, Dr. Smith paid £5 for 12 eggs; St. John's Rd. is closed, isn't it?",
        "The 2nd-best idea: 50/50, i.e. half & half, e.g. 3/4.",
        "Call +1 (555) 123-4567 before 5pm on Mon., Dec 25th!",
        "I'd've gone, but they couldn't; you're it. Café 😀 naïve “quoted” text… end",
        'She said: "I\'m 5\'10" tall" and left… 1,000,000 men; the 1990s; 20°C.',
    ],
    "de": ["Am 21. März 1984 kostete es 5,50 €; z. B. der „Fuß“-Weg, usw. um 10:30 Uhr."],
    "fr": ["L’homme a 92 ans; aujourd’hui, c’est l’été « vraiment »: 3,5 % à 8h30."],
    "es": ["¿Cómo estás? Tengo 21 años, ¡y 1.000 €!"],
    "ar": ["مرحبا بالعالم 25، كيف الحال؟"],
    "he": ["שלום עולם 25!"],
    "ru": ["Привет, 1984 год — «это» 5 %."],
    "hi": ["नमस्ते दुनिया 25।"],
}


WITH_SPACES = TEXTS.keys() - {"cmn", "hak", "ja", "my", "shn", "th", "yue"}
"""Languages whose words espeak finds as we do; in the others every character is one here."""


def _voices() -> list[str]:
    folder = Path(piper.__file__).parent / "espeak-ng-data" / "lang"
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


def _text(voice: str) -> str:
    names = (voice, voice.split("-")[0], *{"en-US-nyc": ("en",)}.get(voice, ()))
    return next((TEXTS[name] for name in names if name in TEXTS), "") + NUMBERS


@cache
def _phonemizer(voice: str) -> Phonemizer:
    return Phonemizer(voice, DEFAULT_PHONEME_ID_MAP)


def _in_time(voice: str, text: str) -> tuple[list[Unit], tuple[WordSpan, ...], list[int]]:
    phonemizer = _phonemizer(voice)
    ids = phonemizer.ids(phonemizer.phonemes(text))
    chance = random.Random(text)
    units = units_in_time(ids, [chance.randint(1, 9) for _ in ids.ids])
    words, word_of_unit = place_words(text, units, phonemizer.token_phonemes)
    return units, words, word_of_unit


SPOKEN = [voice for voice in _voices() if voice not in UNVOICED]


def test_there_is_a_text_for_most_languages() -> None:
    without = {voice for voice in SPOKEN if _text(voice) == NUMBERS}
    assert without <= {"bpy", "hyw", "kok", "mto", "py"}


@pytest.mark.parametrize("voice", SPOKEN)
def test_every_sound_has_a_mouth_shape(voice: str) -> None:
    phonemes = set(_phonemizer(voice).phonemes(_text(voice)))
    assert has_sound(list(phonemes))
    assert phonemes - DEFAULT_PHONEME_ID_MAP.keys() <= LOST
    heard = {symbol for symbol in phonemes if is_spoken(symbol)} - LOST
    assert {symbol for symbol in heard if not viseme_table().sounds(symbol)} == set()


@pytest.mark.parametrize("voice", SPOKEN)
def test_units_have_no_gaps_and_words_are_in_order(voice: str) -> None:
    text = _text(voice)
    units, words, word_of_unit = _in_time(voice, text)
    assert [unit.start for unit in units] == [0, *(unit.end for unit in units[:-1])]
    position = time = 0
    for word in words:
        assert position <= word.begin < word.end <= len(text)
        assert time <= word.start
        assert word.count > 0
        position, time = word.end, word.start + word.count
    assert time <= units[-1].end * HOP
    assert sum(word.spoken for word in words) == len({u.word for u in units if u.word >= 0})
    assert all((word < 0) == (u.word < 0) for u, word in zip(units, word_of_unit, strict=True))


@pytest.mark.parametrize("voice", SPOKEN)
def test_every_token_with_something_to_say_is_a_word(voice: str) -> None:
    text = _text(voice)
    _, words, _ = _in_time(voice, text)
    begins = {word.begin for word in words}
    said = [
        (begin, end)
        for begin, end in tokens(text)
        if any(is_spoken(symbol) for symbol in _phonemizer(voice).token_phonemes(text[begin:end]))
    ]
    silent = [text[a:b] for a, b in said if not begins.intersection(range(a, b))]
    assert silent == []


@pytest.mark.skipif(not espeak_events.available(), reason="espeak's library cannot be called")
@pytest.mark.parametrize("voice", ["en-us", *(voice for voice in SPOKEN if voice in WITH_SPACES)])
def test_words_are_where_espeak_says_that_it_reads_them(voice: str) -> None:
    alike = heard = 0
    # Of a long text espeak loses the first events.
    for text in [*re.split(r"(?<=[.;।]) ", _text(voice)), *ODD.get(voice, ())]:
        _, words, _ = _in_time(voice, text)
        begins = [begin for begin, _ in tokens(text)]

        def token_at(position: int, begins: list[int] = begins) -> int:
            return max(0, bisect_right(begins, position) - 1)

        ours = [token_at(word.begin) for word in words for _ in range(word.spoken)]
        theirs = [token_at(position) for position in espeak_events.word_positions(voice, text)]
        alike += sum(
            block.size for block in SequenceMatcher(None, ours, theirs, False).get_matching_blocks()
        )
        heard += max(len(ours), len(theirs))
    # espeak itself counts what follows some abbreviations to them ("Rd. is").
    assert alike / heard >= 0.94
