"""How a load test goes, in a terminal, and what it found."""

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .crowd import Moment, Plan, Result
from .thresholds import Verdict

__all__ = ["screen", "summary"]

_BAR: Final = 40
_BUSY: Final = 0.85
"""Of a core: from there on the load test may be what is slow."""
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


def screen(plan: Plan, moment: Moment) -> RenderableType:
    """One moment of it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right", min_width=14)
    figures = moment.figures
    sound = f"{_of(figures['first_sound_p50_ms'])} / {_of(figures['first_sound_p95_ms'])}"
    table.add_row("sockets", f"{moment.here} of {plan.sockets}")
    table.add_row("first sound p50 / p95 ms", sound)
    table.add_row("utterances", _of(figures["utterances"]))
    for name in ("gaps", "refused", "faults", "lost"):
        table.add_row(name, Text(_of(figures[name]), style="yellow" if figures[name] else ""))
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
    share = result.cpu_s / result.seconds if result.seconds else 0.0
    if share > _BUSY:
        parts.append(
            Text(f"The load test took {share:.0%} of a core: its times are too high.", "yellow")
        )
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
    table.add_row("let in, of tries", f"{tally.counts['opened']} of {tally.counts['tries']}")
    table.add_row("utterances", str(tally.counts["utterances"]))
    table.add_row("received, MB", f"{tally.counts['bytes'] / 1e6:.1f}")
    if tally.counts["drops"]:
        table.add_row("resumed, of losses", f"{tally.counts['resumed']} of {tally.counts['drops']}")
    table.add_row("mouth shapes miss by, samples", str(tally.drift_samples))
    for what, counts in (("refused", tally.refused), ("fault", tally.faults)):
        for name, count in counts.most_common():
            table.add_row(Text(f"{what}: {name}", "yellow"), str(count))
    for name, count in sorted(tally.counts.items()):
        if name.startswith("lost: "):
            table.add_row(Text(name, "yellow"), str(count))
    return table


def _title(plan: Plan) -> Text:
    mix = " ".join(f"{role}={share}" for role, share in plan.mix.items())
    return Text.assemble(("Lipwire load ", "bold"), (plan.url, "cyan"), (f"   {mix}", "dim"))


def _of(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
