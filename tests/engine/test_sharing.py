"""Equal calls at the same time are one calculation, which lives as long as somebody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import pytest

from mall_app.data.table import Table
from mall_app.engine import Engine
from mall_app.errors import DeadlineExceeded, EngineBusy
from mall_app.settings import Settings
from tests.engine import tasks
from tests.engine.waiting import PATIENCE, gone, until

Occupy = Callable[..., tuple[Future[Any], int]]


def test_two_callers_share_one_calculation(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "runs"
    both = [engine.call(tasks.stamp, str(path), key="shared") for _ in range(2)]
    assert [work.result(PATIENCE) for work in both] == [4, 4]
    assert path.read_text() == "ran\n"
    assert engine._under_way == {}


def test_sharing_takes_one_place_only(engine: Engine, occupied: Occupy) -> None:
    running, _ = occupied()
    many = [engine.call(tasks.add, 1, 1, key="shared") for _ in range(20)]
    assert engine._places.taken == 2
    running.cancel()
    assert {work.result(PATIENCE) for work in many} == {2}


def test_calls_without_a_key_are_not_shared(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "runs"
    for work in [engine.call(tasks.stamp, str(path)) for _ in range(2)]:
        work.result(PATIENCE)
    assert path.read_text() == "ran\nran\n"


def test_one_caller_may_leave(engine: Engine, occupied: Occupy) -> None:
    running, _ = occupied()
    first, second = (engine.call(tasks.add, 2, 3, key="shared") for _ in range(2))
    assert first.cancel()
    assert first.cancel()  # again: it does not leave in the name of the other
    running.cancel()
    assert second.result(PATIENCE) == 5
    with pytest.raises(CancelledError):
        first.result(0)


def test_the_last_caller_to_leave_kills_the_calculation(engine: Engine, occupied: Occupy) -> None:
    first, pid = occupied(key="endless")
    second = engine.call(tasks.sleep_and_tell, "nowhere", key="endless")
    first.cancel()
    assert second.running()
    assert not gone(pid)
    second.cancel()
    until(lambda: gone(pid))
    until(lambda: engine._places.taken == 0)
    assert engine._under_way == {}


def test_a_call_after_all_have_left_starts_anew(engine: Engine, occupied: Occupy) -> None:
    first, _ = occupied(key="again")
    first.cancel()
    assert engine.call(tasks.add, 1, 2, key="again").result(PATIENCE) == 3


def test_an_error_reaches_everybody(engine: Engine, occupied: Occupy) -> None:
    running, _ = occupied()
    both = [engine.call(tasks.fail, "own words", key="failing") for _ in range(2)]
    running.cancel()
    for work in both:
        with pytest.raises(KeyError, match="own words"):
            work.result(PATIENCE)


def test_a_deadline_reaches_everybody(engine: Engine, occupied: Occupy) -> None:
    first, pid = occupied(key="endless", deadline=1.0)
    second = engine.call(tasks.sleep_and_tell, "nowhere", key="endless", deadline=1.0)
    for work in (first, second):
        with pytest.raises(DeadlineExceeded, match="deadline of 1 seconds"):
            work.result(PATIENCE)
    until(lambda: gone(pid))


def test_a_call_with_another_deadline_is_not_held_to_this_one(
    engine: Engine, occupied: Occupy
) -> None:
    running, _ = occupied()
    hasty = engine.call(tasks.add, 1, 1, key="shared", deadline=0.2)
    patient = engine.call(tasks.add, 1, 1, key="shared")
    with pytest.raises(DeadlineExceeded):
        hasty.result(PATIENCE)
    running.cancel()
    assert patient.result(PATIENCE) == 2


def test_deadlines_in_the_queue_cost_no_worker(engine: Engine, occupied: Occupy) -> None:
    running, pid = occupied()
    waiting = [engine.call(tasks.add, 1, 1, deadline=0.2) for _ in range(2)]
    for work in waiting:
        with pytest.raises(DeadlineExceeded):
            work.result(PATIENCE)
    assert not gone(pid)
    assert engine._places.taken == 1
    assert not engine._pool._waiting
    running.cancel()


def test_starting_the_workers_uses_up_a_deadline() -> None:
    engine = Engine(workers=1)
    with pytest.raises(DeadlineExceeded, match="deadline of 0.05 seconds"):
        engine.call(tasks.sleep_and_tell, "nowhere", deadline=0.05).result(PATIENCE)
    engine.close()


def test_quick_fits_are_served_when_the_queue_of_the_workers_is_full(
    engine: Engine, occupied: Occupy, mall: Table
) -> None:
    running, _ = occupied()
    waiting = [engine.call(tasks.add, 1, 1) for _ in range(2)]
    with pytest.raises(EngineBusy):
        engine.call(tasks.add, 1, 1)
    assert engine.fit(mall, Settings(n_clusters=4)).result(PATIENCE).n_clusters == 4
    for work in (running, *waiting):
        work.cancel()


def test_quick_fits_have_a_bound_of_their_own(mall: Table, tmp_path: Path) -> None:
    engine, gate = Engine(workers=1), threading.Event()
    engine._thread.submit(gate.wait, PATIENCE)
    accepted = [engine.fit(mall, Settings(random_state=seed)) for seed in range(64)]
    shared = engine.fit(mall, Settings(random_state=0))
    with pytest.raises(EngineBusy, match="64 calculations"):
        engine.fit(mall, Settings(random_state=64))
    accepted[1].cancel()
    late = engine.fit(mall, Settings(random_state=64))
    gate.set()
    assert shared.result(PATIENCE) is accepted[0].result(PATIENCE)
    assert late.result(PATIENCE).n_clusters == 5
    engine.close()


def test_an_engine_that_is_closed_says_so_to_everybody(mall: Table) -> None:
    engine = Engine(workers=1)
    engine.close()
    with pytest.raises(RuntimeError, match="after shutdown"):
        engine.fit(mall, Settings()).result(PATIENCE)
    assert engine._quick_places.taken == 0
