"""Evidence for the number of segments on the page: asked for, shown, clicked, out of date."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from html import unescape
from typing import Any

import pandas as pd
import pytest
from bokeh.events import Tap

from mall_app.errors import EngineBusy
from mall_app.evidence import Evidence
from mall_app.views.evidence import EvidenceView
from tests.app.bench import Bench


class SlowEngine:
    """Takes what is asked for and leaves the answer to the test."""

    def __init__(self) -> None:
        self.asked: list[Future[Any]] = []
        self.options: dict[str, Any] = {}
        self._then: dict[Future[Any], Callable[[Future[Any]], None]] = {}

    def evidence(self, *_args: Any, **options: Any) -> Future[Any]:
        self.options = options
        self.asked.append(Future())
        return self.asked[-1]

    def waits(self, work: Future[Any], then: Callable[[Future[Any]], None]) -> None:
        self._then[work] = then

    def tell(self, work: Future[Any]) -> None:
        self._then[work](work)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """Evidence for 2 to 6 segments, gathered on a page."""
    return evidence_of(gather(Bench(n_clusters=4, drawn=False)))


@pytest.fixture
def gathered(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A page that is given this evidence as soon as it asks for evidence."""
    bench = Bench(n_clusters=4, drawn=False)
    known: Future[Evidence] = Future()
    known.set_result(evidence)
    with monkeypatch.context() as patch:
        patch.setattr(bench.engine, "evidence", lambda *_, **__: known)
        return gather(bench)


@pytest.fixture
def charted(gathered: Bench) -> Bench:
    """The same page with its charts drawn."""
    gathered.workbench.evidence.__panel__().get_root()
    return gathered


def gather(bench: Bench, high: int = 6, bootstraps: int = 5) -> Bench:
    view = looked_at(bench)
    view._high.value, view._bootstraps.value = high, bootstraps
    view._go.clicks += 1
    return bench


def looked_at(bench: Bench) -> EvidenceView:
    view = bench.workbench.evidence
    view.active = True
    return view


def evidence_of(bench: Bench) -> Evidence:
    found = bench.workbench.evidence._evidence
    assert found is not None
    return found


def test_the_sweep_is_shown_until_there_is_evidence(bench: Bench) -> None:
    view = looked_at(bench)
    assert view._quick.visible and not view._result.visible
    gather(bench)
    assert view._result.visible and not view._quick.visible


def test_the_outcome_is_told_in_words_votes_and_figures(gathered: Bench) -> None:
    view, found = gathered.workbench.evidence, evidence_of(gathered)
    assert found.recommended_k == 5
    assert found.headline in view._outcome.object
    assert all(reason.split(":")[0] in view._outcome.object for reason in found.reasons)
    votes = sum(own.best_k in found.ks for n, own in found.indices.items() if n != "aic")
    assert view._votes.object.count("aria-label='vote'") == votes
    assert f"{found.indices['silhouette_score'].values[5]:,.4g}" in view._figures.object
    assert "With 4 segments" in view._stability.object
    assert "High Spending Score" in view._stability.object  # named like the segments in use


def test_each_index_that_exists_has_a_chart_with_its_vote(charted: Bench) -> None:
    charts = charted.workbench.evidence._charts
    shown = {name for name, frame in charts._frames.items() if frame.visible}
    assert shown == {
        "silhouette_score",
        "davies_bouldin_score",
        "calinski_harabasz_score",
        "inertia",
        "gap",
        "stability",
        "overlaps",
    }
    found = evidence_of(charted)
    for name in shown - {"overlaps"}:
        chart, index = charts._charts[name], found.indices[name]
        assert list(chart._vote.source.data["k"]) == [index.best_k]
        assert list(chart._here.source.data["k"]) == [4]
        assert chart._figure.xaxis.axis_label == "Number of segments (k)"
        assert chart._figure.yaxis.axis_label
    errors = charts._charts["gap"]._errors.source.data
    assert len(errors["low"]) == len(found.indices["gap"].standard_errors)


def test_overlaps_have_a_dot_a_segment(charted: Bench) -> None:
    data = charted.workbench.evidence._charts._overlaps._dots.source.data
    assert sorted(data["k"]) == [k for k in range(2, 7) for _ in range(k)]
    assert all(0 <= own <= 1 for own in data["jaccard"])


def test_a_click_in_a_chart_takes_that_number(charted: Bench) -> None:
    chart = charted.workbench.evidence._charts._charts["gap"]
    chart._figure._trigger_event(Tap(chart._figure, x=3.3, y=0.5))
    assert charted.model.n_clusters == 3
    assert list(chart._here.source.data["k"]) == [3]
    for nowhere in (1.1, 0.2, 7.4, None):
        chart._figure._trigger_event(Tap(chart._figure, x=nowhere, y=0.5))
        assert charted.model.n_clusters == 3


def test_a_click_in_the_sweep_takes_that_number(bench: Bench) -> None:
    looked_at(bench).__panel__().get_root()
    chart = bench.workbench.sweep._charts["inertia"]
    chart._figure._trigger_event(Tap(chart._figure, x=7.8, y=100.0))
    assert bench.model.n_clusters == 8


def test_the_recommendation_can_be_taken(gathered: Bench) -> None:
    view = gathered.workbench.evidence
    assert (view._use.visible, view._use.label) == (True, "Use k = 5")
    view._use.clicks += 1
    assert gathered.model.n_clusters == 5
    assert not view._use.visible
    assert "With 5 segments" in view._stability.object


def test_evidence_is_put_away_when_it_is_about_something_else(gathered: Bench) -> None:
    view = gathered.workbench.evidence
    gathered.model.n_clusters = 3
    assert view._result.visible
    gathered.model.scaling = "none"
    assert view._quick.visible and not view._result.visible
    gathered.model.scaling = "standard"
    assert view._result.visible


def test_a_name_or_merge_does_not_change_what_evidence_is_about(gathered: Bench) -> None:
    gathered.model.merge([0, 1])
    view = gathered.workbench.evidence
    assert view._result.visible
    assert "Segment 0" in view._stability.object  # the merged ones are not those of the evidence


def test_the_smallest_segment_is_asked_for(bench: Bench) -> None:
    view = looked_at(bench)
    view._least.value = 150
    gather(bench)
    assert evidence_of(bench).recommended_k is None
    assert "No number of segments is recommended" in view._outcome.object
    assert not view._use.visible


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [(6, 3, "k_max must be at least k_min"), (2, 500, "k_max must be at most")],
)
def test_an_impossible_range_is_refused_in_words(
    bench: Bench, low: int, high: int, sentence: str
) -> None:
    view = looked_at(bench)
    view._low.value = low
    gather(bench, high)
    assert sentence in unescape(view._run._problem.object)
    assert view._run._problem.visible
    assert view._quick.visible


def test_more_segments_than_customers_are_refused_in_words() -> None:
    bench = Bench(pd.DataFrame({"Age": [20, 21, 22, 60, 61, 62]}), n_clusters=2)
    view = looked_at(bench)
    assert view._high.value == 5
    gather(bench, 9)
    assert "at most 6" in unescape(view._run._problem.object)
    gather(bench, 4)
    assert not view._run._problem.visible


def test_there_is_nothing_to_ask_where_the_algorithm_finds_k(bench: Bench) -> None:
    bench.model.algorithm = "hdbscan"
    view = looked_at(bench)
    assert not view._ask.visible
    assert "there is no k to sweep over" in unescape(view.sweep._words.object)


@pytest.fixture
def unfinished(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> tuple[EvidenceView, SlowEngine]:
    """A view whose evidence is under way, and the engine that is at it."""
    engine = SlowEngine()
    # The page hears of what is over when the engine's `tell` is called.
    monkeypatch.setattr("mall_app.views.one_at_a_time.when_done", engine.waits)
    view = EvidenceView(bench.state, engine, bench.workbench.sweep)  # type: ignore[arg-type]
    view.gather()
    return view, engine


def test_a_run_tells_how_far_it_is_and_can_be_cancelled(
    unfinished: tuple[EvidenceView, SlowEngine],
) -> None:
    view, engine = unfinished
    run, [asked] = view._run, engine.asked
    assert run._row.visible and run.busy
    run._told = (3, 12)
    run._tell()
    assert run._bar.value == 25
    assert "25%" in run._words.object
    run.stop()
    assert asked.cancelled()
    engine.tell(asked)
    assert not run._row.visible and not run.busy
    assert "was cancelled" in unescape(run._problem.object)


def test_a_new_question_takes_the_place_of_the_one_under_way(
    unfinished: tuple[EvidenceView, SlowEngine],
) -> None:
    view, engine = unfinished
    view.gather()
    first, second = engine.asked
    assert first.cancelled() and not second.cancelled()
    engine.tell(first)
    assert view._run.busy  # the answer of the first is not waited for


def test_a_closed_page_stops_its_run(
    bench: Bench, unfinished: tuple[EvidenceView, SlowEngine]
) -> None:
    bench.state.cancel()
    assert unfinished[1].asked[0].cancelled()


def test_a_busy_engine_is_told(bench: Bench) -> None:
    view = looked_at(bench)

    def refuse(*_args: Any, **_options: Any) -> Any:
        raise EngineBusy("Eight studies are under way.", retry_after=1)

    view._engine.evidence = refuse  # type: ignore[method-assign]
    view.gather()
    assert unescape(view._run._problem.object) == "Eight studies are under way."


def test_nothing_is_drawn_while_nobody_looks(gathered: Bench) -> None:
    view = gathered.workbench.evidence
    view.active = False
    before = view._stability.object
    gathered.model.n_clusters = 6
    assert view._stability.object == before
    view.active = True
    assert "With 6 segments" in view._stability.object
