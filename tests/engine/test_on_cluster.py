"""Calls about Dask: the server finds the cluster, and the worker process is told where it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from mall_app.engine import Engine
from mall_app.errors import DeadlineExceeded, EngineUnavailable
from mall_app.partitions import client
from mall_app.settings import Settings
from tests.engine import tasks
from tests.engine.waiting import gone, until

ON_DASK = Settings(engine="dask")


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(client, "scheduler_address", lambda: "tcp://somewhere:8786")
    return "tcp://somewhere:8786"


def test_a_worker_is_told_where_the_cluster_is(engine: Engine, address: str) -> None:
    assert engine.call(tasks.scheduler_told, ON_DASK).result() == address
    assert "MALL_DASK_SCHEDULER" not in os.environ


def test_a_call_about_the_local_engine_starts_no_cluster(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never() -> str:
        raise AssertionError("a cluster was started")

    monkeypatch.setattr(client, "scheduler_address", never)
    engine.call(tasks.scheduler_told, Settings(engine="local")).result()


def test_a_cluster_that_cannot_be_had_is_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise EngineUnavailable("There is no scheduler.")

    monkeypatch.setattr(client, "scheduler_address", fail)
    with pytest.raises(EngineUnavailable, match="There is no scheduler"):
        engine.call(tasks.scheduler_told, ON_DASK).result()


def test_starting_a_cluster_keeps_nobody_waiting_and_can_be_cancelled(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()

    def slowly() -> str:
        started.wait(10)
        return "tcp://late:1"

    monkeypatch.setattr(client, "scheduler_address", slowly)
    work = engine.call(tasks.scheduler_told, ON_DASK)
    assert not work.running()
    assert work.cancel()
    started.set()
    with pytest.raises(CancelledError):
        work.result()
    assert engine.call(tasks.scheduler_told, Settings(engine="local")).result() != "tcp://late:1"


def test_cancelling_kills_the_worker_that_asks_the_cluster(
    engine: Engine, address: str, occupied: Callable[..., tuple[object, int]]
) -> None:
    work, pid = occupied(about=ON_DASK)
    until(work.running)  # type: ignore[attr-defined]
    assert work.cancel()  # type: ignore[attr-defined]
    until(lambda: gone(pid))


def test_time_spent_on_the_cluster_is_limited_too(
    engine: Engine, address: str, tmp_path: Path
) -> None:
    work = engine.call(tasks.sleep_and_tell, str(tmp_path / "pid"), ON_DASK, deadline=3.0)
    with pytest.raises(DeadlineExceeded, match="deadline of 3 seconds"):
        work.result()
