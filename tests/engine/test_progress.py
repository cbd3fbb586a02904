"""Progress of a worker process reaches whoever waits for it, and outlives killed workers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from mall_app.data.table import Table
from mall_app.engine import Engine, InlineEngine
from mall_app.engine.patience import patience
from mall_app.errors import DeadlineExceeded
from mall_app.progress import listening
from mall_app.settings import Settings
from tests.engine import tasks
from tests.engine.waiting import PATIENCE, gone, until

Occupy = Callable[..., tuple[Future[Any], int]]
Told = list[tuple[int, int, str]]


STEPS = [(1, 3, "Starts"), (2, 3, "Passes"), (0, 0, "Last")]


def let_go(folder: Path, heard: Told, steps: range = range(3)) -> None:
    """Let the task of three steps go on from each, once it was heard."""
    for number in steps:
        until(lambda told=STEPS[number]: told in heard)
        (folder / str(number)).touch()


def test_whoever_listens_where_a_call_is_made_hears_its_worker(
    engine: Engine, tmp_path: Path
) -> None:
    heard: Told = []
    with listening(lambda *told: heard.append(told)):
        work = engine.call(tasks.take_steps, str(tmp_path))
    let_go(tmp_path, heard)
    work.result(PATIENCE)
    assert heard == [(0, 0, ""), *STEPS]


def test_who_joins_hears_at_once_how_far_it_is_and_who_leaves_hears_no_more(
    engine: Engine, tmp_path: Path
) -> None:
    first: Told = []
    second: Told = []
    with listening(lambda *told: first.append(told)):
        one = engine.call(tasks.take_steps, str(tmp_path), key="steps")
    until(lambda: STEPS[0] in first)
    with listening(lambda *told: second.append(told)):
        two = engine.call(tasks.take_steps, str(tmp_path), key="steps")
    assert second == [STEPS[0]]
    assert one.cancel()
    let_go(tmp_path, second)
    two.result(PATIENCE)
    assert second == STEPS
    assert first[1:] == STEPS[:1]


def test_a_killed_worker_leaves_the_pipe_as_it_was(
    engine: Engine, occupied: Occupy, tmp_path: Path
) -> None:
    work, pid = occupied()
    assert work.cancel()
    until(lambda: gone(pid))
    heard: Told = []
    with listening(lambda *told: heard.append(told)):
        work = engine.call(tasks.take_steps, str(tmp_path))
    let_go(tmp_path, heard)
    work.result(PATIENCE)
    assert engine._pool._reports._listeners == {}


def test_a_worker_that_tells_too_much_neither_waits_nor_floods(engine: Engine) -> None:
    heard: Told = []
    with listening(lambda *told: heard.append(told)):
        engine.call(tasks.take_many_steps, 200_000).result(PATIENCE)
    until(lambda: heard[-1][1])
    assert len(heard) < 1000


def test_many_words_of_any_kind_arrive_cut_short(engine: Engine) -> None:
    heard: Told = []
    with listening(lambda *told: heard.append(told)):
        engine.call(tasks.say, "\n\u2603" * 500).result(PATIENCE)
    until(lambda: heard[-1] == (1, 2, "\n\u2603" * 30))


def test_a_closed_engine_reads_no_pipe_any_more() -> None:
    before = threading.active_count()
    engine = Engine(workers=1)
    assert engine.call(tasks.add, 1, 2).result(PATIENCE) == 3
    assert any(own.name == "progress" for own in threading.enumerate())
    engine.close()
    until(lambda: threading.active_count() <= before)


def test_the_sweep_says_which_number_it_is_at(mall: Table) -> None:
    heard: Told = []
    with listening(lambda *told: heard.append(told)):
        InlineEngine().sweep(mall, Settings(), range(2, 5)).result()
    assert heard == [(n, 3, "Numbers of segments") for n in range(3)]


def test_whoever_is_patient_gets_longer_but_a_deadline_that_is_named_holds(
    occupied: Occupy, engine: Engine
) -> None:
    usual, engine.deadline = engine.deadline, 0.01
    try:
        with patience(PATIENCE):
            assert engine.call(tasks.add, 1, 2).result() == 3
            with pytest.raises(DeadlineExceeded):
                engine.call(tasks.sleep_and_tell, "/dev/null", deadline=0.01).result()
        with pytest.raises(DeadlineExceeded):
            engine.call(tasks.sleep_and_tell, "/dev/null").result()
    finally:
        engine.deadline = usual
