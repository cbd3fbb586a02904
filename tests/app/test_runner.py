"""The segments of a large table are numbered beside the page, to the same end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from mall_app.views import runner
from tests.app.bench import Bench

Waiting = list[Callable[[], None]]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every table be a large one."""
    monkeypatch.setattr(runner, "MOST_ROWS_AT_ONCE", 0)


@pytest.fixture
def waiting(large: None, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    """What is done when something beside the page is over; it is over when told to."""
    waiting: Waiting = []

    def when_done(future: Future[Any], then: Callable[[Future[Any]], None]) -> None:
        waiting.append(lambda: then(future))

    monkeypatch.setattr(runner, "when_done", when_done)
    return waiting


def stepped(bench: Bench) -> dict[str, Any]:
    bench.model.rename(1, name="By hand")
    bench.model.n_clusters = 6
    return bench.model.result.to_dict()


def test_it_comes_to_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MOST_ROWS_AT_ONCE", 0)
    found = stepped(bench)
    monkeypatch.undo()
    wanted = stepped(Bench(drawn=False))
    np.testing.assert_array_equal(found["labels"], wanted["labels"])
    assert found["segments"] == wanted["segments"]
    assert bench.state.busy == ""


def test_it_is_shown_while_it_lasts(waiting: Waiting, bench: Bench) -> None:
    bench.model.n_clusters = 4
    assert bench.state.busy == "Numbering 200 customers"
    assert bench.model.result.n_clusters == 5
    waiting.pop()()
    assert bench.state.busy == ""
    assert bench.model.result.n_clusters == 4


def test_an_edit_made_meanwhile_is_kept(waiting: Waiting, bench: Bench) -> None:
    bench.model.n_clusters = 4
    bench.model.rename(1, name="Meanwhile")
    while waiting:
        waiting.pop(0)()
    assert bench.model.result.n_clusters == 4
    assert bench.model.result.profiles[1].name == "Meanwhile"


def test_a_change_made_meanwhile_is_fitted_after_it(waiting: Waiting, bench: Bench) -> None:
    bench.model.n_clusters = 4
    bench.model.n_clusters = 7
    while waiting:
        waiting.pop(0)()
    assert bench.model.result.n_clusters == 7
    assert bench.state.busy == ""


@pytest.mark.parametrize("asked_again", [False, True])
@pytest.mark.parametrize("patience", [-1.0, 60.0])
def test_what_is_cancelled_comes_neither_late_nor_anew(
    bench: Bench,
    waiting: Waiting,
    monkeypatch: pytest.MonkeyPatch,
    patience: float,
    asked_again: bool,
) -> None:
    fits: list[Future[Any]] = []

    def fit(table: Any, settings: Any) -> Future[Any]:
        fits.append(Future())
        return fits[-1]

    monkeypatch.setattr(bench.engine, "fit", fit)
    monkeypatch.setattr(runner, "PATIENCE", patience)
    before = bench.model.result
    bench.model.n_clusters = 4
    if patience > 0:  # it ends before the page hears of it
        fits[0].set_result(before)
    bench.model.n_clusters = 7  # to be fitted after it, or in its place
    assert fits[0].cancelled() == (patience < 0)
    bench.state.cancel()
    if asked_again:
        bench.model.n_clusters = 6
    waiting.pop(0)()  # the first fit is over
    assert len(fits) == 1 + asked_again
    assert (bench.state.busy == "") != asked_again
    assert bench.model.result is before


def test_another_table_opened_meanwhile_stays(waiting: Waiting, bench: Bench) -> None:
    bench.model.n_clusters = 4
    bench.model.use(bench.model.table.frame.head(50), n_clusters=3)
    while waiting:
        waiting.pop(0)()
    assert len(bench.model.table) == 50
    assert bench.model.result.n_clusters == 3


def test_edits_that_a_worker_has_to_apply_are(
    waiting: Waiting, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_app.identity.lineage.QUICK_ROWS", 0)
    bench.model.merge([0, 1])
    while waiting:
        waiting.pop(0)()
    assert bench.model.result.n_clusters == 4
