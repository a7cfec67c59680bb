"""Words with a full stop that may not end a sentence, in the languages that voices speak."""

from typing import Final

__all__ = [
    "ABBREVIATIONS",
    "AMBIGUOUS",
    "BEFORE_NUMBERS",
    "BEFORE_ORDINALS",
    "STARTERS",
    "TITLES",
]


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split(" "))


ABBREVIATIONS: Final = _words(
    "mr mrs ms dr prof st mt ft capt lt sgt gov vs cf eg ie e.g i.e fig figs dept univ approx",
    "hrn z.b d.h u.a bzw vgl ca bspw ggf evtl inkl exkl sog med geb gest",  # German
    "mme mmes mlle m.m",  # French
    "sra srta sres dra ud uds vd ej pág núm aprox ee",  # Spanish
    "sig dott ing avv",  # Italian
    "exmo exma",  # Portuguese
    "dhr mevr mw bijv d.w.z o.a m.b.t t.a.v",  # Dutch
    "t.ex bl.a d.v.s f.eks",  # Swedish, Danish, Norwegian
    "esim",  # Finnish
    "np tzn tzw ul św inż mgr tj",  # Polish
    "např tzv",  # Czech
    "pl kb",  # Hungarian
    "örn bkz",  # Turkish
    "т.е ул кв стр рис им см проф акад тов",  # Russian
    "डॉ श्री",  # Hindi
    "tp tn",  # Vietnamese, Indonesian
)
"""A sentence does not end with these."""

TITLES: Final = _words("gen col maj rev sen rep pres hon hr fr av")
"""Abbreviations with a capital, words without ("on 3 maj.")."""

BEFORE_NUMBERS: Final = _words(
    "no nos nr p pp v vol vols ch sec ext art abb min max str strasse straße č čl"
)
"""Abbreviations where a number follows, words otherwise ("I said no.")."""

AMBIGUOUS: Final = _words(
    "etc inc ltd co corp jr sr bros al a.m p.m u.s u.k u.n ph.d m.d b.a m.a rd ave blvd usw",
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri",
    "ecc enz itp itd atd apod stb vb uu osv m.fl т.д т.п др",
)
"""A sentence may end with these: what comes next decides."""

BEFORE_ORDINALS: Final = _words(
    "am der die das dem den des zum zur vom beim im bis ab seit jeder jede jedes ein eine"
)
"""German words after which "3." is "third": what comes next has a capital in any case."""

STARTERS: Final = _words(
    "the a an it he she we they i you this that these those there here in on at but and so",
    "then what when where who why how if is are was were my your his her our their its no yes",
    "please let after before however now",
    "der die das es er sie wir ich ihr du und aber dann nun ein eine",
    "le la les il elle on nous vous je tu un une et mais ce c",
    "el los las ella yo y pero en",
    "он она они это мы вы я и но потом в на",
)
"""Words that, written with a capital, show that a new sentence has begun."""
