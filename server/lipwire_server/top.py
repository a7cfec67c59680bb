"""`lipwire top`: what a running server is doing, in a terminal."""

import asyncio
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TextIO

import httpx
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from lipwire_protocol import ErrorCode, LipwireError

from .addresses import split_address

__all__ = ["Reading", "read", "show_top"]

_PATIENCE_S: Final = 30.0
"""Where nobody is, that is known at once: a server that is too busy to tell is worth watching."""
_REMEMBERED: Final = 60
"""Readings that the little graphs show."""
_BARS: Final = " ▁▂▃▄▅▆▇█"
_KEY_HEADER: Final = "Authorization"
_NO_KEY: Final = "wants a key that may read: --key, or LIPWIRE_KEY"
_REFUSALS: Final = {
    401: "does not know this key, or it is not good any more; `lipwire keys` lists those that are",
    403: "lets nobody read with this key; `lipwire keys add NAME --scopes read` makes one that may",
}

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What `/metrics` said at one moment."""

    seconds: float
    values: Mapping[tuple[str, Labels], float]

    def value(self, name: str, **labels: str) -> float:
        return self.values.get((f"lipwire_{name}", tuple(sorted(labels.items()))), 0.0)

    def count(self, name: str, **labels: str) -> int:
        return int(self.value(name, **labels))

    def each(self, name: str) -> Iterator[tuple[Labels, float]]:
        for (found, labels), value in self.values.items():
            if found == f"lipwire_{name}":
                yield labels, value

    def rate(self, before: "Reading", name: str, **labels: str) -> float:
        """How much a counter grew in a second since then."""
        elapsed = self.seconds - before.seconds
        grown = self.value(name, **labels) - before.value(name, **labels)
        return max(0.0, grown) / elapsed if elapsed > 0 else 0.0

    def quantile(self, name: str, share: float, since: "Reading | None" = None) -> float | None:
        """Below which bound of a histogram that share of it lies, evenly spread in its bucket.

        None where nothing was observed.
        """
        counts = sorted(
            (float(dict(labels)["le"]), value) for labels, value in self.each(f"{name}_bucket")
        )
        earlier = dict(since.each(f"{name}_bucket")) if since is not None else {}
        if earlier:
            old = {float(dict(labels)["le"]): value for labels, value in earlier.items()}
            counts = [(bound, value - old.get(bound, 0.0)) for bound, value in counts]
        if not counts or counts[-1][1] <= 0:
            return None
        rank, low, below = share * counts[-1][1], 0.0, 0.0
        for bound, value in counts:
            if value >= rank:
                if bound == float("inf"):
                    return low
                return low + (bound - low) * (rank - below) / (value - below)
            low, below = bound, value
        return low


async def read(client: httpx.AsyncClient, url: str, seconds: float) -> Reading:
    """Raises LipwireError where there is no server, or it does not let us in."""
    try:
        answer = await client.get(f"{url}/metrics")
    except httpx.HTTPError as error:
        raise LipwireError(
            ErrorCode.INTERNAL, f"nobody answers at {url} ({type(error).__name__}): does it run?"
        ) from error
    if answer.status_code in _REFUSALS:
        refusal = _REFUSALS[answer.status_code] if _KEY_HEADER in client.headers else _NO_KEY
        raise LipwireError(ErrorCode.UNAUTHORIZED, f"{url} {refusal}")
    if answer.status_code != 200:
        raise LipwireError(
            ErrorCode.INTERNAL, f"{url}/metrics answers {answer.status_code}: is it Lipwire?"
        )
    try:
        values = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }
    except ValueError as error:
        raise LipwireError(
            ErrorCode.INTERNAL, f"{url}/metrics answers with something else: is it Lipwire?"
        ) from error
    return Reading(seconds, values)


async def show_top(
    url: str, out: TextIO, *, key: str | None = None, every: float = 1.0, once: bool = False
) -> None:
    """Shows it until Ctrl-C; `once`, or where `out` is no terminal, one object of JSON.

    Raises LipwireError.
    """
    now = asyncio.get_running_loop().time
    url = split_address(url, ("http", "https")).geturl().rstrip("/")
    # As bytes: what is no key at all may have any letters.
    headers = {_KEY_HEADER.encode(): f"Bearer {key}".encode()} if key else {}
    async with httpx.AsyncClient(timeout=_PATIENCE_S, headers=headers) as client:
        first = await read(client, url, now())
        if once or not out.isatty():
            await asyncio.sleep(every)
            out.write(f"{json.dumps(summary(await read(client, url, now()), first), indent=1)}\n")
            return
        readings = deque([first], maxlen=_REMEMBERED)
        with Live(console=Console(file=out), screen=True, auto_refresh=False) as live:
            while True:
                live.update(_screen(url, readings), refresh=True)
                await asyncio.sleep(every)
                readings.append(await read(client, url, now()))


def summary(now: Reading, before: Reading) -> dict[str, float | None]:
    """The figures that are worth a glance; rates are of the time between the two.

    What is counted is whole, what is measured is not.
    """
    return {
        "sockets": now.count("sockets"),
        "sessions_waiting": now.count("sessions_waiting"),
        "speaking": now.count("seated"),
        "seats": now.count("seats"),
        "waiting_for_a_seat": now.count("seats_waiting"),
        "real_time_factor": round(now.value("real_time_factor"), 3),
        "first_chunk_p50_ms": _ms(now.quantile("first_chunk_seconds", 0.5)),
        "first_chunk_p95_ms": _ms(now.quantile("first_chunk_seconds", 0.95)),
        "first_sound_p50_ms": _ms(now.quantile("first_sound_seconds", 0.5)),
        "first_sound_p95_ms": _ms(now.quantile("first_sound_seconds", 0.95)),
        "utterances_per_s": round(_rates(now, before, "utterances_total"), 2),
        "characters_per_s": round(now.rate(before, "characters_total"), 1),
        "underruns": now.count("underruns_total"),
        "frames_dropped": now.count("frames_total", what="dropped"),
        "errors": int(sum(value for _, value in now.each("errors_total"))),
        "records_waiting": now.count("records_waiting"),
        "records_spooled": now.count("records_spooled"),
        "storage_up": now.count("storage_up"),
    }


def _rates(now: Reading, before: Reading, name: str) -> float:
    return sum((now.rate(before, name, **dict(labels)) for labels, _ in now.each(name)), 0.0)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _screen(url: str, readings: "deque[Reading]") -> RenderableType:
    now, before = readings[-1], readings[-2] if len(readings) > 1 else readings[-1]
    figures = summary(now, before)
    title = Text.assemble(("Lipwire ", "bold"), (url, "cyan"), ("   Ctrl-C ends it", "dim"))
    return Group(title, Text(), _table(readings, figures), Text(), _troubles(now))


def _table(readings: "deque[Reading]", figures: Mapping[str, float | None]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(justify="left", style="dim")
    table.add_column(justify="right", min_width=10)
    table.add_column()
    pairs = list(zip(readings, list(readings)[1:], strict=False))
    for label, shown, past in (
        ("sockets", _of(figures["sockets"]), [each.value("sockets") for each in readings]),
        (
            "speaking",
            f"{_of(figures['speaking'])} of {_of(figures['seats'])}",
            [each.value("seated") for each in readings],
        ),
        (
            "waiting for a seat",
            _of(figures["waiting_for_a_seat"]),
            [each.value("seats_waiting") for each in readings],
        ),
        (
            "utterances a second",
            _of(figures["utterances_per_s"]),
            [_rates(later, earlier, "utterances_total") for earlier, later in pairs],
        ),
        (
            "characters a second",
            _of(figures["characters_per_s"]),
            [later.rate(earlier, "characters_total") for earlier, later in pairs],
        ),
        ("first chunk p50 / p95 ms", _both(figures, "first_chunk"), []),
        ("first sound p50 / p95 ms", _both(figures, "first_sound"), []),
        ("work for a second of speech", _of(figures["real_time_factor"]), []),
        ("gaps that players had", _of(figures["underruns"]), []),
        ("frames left out", _of(figures["frames_dropped"]), []),
        ("records that wait, on disk", _both_of(figures), []),
    ):
        table.add_row(label, shown, Text(_graph(past), style="green"))
    return table


def _troubles(now: Reading) -> RenderableType:
    lines = [
        Text(f"{dict(labels).get('code', '')}: {value:.0f}", style="yellow")
        for labels, value in sorted(now.each("errors_total"))
    ]
    if not now.value("storage_up"):
        lines.insert(0, Text("nothing is stored: see /readyz", style="bold red"))
    return Group(*lines) if lines else Text("no errors", style="dim")


def _graph(values: list[float]) -> str:
    most = max(values, default=0.0)
    if most <= 0:
        return ""
    return "".join(_BARS[round(value / most * (len(_BARS) - 1))] for value in values)


def _of(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _both(figures: Mapping[str, float | None], name: str) -> str:
    return f"{_of(figures[f'{name}_p50_ms'])} / {_of(figures[f'{name}_p95_ms'])}"


def _both_of(figures: Mapping[str, float | None]) -> str:
    return f"{_of(figures['records_waiting'])}, {_of(figures['records_spooled'])}"
