"""The command line of the benches; `scripts/bench --help` shows it."""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from .bench import Bench, Json, Outcome
from .catalog import BENCHES
from .ending import end_in_order
from .machine import Noise, describe
from .report import as_json, show, show_catalog
from .workshop import Workshop

_HELP = """\
Measure Lipwire beside its peers, in the same run: systems take turns, each in a process of its own.

  scripts/bench                       the benches, and the quick ones of them in a table
  scripts/bench first-audio           one bench, with all its rounds
  scripts/bench first-audio --explain what exactly it measures
  scripts/bench cpu --json            one JSON object on stdout and nothing else there
  scripts/bench cpu --json --raw      every sample in it too
  scripts/bench speakers --seconds 60 longer listeners

The peers live in .venv-peers, which is made the first time. One that cannot be set up is reported
as missing, with the reason. Run it on a machine that does nothing else: a warning says when it was
not quiet. docs/benchmarks.md says how to read every figure.
"""


def main(argv: Sequence[str] | None = None, benches: Mapping[str, Bench] = BENCHES) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", choices=list(benches), help="which bench")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--raw", action="store_true", help="with all samples in it (means --json)")
    parser.add_argument("--explain", action="store_true", help="print what the bench measures")
    parser.add_argument(
        "--rounds", type=_positive, metavar="N", help="how often; each bench has its own default"
    )
    parser.add_argument(
        "--seconds",
        type=_positive,
        default=30,
        metavar="N",
        help="how long a listener listens, in `speakers` (30)",
    )
    options = parser.parse_args(argv)
    if options.name is None:
        if options.json or options.raw or options.explain:
            parser.error("say which bench: " + ", ".join(benches))
        return _quick(benches, options.rounds, options.seconds)
    bench = benches[options.name]
    if options.explain:
        Console(highlight=False).print(bench.definition.strip(), markup=False, soft_wrap=True)
        return 0
    rounds = options.rounds or bench.rounds
    try:
        if options.json or options.raw:
            report = _run(bench, rounds, options.seconds, raw=options.raw)[1]
            sys.stdout.write(json.dumps(report, indent=2) + "\n")
        else:
            _show(bench, rounds, options.seconds)
    except KeyboardInterrupt:
        return 130
    except RuntimeError as error:
        sys.stderr.write(f"bench: {bench.name} could not be measured: {error}\n")
        return 1
    return 0


def _quick(benches: Mapping[str, Bench], rounds: int | None, seconds: float) -> int:
    show_catalog(Console(), benches)
    for bench in benches.values():
        if bench.quick_rounds is not None:
            _show(bench, rounds or bench.quick_rounds, seconds)
    return 0


def _show(bench: Bench, rounds: int, seconds: float) -> None:
    outcome, report = _run(bench, rounds, seconds, raw=False)
    show(Console(), bench, outcome, machine=report["machine"], missing=report["missing"])


def _run(bench: Bench, rounds: int, seconds: float, *, raw: bool) -> tuple[Outcome, Json]:
    errors = Console(stderr=True)
    machine = describe()
    noise = Noise(time.perf_counter_ns)
    with Progress(
        TextColumn("{task.fields[bench]}"),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    ) as progress:
        task = progress.add_task("starting", total=None, bench=bench.name)

        def move(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total or None)

        with Workshop(
            rounds=rounds,
            seconds=seconds,
            noise=noise,
            say=lambda line: errors.print(line, highlight=False, markup=False, soft_wrap=True),
            show=move,
        ) as workshop:
            outcome = bench.run(workshop)
    machine["unsteadiness"] = round(noise.unsteadiness(), 4)
    outcome.warnings += noise.warnings(machine)
    report = as_json(
        bench,
        outcome,
        rounds=rounds,
        machine=machine,
        missing=workshop.missing,
        about=workshop.about,
        raw=raw,
    )
    return outcome, report


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 100_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 99999")
    return int(text)


if __name__ == "__main__":
    end_in_order()
    sys.exit(main())
