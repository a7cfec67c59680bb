"""`/metrics`: for Prometheus. What happens is counted then, and what is when it is asked for."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.responses import Response

from ..speech.port import Synthesis
from ..store.storage import Storage
from .rest import Call, Operation

__all__ = ["Gauges", "operations"]

_MEDIA_TYPE = "text/plain"


class Gauges(Collector):
    """How the house is at this moment."""

    def __init__(
        self,
        synthesis: Synthesis,
        storage: Storage,
        connections: Callable[[], int],
        waiting: Callable[[], int],
    ) -> None:
        """`waiting` counts sessions that have lost their connection and may come back."""
        self._synthesis = synthesis
        self._storage = storage
        self._connections = connections
        self._waiting = waiting

    def describe(self) -> Iterable[Metric]:
        return self.collect()

    def collect(self) -> Iterator[Metric]:
        for name, text, value in self._values():
            yield GaugeMetricFamily(f"lipwire_{name}", text, value=value)

    def _values(self) -> Iterator[tuple[str, str, float]]:
        speech, records = self._synthesis.stats(), self._storage.recorder.state
        yield "sockets", "Sockets that are open.", self._connections()
        yield "tasks", "Tasks of the event loop.", _tasks()
        yield "sessions_waiting", "Sessions that may be taken up again.", self._waiting()
        yield "seats", "Listeners that the machine can carry.", speech.seats
        yield "seated", "Listeners that are being spoken to.", speech.seated
        yield "seats_waiting", "Listeners that wait for a seat.", speech.waiting
        yield "real_time_factor", "Time of a worker for a second.", speech.work_ms_per_second / 1000
        yield "refused_listeners", "Listeners told to come back.", speech.refused
        yield "cache_segments", "Segments that are kept.", speech.kept_segments
        yield "cache_bytes", "What they weigh.", speech.kept_bytes
        yield "records_waiting", "Records that wait in memory.", records.waiting
        yield "records_waiting_bytes", "What they weigh.", records.waiting_bytes
        yield "records_spooled", "Records that wait on disk.", records.spooled
        yield "storage_up", "Whether the database stores.", float(self._storage.fault is None)


def _tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:
        return 0  # It is only asked which figures there are.


def operations(registry: CollectorRegistry) -> list[Operation]:
    async def get(call: Call) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Operation(
            method="GET",
            path="/metrics",
            summary="Figures for Prometheus",
            tag="health",
            handler=get,
            gives=(_MEDIA_TYPE,),
            description="docs/operations.md tells what to look at, and docs/grafana.json draws it.",
        )
    ]
