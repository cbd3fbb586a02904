"""Evidence and comparisons over the workers: same numbers, progress, cancel, room for others."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import pytest

from mall_app.data.table import Table
from mall_app.engine import Engine, InlineEngine
from mall_app.engine.pieces import PieceRun
from mall_app.errors import DeadlineExceeded, EngineBusy, SettingsError, WorkerDied
from mall_app.evidence import compare, evidence
from mall_app.evidence.study import Study
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING
from tests.engine import tasks
from tests.engine.waiting import PATIENCE, gone, until

AGREED = Settings(features=INCOME_AND_SPENDING, scaling="none")
SHORT: dict[str, Any] = {"n_bootstraps": 30, "n_references": 5}
Occupy = Callable[..., tuple[Future[Any], int]]


def study_of(*calls: tuple[Callable[..., Any], tuple[Any, ...]], **options: Any) -> Study:
    """A study whose pieces are numbers."""
    pieces = range(len(calls))
    return Study(f"study {calls}", pieces, lambda n: calls[n], lambda found: found, **options)


def test_evidence_is_the_same_here_and_over_workers(engine: Engine, mall: Table) -> None:
    here = evidence(mall, AGREED, [4, 5], **SHORT).to_dict()
    assert engine.evidence(mall, AGREED, [4, 5], **SHORT).result(PATIENCE).to_dict() == here
    assert InlineEngine().evidence(mall, AGREED, [4, 5], **SHORT).result().to_dict() == here


def test_progress_counts_to_the_end_and_what_is_known_is_there_at_once(
    engine: Engine, mall: Table
) -> None:
    told: list[tuple[int, int]] = []
    work = engine.evidence(mall, AGREED, [3], progress=lambda *own: told.append(own), **SHORT)
    first = work.result(PATIENCE)
    assert [done for done, _ in told] == list(range(told[-1][1] + 1))
    again: list[tuple[int, int]] = []
    known = engine.evidence(mall, AGREED, [3], progress=lambda *own: again.append(own), **SHORT)
    assert known.result() is first
    assert again == [told[-1]]


def test_two_who_ask_the_same_share_the_work(engine: Engine, mall: Table) -> None:
    one = engine.evidence(mall, AGREED, [6], **SHORT)
    told: list[tuple[int, int]] = []
    two = engine.evidence(mall, AGREED, [6], progress=lambda *own: told.append(own), **SHORT)
    assert one.cancel()
    assert two.result(PATIENCE).ks == (6,)
    assert told[-1][0] == told[-1][1]


def test_a_fit_does_not_wait_for_the_end_of_a_study(engine: Engine, mall: Table) -> None:
    work = engine.evidence(mall, AGREED, range(2, 20), n_bootstraps=500)
    assert engine.call(tasks.add, 1, 2).result(PATIENCE) == 3
    assert not work.done()
    assert work.cancel()


def test_cancel_kills_the_piece_that_runs(engine: Engine, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    work = engine._study(
        study_of((tasks.sleep_and_tell, (str(told),)), (tasks.add, (1, 2))), None, 60
    )
    until(lambda: told.exists() and told.read_text())
    until(work.running)  # the piece may run before this process is told so
    assert work.cancel()
    until(lambda: gone(int(told.read_text())))
    with pytest.raises(CancelledError):
        work.result(PATIENCE)
    assert engine.call(tasks.add, 1, 2).result(PATIENCE) == 3


def test_a_deadline_is_that_of_all_pieces(engine: Engine, tmp_path: Path) -> None:
    study = study_of(
        (tasks.add, (1, 2)),
        (tasks.sleep_and_tell, (str(tmp_path / "pid"),)),
        rescue=lambda piece, error: "rescued",
    )
    with pytest.raises(DeadlineExceeded, match="deadline of 1.5 seconds"):
        engine._study(study, None, 1.5).result(PATIENCE)
    assert engine.call(tasks.add, 1, 2).result(PATIENCE) == 3


def test_an_error_of_a_piece_ends_the_study_unless_it_is_rescued(engine: Engine) -> None:
    calls = [(tasks.add, (1, 2)), (tasks.fail, ("own words",)), (tasks.die, ())]
    with pytest.raises(KeyError, match="own words"):
        engine._study(study_of(*calls), None, 60).result(PATIENCE)
    rescued = study_of(*calls, rescue=lambda piece, error: (piece, type(error)))
    assert engine._study(rescued, None, 60).result(PATIENCE) == {
        0: 3,
        1: (1, KeyError),
        2: (2, WorkerDied),
    }


def test_more_than_eight_studies_are_refused(engine: Engine, occupied: Occupy) -> None:
    running, _ = occupied()
    studies = [engine._study(study_of((tasks.add, (1, n))), None, 60) for n in range(8)]
    with pytest.raises(EngineBusy):
        engine._study(study_of((tasks.add, (1, 9))), None, 60)
    running.cancel()
    assert [own.result(PATIENCE)[0] for own in studies] == list(range(1, 9))


def test_what_breaks_a_rule_is_refused_before_any_work(engine: Engine, mall: Table) -> None:
    with pytest.raises(SettingsError, match="ks must name at least one"):
        engine.evidence(mall, AGREED, [])
    with pytest.raises(SettingsError, match="candidates must name at least one"):
        engine.compare(mall, [])
    with pytest.raises(SettingsError, match="did you mean 'kmeans'"):
        engine.compare(mall, ["kmeens"])


def test_comparisons_are_the_same_but_for_the_time_they_took(engine: Engine, mall: Table) -> None:
    keys: list[Settings | str] = ["kmeans", "dbscan", AGREED.changed(n_clusters=300)]
    there = engine.compare(mall, keys, AGREED, n_bootstraps=3).result(PATIENCE)
    for found in (
        compare(mall, keys, AGREED, n_bootstraps=3),
        InlineEngine().compare(mall, keys, AGREED, n_bootstraps=3).result(),
    ):
        assert found.scores.drop(columns="seconds").equals(there.scores.drop(columns="seconds"))
        assert found.failures == there.failures
        assert found.agreement.equals(there.agreement)


def test_pieces_are_handed_out_as_many_as_there_are_workers() -> None:
    out: list[Future[Any]] = []

    def schedule(piece: int, left: float) -> Future[Any]:
        assert 0 < left <= 5
        out.append(Future())
        return out[-1]

    run = PieceRun(study_of(*[(tasks.add, (n, n)) for n in range(5)]), schedule, 2, 5).begin()
    assert len(out) == 2
    for n in range(5):
        assert len(out) == min(5, n + 2)
        out[n].set_result(n)
    assert run.result() == {n: n for n in range(5)}


def test_what_cannot_be_scheduled_or_concluded_is_the_outcome() -> None:
    def refuse(piece: int, left: float) -> Future[Any]:
        raise EngineBusy("full")

    with pytest.raises(EngineBusy, match="full"):
        PieceRun(study_of((tasks.add, (1, 1))), refuse, 2, 5).begin().result()

    def done(piece: int, left: float) -> Future[Any]:
        work: Future[Any] = Future()
        work.set_result(time.time())
        return work

    study = Study("x", [1], lambda piece: (tasks.add, (1, 1)), lambda found: found["missing"])
    with pytest.raises(KeyError, match="missing"):
        PieceRun(study, done, 1, 5).begin().result()
