"""How a load test goes, in a terminal, and what it found."""

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .crowd import Moment, Plan, Result
from .doubts import doubts
from .thresholds import Verdict

__all__ = ["line", "screen", "summary"]

_BAR: Final = 40
_COUNTED: Final = ("utterances", "gaps", "refused", "faults", "lost")
_SLOW: Final = ("shown the door", "stalled")
_TIMES: Final = (
    ("connect", "to be let in"),
    ("first_sound", "first sound"),
    ("streamed_sound", "first sound, text in pieces"),
    ("interrupt", "answer to an interrupt"),
    ("resume", "to go on after a loss"),
    ("lead", "sound ahead of the listener"),
    ("gap", "gaps"),
    ("chunk_late", "later than other listeners"),
    ("own_delay", "the load test itself"),
)


def line(plan: Plan, moment: Moment) -> str:
    """One moment of it, for a log."""
    figures = moment.figures
    sound = f"{_of(figures['first_sound_p50_ms'])} / {_of(figures['first_sound_p95_ms'])} ms"
    counted = (f"{_of(figures[name])} {name}" for name in _COUNTED)
    parts = [f"{moment.here:,} of {plan.sockets:,} sockets", f"first sound {sound}", *counted]
    if moment.seconds > plan.duration_s + 1:
        parts.append("waiting for the last")
    return f"{moment.seconds:.0f} of {plan.duration_s:g} s: {', '.join(parts)}"


def screen(plan: Plan, moment: Moment) -> RenderableType:
    """One moment of it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right", min_width=14)
    figures = moment.figures
    sound = f"{_of(figures['first_sound_p50_ms'])} / {_of(figures['first_sound_p95_ms'])}"
    table.add_row("sockets", f"{moment.here} of {plan.sockets}")
    table.add_row("first sound p50 / p95 ms", sound)
    for name in _COUNTED:
        is_bad = bool(figures[name]) and name != "utterances"
        table.add_row(name, Text(_of(figures[name]), style="yellow" if is_bad else ""))
    done = min(moment.seconds, plan.duration_s)
    time = Table.grid(padding=(0, 1))
    time.add_row(
        ProgressBar(plan.duration_s, done, width=_BAR), f"{done:.0f} of {plan.duration_s:g} s"
    )
    return Group(_title(plan), Text(), table, Text(), time)


def summary(result: Result, verdicts: Sequence[Verdict]) -> RenderableType:
    """All that it found."""
    plan, tally = result.plan, result.tally
    parts: list[RenderableType] = [_title(plan), Text()]
    times = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    times.add_column("milliseconds", style="dim", min_width=28)
    for name in ("count", "p50", "p95", "p99", "max"):
        times.add_column(name, justify="right")
    told = tally.told()
    for stem, label in _TIMES:
        row = told[f"{stem}_ms"]
        if row["count"]:
            times.add_row(
                label, *(_of(row[name]) for name in ("count", "p50", "p95", "p99", "max"))
            )
    parts += [times, Text(), _counts(result), Text()]
    parts += [Text(f"doubt   {doubt}", "yellow") for doubt in doubts(result)]
    broken = [verdict for verdict in verdicts if verdict.is_broken]
    parts += [Text(f"broken  {verdict}", "bold red") for verdict in broken]
    if not broken:
        parts.append(Text(f"passed  {len(verdicts)} thresholds", "green"))
    return Group(*parts)


def _counts(result: Result) -> Table:
    tally = result.tally
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", min_width=28)
    table.add_column(justify="right")
    table.add_row("let in, of tries", f"{tally.counts['opened']:,} of {tally.counts['tries']:,}")
    table.add_row("utterances", f"{tally.counts['utterances']:,}")
    if tally.counts["unanswered"]:
        table.add_row(Text("texts never answered", "yellow"), f"{tally.counts['unanswered']:,}")
    table.add_row("received, MB", f"{tally.counts['bytes'] / 1e6:.1f}")
    if tally.counts["drops"]:
        table.add_row("resumed, of losses", f"{tally.counts['resumed']} of {tally.counts['drops']}")
    if sum(tally.counts[name] for name in _SLOW):
        slow = " / ".join(f"{tally.counts[name]:,}" for name in _SLOW)
        table.add_row("slow readers, closed / borne", slow)
    table.add_row("mouth shapes miss by, samples", str(tally.drift_samples))
    for what, counts in (
        ("refused", tally.refused),
        ("fault", tally.faults),
        ("lost", tally.losses),
    ):
        for name, count in counts.most_common():
            table.add_row(Text(f"{what}: {name}", "yellow"), f"{count:,}")
    return table


def _title(plan: Plan) -> Text:
    mix = " ".join(f"{role}={share}" for role, share in plan.mix.items())
    return Text.assemble(("Lipwire load ", "bold"), (plan.url, "cyan"), (f"   {mix}", "dim"))


def _of(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
