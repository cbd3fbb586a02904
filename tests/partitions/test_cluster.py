"""A cluster that is not there, goes away, loses a worker, or is used from many places."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pandas as pd
import pytest
from distributed import Client, Worker

from mall_app.data.table import Table
from mall_app.errors import EngineUnavailable
from mall_app.fit import fit
from mall_app.kernels import distances
from mall_app.partitions import client, portion
from mall_app.partitions.client import SCHEDULER, WORKER_MEMORY_MB, WORKERS, connected
from mall_app.partitions.workers import Parted, Workers
from mall_app.progress import listening
from mall_app.settings import Settings
from tests.event_loop import run_apart
from tests.partitions.conftest import opened, write_parts

PLAIN = Settings(features=("Age", "Income", "Score"), params={"n_init": 1})


def started(*arguments: str) -> subprocess.Popen[str]:
    """Another interpreter that can import what this one can."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(own for own in sys.path if own)},
    )


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SECONDS_TO_CONNECT", 0.3)
    with pytest.raises(EngineUnavailable, match="no Dask scheduler at tcp://127.0.0.1:9"):
        with connected("tcp://127.0.0.1:9"):
            pass


@pytest.mark.parametrize("address", ["nonsense://x", "host with spaces", "127.0.0.1:port"])
def test_an_address_that_is_none_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCHEDULER, address)
    monkeypatch.setattr(client, "SECONDS_TO_CONNECT", 0.3)
    with pytest.raises(EngineUnavailable, match="no Dask scheduler"):
        with connected():
            pass


def test_a_number_of_workers_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKERS, "two")
    with pytest.raises(EngineUnavailable, match="MALL_DASK_WORKERS must be a whole number"):
        client._OwnCluster().address()


def test_workers_too_small_to_start_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKER_MEMORY_MB, "150")
    with pytest.raises(EngineUnavailable, match="have 150 MB of memory each, and need 350 MB"):
        client._OwnCluster().address()


def test_workers_elsewhere_that_are_too_small_are_refused(
    cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LEAST_MEMORY_MB", 10**9)
    with pytest.raises(EngineUnavailable, match="for themselves: give them more"):
        with connected(cluster):
            pass


def test_a_scheduler_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SECONDS_FOR_WORKERS", 0.3)
    process = started("-m", "mall_app.partitions.own_cluster", "--workers=0")
    assert process.stdout is not None
    with pytest.raises(EngineUnavailable, match="has no workers"):
        with connected(process.stdout.readline().strip()):
            pass
    process.communicate()


@pytest.mark.parametrize("quick_pass", [0, 20_000_000])
def test_a_worker_that_is_killed_costs_a_retry(
    quick_pass: int, cluster: str, whole: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portion, "_QUICK_PASS", quick_pass)
    expected = fit(whole, PLAIN)
    killed: list[int] = []

    def kill_one(done: int, total: int, what: str) -> None:
        if what == "Passes over all customers" and not killed:
            with Client(cluster, set_as_default=False) as own:
                killed.extend(list(own.run(os.getpid).values())[:1])
            os.kill(killed[0], signal.SIGKILL)

    with listening(kill_one):
        found = fit(whole, PLAIN)
    assert killed
    assert found.receipt == expected.receipt
    assert found.profiles == expected.profiles
    assert dict(found.metrics) == dict(expected.metrics)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[str]:
    """Give the address that a cluster says it has, and end it whatever comes."""
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def kernels_ready() -> bool:
    return distances.add_pairs._ready is not None  # the last to be loaded


def test_workers_of_our_own_load_their_kernels_when_they_start() -> None:
    with ended(started("-m", "mall_app.partitions.own_cluster", "--workers=1")) as address:
        with Client(address, set_as_default=False) as own:
            deadline = time.monotonic() + 60
            while not all(own.run(kernels_ready).values()):
                assert time.monotonic() < deadline
                time.sleep(0.1)


def pause(dask_worker: Worker) -> None:
    dask_worker.memory_manager.memory_pause_fraction = 1e-9


def test_workers_of_our_own_that_pause_for_ever_are_started_anew() -> None:
    command = ("-m", "mall_app.partitions.own_cluster", "--workers=1", "--patience=1")
    with ended(started(*command)) as address, Client(address, set_as_default=False) as own:
        before = set(own.run(os.getpid).values())
        own.run(pause)
        deadline = time.monotonic() + 60
        while set(own.run(os.getpid, on_error="ignore").values()) <= before:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_a_scheduler_that_goes_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKERS, "1")
    process, address = client._started()
    with pytest.raises(EngineUnavailable, match="went away"):
        with connected(address) as workers, ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(workers.collect, time.sleep, Parted([60, 60]))
            time.sleep(0.3)
            process.kill()
            waiting.result()
    process.communicate()


def test_what_comes_here_does_not_grow_with_the_customers(
    cluster: str, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect, largest = Workers.collect, [0]

    def counted(self: Workers, *arguments: Any, **options: Any) -> list[Any]:
        found = collect(self, *arguments, **options)
        largest[-1] = max(largest[-1], *(len(pickle.dumps(own)) for own in found))
        return found

    monkeypatch.setattr(Workers, "collect", counted)
    monkeypatch.setenv(SCHEDULER, cluster)
    for copies in (1, 4):
        many = pd.concat([frame] * copies, ignore_index=True)
        largest.append(0)
        fit(opened(write_parts(tmp_path / f"{copies}", many, 3)), PLAIN)
    _, few, more = largest
    assert 0 < more <= 1.1 * few


def test_a_process_that_is_killed_leaves_nothing_on_the_cluster(cluster: str) -> None:
    script = (
        "import time, numpy as np\n"
        "from mall_app.partitions.client import connected\n"
        "from mall_app.partitions.workers import Parted\n"
        f"with connected({cluster!r}) as workers:\n"
        "    held = workers.hold(np.ones, Parted([10, 20]))\n"
        "    workers.collect(len, held)\n"
        "    print('held', flush=True)\n"
        "    workers.collect(time.sleep, Parted([3, 3, 600, 600]))\n"
    )
    process = started("-c", script)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with Client(cluster, set_as_default=False) as own:
        assert any(own.has_what().values())
        process.kill()
        process.communicate()
        for _ in range(100):
            if not any(own.has_what().values()) and not any(own.processing().values()):
                break
            time.sleep(0.05)
        assert not any(own.has_what().values())
        assert not any(own.processing().values())


def test_dask_is_configured_as_before_when_the_last_has_gone(cluster: str) -> None:
    before = dask.config.get("distributed.comm.timeouts.connect")
    first, second = connected(cluster), connected(cluster)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert dask.config.get("distributed.comm.timeouts.connect") == "5s" != before
    second.__exit__(None, None, None)
    assert dask.config.get("distributed.comm.timeouts.connect") == before


def test_fits_may_run_side_by_side_and_beside_an_event_loop(
    cluster: str, whole: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SCHEDULER, cluster)
    expected = fit(whole, PLAIN)

    async def several() -> list[Any]:
        beside = [asyncio.to_thread(fit, whole, PLAIN) for _ in range(2)]
        return [*await asyncio.gather(*beside), fit(whole, PLAIN)]

    for found in run_apart(several()):
        np.testing.assert_array_equal(found.labels, expected.labels)
