"""What a run gave: one JSON object for programs, a table for people."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from .bench import Bench, Json, Outcome, Table

__all__ = ["as_json", "show", "show_catalog"]


def as_json(
    bench: Bench,
    outcome: Outcome,
    *,
    rounds: int,
    machine: Json,
    missing: dict[str, str],
    about: Json,
    raw: bool,
) -> Json:
    """The figures lie on top; what explains them lies in objects beside them."""
    report: Json = {
        "bench": bench.name,
        **outcome.figures,
        "rounds": rounds,
        "details": outcome.details,
        "systems": about,
        "missing": missing,
        "machine": machine,
        "warnings": outcome.warnings,
    }
    if raw:
        report["samples"] = outcome.samples
    return report


def show(
    console: Console, bench: Bench, outcome: Outcome, *, machine: Json, missing: dict[str, str]
) -> None:
    console.print(f"[bold]{bench.name}[/bold]: {bench.summary}", highlight=False)
    for table in outcome.tables:
        _print(console, table)
    figures = RichTable(box=box.SIMPLE, show_edge=False)
    figures.add_column("figure", no_wrap=True)
    figures.add_column("value", justify="right", no_wrap=True)
    figures.add_column("how to read it")
    for figure in bench.figures:
        value = _number(outcome.figures[figure.key])
        unit = "" if value == "-" else f" {figure.unit}"
        figures.add_row(figure.key, f"{value}{unit}".strip(), figure.meaning)
    console.print(figures)
    for name, reason in missing.items():
        console.print(f"missing: {name}: {reason}", highlight=False, markup=False)
    for warning in outcome.warnings:
        console.print(f"[yellow]warning:[/yellow] {warning}", highlight=False)
    console.print(
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load_before']} before;"
        f" `scripts/bench {bench.name} --explain` says what exactly is measured\n",
        highlight=False,
        markup=False,
    )


def show_catalog(console: Console, benches: Mapping[str, Bench]) -> None:
    table = RichTable(box=box.SIMPLE, show_edge=False)
    for column in ("bench", "what it measures", "quick"):
        table.add_column(column)
    for bench in benches.values():
        table.add_row(bench.name, bench.summary, "yes" if bench.quick_rounds else "")
    console.print(table)


def _print(console: Console, table: Table) -> None:
    rich = RichTable(box=box.SIMPLE, show_edge=False, title=table.title, title_justify="left")
    for index, column in enumerate(table.columns):
        rich.add_column(column, justify="left" if index == 0 else "right")
    for row in table.rows:
        rich.add_row(*row)
    console.print(rich)


def _number(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, int) or value == int(value):
        return f"{value:.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
