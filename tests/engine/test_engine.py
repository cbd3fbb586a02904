from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import pytest

from mall_app.data.table import Table
from mall_app.engine import Engine, shared_engine
from mall_app.engine.engine import fit_key
from mall_app.errors import DeadlineExceeded, EngineBusy, SettingsError, WorkerDied
from mall_app.fit import fit, resolve
from mall_app.settings import Settings
from mall_app.sweep import sweep
from tests.engine import tasks
from tests.engine.waiting import PATIENCE, gone, until

Occupy = Callable[..., tuple[Future[Any], int]]
DIED = "The process that did the calculation ended before it was done."


def assert_works(engine: Engine) -> None:
    assert engine.call(tasks.add, 1, 2).result(PATIENCE) == 3


def test_a_fit_in_a_worker_is_the_fit_made_here(engine: Engine, mall: Table) -> None:
    result = engine.fit(mall, Settings(n_clusters=4)).result(PATIENCE)
    assert result.to_dict() == fit(mall, Settings(n_clusters=4)).to_dict()
    assert not result.labels.flags.writeable


def test_work_runs_in_another_process(engine: Engine) -> None:
    assert engine.call(os.getpid).result(PATIENCE) != os.getpid()


def test_a_known_fit_comes_back_finished_and_is_the_same_object(
    engine: Engine, mall: Table
) -> None:
    assert engine.known(mall, Settings()) is None
    first = engine.fit(mall, Settings()).result(PATIENCE)
    again = engine.fit(mall, Settings(features=mall.numeric, params={"n_init": 10}))
    assert again.done()
    assert again.result() is first
    assert engine.known(mall, Settings()) is first


def test_only_a_call_with_a_key_is_remembered(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "runs"
    for _ in range(2):
        engine.call(tasks.stamp, str(path)).result(PATIENCE)
    for _ in range(2):
        engine.call(tasks.stamp, str(path), key="one").result(PATIENCE)
    assert path.read_text().count("ran") == 3


def test_settings_that_break_a_rule_are_refused_before_any_work(
    engine: Engine, mall: Table
) -> None:
    with pytest.raises(SettingsError, match="did you mean 'Age'"):
        engine.fit(mall, Settings(features=("Agee",)))


def test_an_error_of_the_function_comes_back_as_it_is(engine: Engine, mall: Table) -> None:
    with pytest.raises(KeyError, match="own words"):
        engine.call(tasks.fail, "own words").result(PATIENCE)
    with pytest.raises(SettingsError) as caught:
        engine.fit(mall, Settings(n_clusters=201)).result(PATIENCE)
    assert caught.value.path == ("n_clusters",)
    assert str(caught.value) == "n_clusters must be at most the 200 customers there are, not 201."


def test_an_error_is_not_remembered(engine: Engine) -> None:
    for _ in range(2):
        with pytest.raises(KeyError):
            engine.call(tasks.fail, "x", key="failing").result(PATIENCE)
    assert len(engine.cache) == 0


def test_one_more_than_the_queue_holds_is_refused(engine: Engine, occupied: Occupy) -> None:
    running, _ = occupied()
    waiting = [engine.call(tasks.add, 1, 1) for _ in range(2)]
    with pytest.raises(EngineBusy) as caught:
        engine.call(tasks.add, 1, 1)
    assert str(caught.value) == "3 calculations are waiting already; try again shortly."
    assert caught.value.retry_after >= 1
    running.cancel()
    assert [work.result(PATIENCE) for work in waiting] == [2, 2]
    assert_works(engine)


def test_what_is_known_is_answered_when_the_queue_is_full(
    engine: Engine, occupied: Occupy, mall: Table
) -> None:
    engine.fit(mall, Settings()).result(PATIENCE)
    running, _ = occupied()
    waiting = [engine.call(tasks.add, 1, 1) for _ in range(2)]
    assert engine.fit(mall, Settings()).done()
    for work in (running, *waiting):
        work.cancel()
    assert_works(engine)


def test_a_deadline_kills_the_work_and_frees_the_worker(engine: Engine, occupied: Occupy) -> None:
    work, pid = occupied(deadline=0.5)
    with pytest.raises(DeadlineExceeded) as caught:
        work.result(PATIENCE)
    assert str(caught.value) == (
        "The calculation was stopped after its deadline of 0.5 seconds; use fewer customers, "
        "a faster algorithm, or a longer deadline."
    )
    until(lambda: gone(pid))
    assert_works(engine)


def test_cancel_kills_the_work_and_frees_the_worker(engine: Engine, occupied: Occupy) -> None:
    work, pid = occupied()
    assert work.cancel()
    assert work.cancelled()
    with pytest.raises(CancelledError):
        work.result(PATIENCE)
    until(lambda: gone(pid))
    assert_works(engine)


def test_work_that_waits_can_be_cancelled(engine: Engine, occupied: Occupy, tmp_path: Path) -> None:
    running, _ = occupied()
    path = tmp_path / "runs"
    waiting = engine.call(tasks.sleep_and_tell, str(path))
    assert waiting.cancel()
    running.cancel()
    assert_works(engine)


def test_finished_work_cannot_be_cancelled(engine: Engine) -> None:
    work = engine.call(tasks.add, 1, 2)
    work.result(PATIENCE)
    assert not work.cancel()
    assert not work.running()
    assert work.result() == 3


def test_a_worker_killed_in_the_middle_is_told_and_replaced(
    engine: Engine, occupied: Occupy
) -> None:
    work, pid = occupied()
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerDied) as caught:
        work.result(PATIENCE)
    assert str(caught.value) == DIED
    assert_works(engine)


def test_a_worker_that_kills_itself_is_told_and_replaced(engine: Engine) -> None:
    with pytest.raises(WorkerDied) as caught:
        engine.call(tasks.die).result(PATIENCE)
    assert str(caught.value) == DIED
    assert_works(engine)


def test_a_worker_killed_while_idle_does_not_end_the_engine(engine: Engine) -> None:
    pid = engine.call(os.getpid).result(PATIENCE)
    os.kill(pid, signal.SIGKILL)
    until(lambda: gone(pid))

    def works() -> bool:
        try:
            return engine.call(tasks.add, 1, 2).result(PATIENCE) == 3
        except WorkerDied:  # the call that found out
            return False

    until(works)
    until(engine.ready)


def test_a_function_that_exits_comes_back_as_an_error(engine: Engine) -> None:
    with pytest.raises(SystemExit):
        engine.call(tasks.leave).result(PATIENCE)
    assert_works(engine)


def test_an_answer_that_cannot_come_back_is_told_and_hurts_nobody(engine: Engine) -> None:
    with pytest.raises(AttributeError, match="Can't pickle local object"):
        engine.call(tasks.unpicklable).result(PATIENCE)
    assert_works(engine)


def test_an_answer_that_cannot_be_read_is_told_at_once(engine: Engine) -> None:
    with pytest.raises(KeyError, match="cannot be read"):
        engine.call(tasks.unreadable).result(PATIENCE)
    assert_works(engine)


def test_more_memory_than_there_is_kills_nothing_else(engine: Engine) -> None:
    with pytest.raises(WorkerDied) as caught:
        engine.call(tasks.take_memory, 2**50).result(PATIENCE)
    assert str(caught.value) == "The calculation ran out of memory."
    assert_works(engine)


def test_a_sweep_fills_the_cache(engine: Engine, mall: Table) -> None:
    done = engine.sweep(mall, Settings(n_clusters=9), range(1, 5)).result(PATIENCE)
    assert done.scores.equals(sweep(mall, Settings(), range(1, 5)).scores)
    for k in (2, 3, 4):
        known = engine.fit(mall, Settings(n_clusters=k))
        assert known.done()
        assert known.result() is done.results[k]


def test_a_sweep_is_known_whatever_the_current_number(engine: Engine, mall: Table) -> None:
    done = engine.sweep(mall, Settings(n_clusters=9), [2, 3]).result(PATIENCE)
    again = engine.sweep(mall, Settings(n_clusters=4), [2, 3])
    assert again.result(0) is done


def test_a_sweep_that_breaks_a_rule_remembers_nothing(engine: Engine, mall: Table) -> None:
    with pytest.raises(SettingsError, match="nothing to sweep over"):
        engine.sweep(mall, Settings("dbscan"), [2]).result(PATIENCE)
    assert len(engine.cache) == 0


def test_calls_from_many_threads_are_all_answered(mall: Table) -> None:
    engine = Engine(workers=2, queue=100)
    answers: list[int] = []

    def ask(own: int) -> None:
        answers.append(engine.call(tasks.add, own, 0).result(PATIENCE))

    threads = [threading.Thread(target=ask, args=(own,)) for own in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.close()
    assert sorted(answers) == list(range(24))


def test_a_worker_may_take_only_its_share_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALL_WORKER_MEMORY_MB", "4096")
    engine = Engine(workers=1)
    with pytest.raises(WorkerDied, match="ran out of memory"):
        engine.call(tasks.take_memory, 5 * 2**30).result(PATIENCE)
    assert engine.call(tasks.take_memory, 2**20).result(PATIENCE) == 2**20
    engine.close()


def test_the_shared_engine_is_one_and_takes_its_sizes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MALL_DEADLINE_SECONDS", "2.5")
    monkeypatch.setenv("MALL_CACHE_MB", "3")
    made = shared_engine.__wrapped__()
    assert made.deadline == 2.5
    assert made.cache.max_bytes == 3 * 2**20
    assert shared_engine() is shared_engine()


def test_the_key_of_a_fit_is_plain_data(mall: Table) -> None:
    settings = resolve(mall, Settings())
    assert fit_key(mall, settings) == ("fit", mall.sha256, settings.canonical())


def test_a_deadline_counts_the_time_in_the_queue(engine: Engine, occupied: Occupy) -> None:
    busy, _ = occupied()
    with pytest.raises(DeadlineExceeded, match="deadline of 0.2 seconds"):
        engine.call(os.getpid, deadline=0.2).result(timeout=20)
    assert not busy.done()
    busy.cancel()


def test_a_call_returns_while_the_workers_still_start() -> None:
    engine = Engine(workers=1)
    work = engine.call(os.getpid)
    assert not engine.ready()
    assert work.result(timeout=60) != os.getpid()
    engine.close()


def test_a_quick_fit_needs_no_worker_and_gives_the_same(mall: Table) -> None:
    engine = Engine(workers=1)
    settings = Settings(algorithm="kmeans", n_clusters=4)
    found = engine.fit(mall, settings).result(PATIENCE)
    assert not engine._pool.up
    assert found.labels.tolist() == fit(mall, settings).labels.tolist()
    assert engine.fit(mall, settings).result(PATIENCE) is found
    engine.close()


def test_a_worker_unpacks_a_table_once(engine: Engine, mall: Table) -> None:
    first, again = (engine.call(tasks.identity_of, mall).result(PATIENCE) for _ in range(2))
    assert first == again
