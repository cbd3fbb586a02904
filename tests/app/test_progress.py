"""What takes long says what it is and how far it is, and is cancelled without losing anything."""

from __future__ import annotations

from concurrent.futures import Future
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mall_app.engine import InlineEngine
from mall_app.engine.patience import deadline_here
from mall_app.engine.work import Job, Work
from mall_app.model.model import ClusteringModel
from mall_app.views import projected, status
from mall_app.views.projected import projection_names
from mall_app.views.state import ViewState
from mall_app.views.under_way import UnderWay
from tests.app.bench import Bench


def unfinished() -> tuple[Job, Work]:
    """Give a calculation that never ends, and what its first caller waits for."""
    job = Job(60)
    return job, job.first


@pytest.mark.parametrize(
    ("told", "words", "share"),
    [
        ((0, 0, ""), "0 s", None),
        ((3, 12, "Starts"), "Starts: 3 of 12 · 0 s", 0.25),
        ((1500, 0, "Rows written"), "Rows written: 1,500 · 0 s", None),
        ((0, 0, "Reading"), "Reading · 0 s", None),
        ((5, 4, ""), "5 of 4 · 0 s", 1.0),
    ],
)
def test_what_the_engine_tells_is_said_in_words(
    told: tuple[int, int, str], words: str, share: float | None
) -> None:
    job, work = unfinished()
    under_way = UnderWay("A fit", work)
    job.tell(*told)
    assert (under_way.in_words(), under_way.share) == (words, share)


def test_the_box_shows_the_last_begun_and_counts_the_others(bench: Bench) -> None:
    box = bench.workbench.status._busy
    (first, one), (_, two) = unfinished(), unfinished()
    bench.state.begin("Reading a.csv", one)
    bench.state.begin("", Future())
    first.tell(1, 4, "Rows")
    box.show(bench.state.under_way())
    assert shown(box) == ("Reading a.csv", "Rows: 1 of 4 · 0 s", 25)
    bench.state.begin("k-means", two)
    box.show(bench.state.under_way())
    assert shown(box) == ("k-means and 1 more", "0 s", None)
    bench.state.end(two)
    bench.state.end(one)
    box.show(bench.state.under_way())
    assert not box.__panel__().visible


def test_a_fit_that_is_watched_may_take_as_long_as_a_study(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience: list[float] = []
    fit = bench.engine.fit

    def fitted(table: Any, settings: Any) -> Any:
        patience.append(deadline_here(30))
        return fit(table, settings)

    monkeypatch.setattr(bench.engine, "fit", fitted)
    monkeypatch.setattr(bench.engine, "long_deadline", 300.0)
    bench.model.n_clusters = 4
    assert patience == [300]
    assert bench.model.result.n_clusters == 4


def shown(box: Any) -> tuple[str, str, int | None]:
    """Give the two lines of the box and where its bar stands."""
    assert box.__panel__().visible
    bar = box._bar
    value = bar.value if bar.variant == "determinate" else None
    return unescape(box._what.object), unescape(box._far.object), value


def test_only_what_takes_half_a_second_is_shown(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.state.begin("k-means", unfinished()[1])
    view = bench.workbench.status
    view._tick()
    assert not view._busy.__panel__().visible
    monkeypatch.setattr(status, "SHOW_AFTER", -1.0)
    view._tick()
    assert view._busy.__panel__().visible


def test_the_drawer_of_a_phone_shows_and_cancels_it_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "SHOW_AFTER", -1.0)
    job, work = unfinished()
    bench.state.begin("k-means on 9 customers", work)
    job.tell(1, 4, "Starts")
    view = bench.workbench.status
    view._tick()
    box = view.in_drawer
    assert box.__panel__() in bench.drawer.select()
    assert shown(box) == shown(view._busy) == ("k-means on 9 customers", "Starts: 1 of 4 · 0 s", 25)
    assert "min-width: 600px" in box.__panel__().stylesheets[0]
    box._stop.clicks += 1
    assert work.cancelled()


def test_cancel_stops_all_and_says_that_the_last_result_is_shown(bench: Bench) -> None:
    result = bench.model.result
    (_, one), other = unfinished(), Future[Any]()
    bench.state.begin("k-means on 9 customers", one)
    bench.state.begin("", other)
    view = bench.workbench.status
    view._cancel()
    assert one.cancelled() and other.cancelled()
    assert view._cancelled.visible
    assert unescape(view._cancelled.object) == (
        "Cancelled: k-means on 9 customers. The last good result is shown below."
    )
    assert bench.model.result is result
    bench.state.end(one)
    bench.model.n_clusters = 3
    assert not view._cancelled.visible


def test_a_projection_of_many_customers_is_shown_as_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Work] = []
    monkeypatch.setattr(projected, "when_done", lambda *_: None)  # it never is

    class Patient(InlineEngine):
        def call(self, *_: Any) -> Future[Any]:
            asked.append(unfinished()[1])
            return asked[-1]

    many = pd.DataFrame({"a": np.arange(3000.0) % 7, "b": np.arange(3000.0) % 11})
    model = ClusteringModel(many, n_clusters=2)
    state = ViewState(model, Patient())
    state.x = projection_names(model.table)[0]
    state.axis("x")
    assert [own.what for own in state.under_way()] == ["Projection of the customers"]
    state.cancel()
    assert asked[0].cancelled()
