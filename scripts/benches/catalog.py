"""The benches there are."""

from . import cache, cancel, cpu, face, first_audio, lips, sockets, speakers, store, sync
from .bench import Bench

__all__ = ["BENCHES"]

BENCHES: dict[str, Bench] = {
    module.BENCH.name: module.BENCH
    for module in (first_audio, cpu, speakers, cache, cancel, lips, face, store, sync, sockets)
}
