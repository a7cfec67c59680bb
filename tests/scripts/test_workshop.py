import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benches import workshop
from benches.lab import Missing
from benches.machine import Noise
from benches.peers import Peers
from benches.workshop import Workshop


@dataclass(slots=True)
class FakeWorker:
    name: str
    about: dict[str, int] = field(default_factory=lambda: {"threads": 1})
    is_open: bool = True

    def close(self) -> None:
        self.is_open = False


def opened(
    tmp_path: Path, said: list[str] | None = None, failed: dict[str, str] | None = None
) -> Workshop:
    def peers(root: Path, say: Callable[[str], None]) -> Peers:
        return Peers(tmp_path / "nowhere", failed or {})

    return Workshop(
        rounds=1,
        seconds=1.0,
        noise=Noise(lambda: 0),
        say=(said if said is not None else []).append,
        show=lambda what, done, total: None,
        peers=peers,
    )


def test_a_peer_that_cannot_be_set_up_is_missing_with_all_that_is_known(tmp_path: Path) -> None:
    said: list[str] = []
    with opened(tmp_path, said, {"streaming-vits>=0.4.2": "no wheels"}) as lab:
        assert lab.system("streaming-vits") is None
        with lab.server("wyoming") as server:
            assert server is None
    assert "there is no" in lab.missing["streaming-vits"]
    assert "streaming-vits>=0.4.2 is not installed: no wheels" in lab.missing["streaming-vits"]
    assert "the voice is not installed" in lab.missing["wyoming"]
    assert [line.partition(" ")[0] for line in said] == ["streaming-vits", "wyoming"]


def test_lipwire_is_never_missing_but_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise Missing("there is no such voice")

    monkeypatch.setattr(workshop, "Worker", broken)
    monkeypatch.setattr(workshop, "LipwireServer", broken)
    with opened(tmp_path) as lab:
        with pytest.raises(RuntimeError, match="no such voice"):
            lab.system("lipwire")
        with pytest.raises(RuntimeError, match="no such voice"), lab.server("lipwire"):
            pass
    assert lab.missing == {}


def test_workers_are_told_their_threads_and_end_with_the_workshop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, str, list[str], dict[str, str]]] = []
    workers: list[FakeWorker] = []

    def worker(
        name: str, python: Path, module: str, arguments: list[str], environment: dict[str, str]
    ) -> FakeWorker:
        started.append((str(python), module, arguments, environment))
        workers.append(FakeWorker(name))
        return workers[-1]

    monkeypatch.setattr(workshop, "Worker", worker)
    with opened(tmp_path) as lab:
        lab.cores = 8
        lab.system("lipwire")
        lab.system("streaming-vits")
        lab.system("piper")
        assert all(worker.is_open for worker in workers)
    assert not any(worker.is_open for worker in workers)
    ours, streaming, piper = started
    assert ours[:2] == (sys.executable, "lipwire")
    assert ours[2][:2] == ["--threads", "1"] and ours[3]["OMP_NUM_THREADS"] == "1"
    assert "nowhere" in streaming[0] and "nowhere" in streaming[2][1]
    assert (piper[2], set(piper[3])) == ([], {"TMPDIR"})
    assert len({one[3]["TMPDIR"] for one in started}) == 1
    assert not Path(piper[3]["TMPDIR"]).exists()
    assert lab.about["lipwire"] == {"threads": 1}
