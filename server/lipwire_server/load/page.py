"""A load test as a page, in one file that needs nothing from elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any, Final

from .plots import bars, curves, histogram, over_time
from .tally import Tally

__all__ = ["page"]

_STYLE: Final = (Path(__file__).parent / "page.css").read_text("utf-8")

_TIMES: Final = {
    "connect_ms": "To be let in",
    "first_sound_ms": "First sound",
    "streamed_sound_ms": "First sound, text in pieces",
    "interrupt_ms": "Answer to an interrupt",
    "resume_ms": "To go on after a loss",
    "lead_ms": "Sound ahead of the listener",
    "gap_ms": "Gaps",
    "chunk_late_ms": "Later than other listeners",
    "own_delay_ms": "The load test itself",
}


def page(told: Mapping[str, Any], tally: Tally) -> str:
    """`told` is the document of the same test."""
    plan = told["plan"]
    passed = told["passed"]
    word, kind = ("passed", "passed") if passed else ("thresholds broken", "broken")
    people = ", ".join(f"{count:,} {role}" for role, count in plan["people"].items())
    doubts = "".join(f"<li>{escape(each)}</li>" for each in told["doubts"])
    return f"""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Load test of {escape(plan["url"])}</title>
<style>
{_STYLE}</style>
<header><h1>Load test</h1><p>{escape(plan["url"])}</p>
<span class="verdict {kind}">{word}</span></header>
<p class="how">{_when(told["began"])}. {plan["sockets"]:,} sockets ({escape(people)}) \
came within {plan["ramp_s"]:g} s; {told["seconds"]:.0f} s in all.</p>
{f'<ul class="doubts">{doubts}</ul>' if doubts else ""}
<div class="tiles">{"".join(_tiles(told))}</div>
<div class="cards">{"".join(_cards(told, tally))}</div>
<footer>Lipwire {escape(told["lipwire"])}. Measured from {escape(told["machine"]["system"])} with \
{told["machine"]["cores"]} cores; the load test itself took {told["cpu_s"]:g} s of one.</footer>
"""


def _when(began: str) -> str:
    return f"{datetime.fromisoformat(began):%d %B %Y, %H:%M %Z}"


def _tiles(told: Mapping[str, Any]) -> Iterator[str]:
    figures, counts = told["figures"], told["measured"]["counts"]
    yield _tile("let in", f"{counts.get('opened', 0):,}", f"of {counts.get('tries', 0):,} tries")
    for share in ("50", "95"):
        value = figures[f"first_sound_p{share}_ms"]
        shown = "-" if value is None else f"{value:,.0f} ms"
        yield _tile(f"first sound p{share}", shown, "from text to ear")
    yield _tile("utterances", f"{figures['utterances']:,}", "that came to an end")
    for name, text in (
        ("gaps", "in the sound"),
        ("faults", "of the protocol"),
        ("refused", "by the server"),
        ("lost", "connections"),
    ):
        yield _tile(name, f"{figures[name]:,}", text, is_bad=bool(figures[name]))


def _tile(name: str, value: str, text: str, *, is_bad: bool = False) -> str:
    kind = "tile bad" if is_bad else "tile"
    return f'<div class="{kind}"><span>{name}</span><b>{value}</b><span>{text}</span></div>'


def _cards(told: Mapping[str, Any], tally: Tally) -> Iterator[str]:
    moments, figures = told["moments"], told["figures"]
    here = [(each["seconds"], each["here"]) for each in moments]
    yield _card("Sockets", over_time(here, "Sockets over time", "sockets"))
    for stem, title in (
        ("first_sound", "First sound"),
        ("streamed_sound", "First sound, text in pieces"),
    ):
        values = getattr(tally, f"{stem}_ms").values
        marks = {f"p{share}": figures[f"{stem}_p{share}_ms"] for share in ("50", "95")}
        if values:
            stretches = told["over_time"][f"{stem}_ms"]
            yield _card(f"{title} over time", _two_curves(stretches, title, told["seconds"]))
            yield _card(title, histogram(values, f"{title}: how long it takes", marks))
    if tally.lead_ms.count:
        lead = histogram(tally.lead_ms.values, "How much sound is ahead of the listener")
        yield _card("Sound ahead of the listener, when more of it comes", lead)
    if tally.gap_ms.count:
        gaps = [(each["seconds"], each["figures"]["gaps"]) for each in moments]
        yield _card("Gaps so far", over_time(gaps, "Gaps over time", "gaps"))
        yield _card("How long they were", histogram(tally.gap_ms.values, "How long gaps were"))
    if tally.chunk_late_ms.count:
        late = histogram(tally.chunk_late_ms.values, "How much later than the first listener")
        yield _card("Later than the first who has the same sound", late)
    bad = {"Refused": tally.refused, "Faults": tally.faults, "Lost": tally.losses}
    for title, counts in bad.items():
        if counts:
            yield _card(title, bars(counts, title))
    yield _card("Thresholds", _table(("", "measured"), list(_judged(told)), told["thresholds"]))
    yield _card(
        "Milliseconds", _table(("", "count", "p50", "p95", "p99", "max"), list(_rows(told)))
    )


def _two_curves(stretches: Sequence[Mapping[str, float]], title: str, end: float) -> str:
    named = {
        share: [(each["seconds"], each[share]) for each in stretches] for share in ("p50", "p95")
    }
    return curves(named, f"{title} over time", "milliseconds", end)


def _judged(told: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for each in told["thresholds"]:
        value = each["value"]
        yield f"broken if {each['threshold']}", "nothing" if value is None else f"{value:,g}"


def _rows(told: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for name, label in _TIMES.items():
        row = told["measured"][name]
        if row["count"]:
            values = (row[key] for key in ("count", "p50", "p95", "p99", "max"))
            yield (label, *(f"{value:,.0f}" for value in values))


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], judged: Sequence[Mapping[str, Any]] = ()
) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = ""
    for number, row in enumerate(rows):
        kind = ' class="off"' if judged and judged[number]["broken"] else ""
        body += f"<tr{kind}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
    return f"<table><tr>{top}</tr>{body}</table>"


def _card(title: str, inside: str) -> str:
    return f'<section class="card"><h2>{escape(title)}</h2>{inside}</section>'
