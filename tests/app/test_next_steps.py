"""What the browser is sent for the next steps of the slider is what the steps then show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.document.events import ColumnDataChangedEvent, ColumnsPatchedEvent, ModelChangedEvent
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from mall_app.data import load_customers
from mall_app.data.table import Table
from mall_app.fit import fit, resolve
from mall_app.plots.scatter import scatter_columns
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.views import next_steps
from mall_app.views.next_steps import TAKEN_BACK_MS, NextSteps
from tests.app.bench import FEATURES, Bench

pytestmark = pytest.mark.drawn
FITTING = (("kmeans", 1), ("agglomerative", -1), ("gaussian_mixture", 1))


class Browser:
    """Keeps what it is sent, knows every fit that is asked for, and lets time pass when told."""

    def __init__(self, steps: NextSteps) -> None:
        self.steps = steps
        self.told: list[dict[str, Any]] = []
        self.later: list[tuple[Callable[[], None], int]] = []
        self.known_ks = set(range(2, 20))

    def known(self, table: Table, settings: Settings) -> ClusteringResult | None:
        """Answer for the engine."""
        wanted = resolve(table, settings)
        return fit(table, wanted) if wanted.n_clusters in self.known_ks else None

    def add_timeout_callback(self, callback: Callable[[], None], milliseconds: int) -> None:
        """Answer for the document."""
        self.later.append((callback, milliseconds))

    def draws(self, n_clusters: int) -> None:
        """Say that a step is drawn that is in the hands of the browser."""
        self.says({"drawn": self.held()[n_clusters]["number"]})

    def says(self, message: Any) -> None:
        """Send a message to the page."""
        self.steps._handle_msg(message)

    def held(self) -> dict[int, dict[str, Any]]:
        """Give the steps in the hands of the browser."""
        return {own["n_clusters"]: own for own in self.told[-1]["steps"]} if self.told else {}


@pytest.fixture
def bench(bench: Bench) -> Bench:
    """The page with its drawer, where the slider is, as it is before anything happens."""
    assert len(bench.roots) == 2
    return bench


@pytest.fixture
def browser(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The next steps of a page that a visitor sees."""
    browser = Browser(bench.workbench.next_steps)
    monkeypatch.setattr(next_steps, "open_page", lambda: browser)
    monkeypatch.setattr(browser.steps, "_engine", browser)
    monkeypatch.setattr(browser.steps, "_send_msg", browser.told.append)
    browser.steps.prepare()
    return browser


def by_tag(bench: Bench) -> dict[str, Model]:
    """Give the models of the page by tag; of a component the one that keeps its values."""
    models = [own for root in bench.roots for own in root.references()]
    return {
        str(tag): getattr(own, "data", own) if "esm" in own.properties() else own
        for own in models
        for tag in own.tags
    }


def drawings(step: dict[str, Any]) -> list[dict[str, Any]]:
    """Give all that is drawn of a step, what is drawn at the key first."""
    return [*step["first"], *step["rest"]]


def assert_shown(bench: Bench, drawings: list[dict[str, Any]]) -> None:
    """Hold what the page has to what was sent, column by column."""
    models = by_tag(bench)
    for drawing in drawings:
        shown = models[drawing["name"]].properties_with_values()
        for name, value in drawing["values"].items():
            if name != "data":
                assert shown[name] == value, (drawing["name"], name)
                continue
            for column, values in value.items():
                np.testing.assert_array_equal(shown["data"][column], values, column)


@pytest.mark.parametrize(("algorithm", "step"), FITTING)
def test_a_step_shows_what_was_sent_for_it(bench: Bench, algorithm: str, step: int) -> None:
    bench.model.update(algorithm=algorithm, scaling="standard")
    bench.model.rename(1, name="By hand")
    work, before = bench.workbench, bench.model.result
    base = fit(bench.model.table, bench.model.settings.unedited().changed(n_clusters=5 + step))
    after = bench.model.foreseen(bench.model.revision(base))
    views = (work.scores, work.scatter, work.silhouette, work.segments, work.profile)
    drawings = [own for view in views for own in view.foresee(after, before)]
    assert bench.model.result is before
    bench.model.n_clusters = 5 + step
    assert len({own.name for own in drawings}) == len(drawings)
    assert all(view.foresee(after, before) for view in views)
    assert_shown(bench, [{"name": own.name, "values": own.values} for own in drawings])


def test_what_the_browser_has_drawn_is_not_sent_again(bench: Bench, browser: Browser) -> None:
    document = Document()
    for root in bench.roots:
        document.add_root(root)
    step = browser.held()[6]
    sent: list[Any] = []
    document.on_change(sent.append)
    browser.draws(6)
    bench.model.n_clusters = 6
    drawn = {own["name"]: own["values"] for own in drawings(step)}
    models = {own: tag for tag, own in by_tag(bench).items() if tag in drawn}
    again = [own for own in sent if getattr(own, "model", None) in models]
    assert not [own for own in again if isinstance(own, ColumnsPatchedEvent)]
    assert not [own for own in again if isinstance(own, ColumnDataChangedEvent)]
    values = [own for own in again if isinstance(own, ModelChangedEvent)]
    assert "location" in {own.attr for own in values}
    for own in values:  # what is no column is equal, so that the browser has nothing to do
        if own.attr != "stylesheets":
            assert own.new == drawn[models[own.model]][own.attr]
    assert_shown(bench, drawings(step))
    sent.clear()
    browser.later[0][0]()  # it has a result, so that nothing is taken back
    assert sent == []


def test_a_step_that_comes_to_nothing_is_taken_back(bench: Bench, browser: Browser) -> None:
    source = by_tag(bench)["customers"]
    cells = by_tag(bench)["profile cells"]
    scores, cards = bench.html(bench.workbench.scores), bench.workbench.segments._board.content
    before = {name: list(own) for name, own in source.data.items()}  # type: ignore[attr-defined]
    browser.draws(6)
    assert bench.html(bench.workbench.scores) != scores
    assert bench.workbench.segments._board.content != cards
    assert min(cells.data["bottom"]) == -5.5  # type: ignore[attr-defined]
    assert max(source.data["segment"]) == 5  # type: ignore[attr-defined]
    [(take_back, milliseconds)] = browser.later
    assert milliseconds == TAKEN_BACK_MS
    take_back()
    after = {name: list(own) for name, own in source.data.items()}  # type: ignore[attr-defined]
    assert after == before
    assert bench.html(bench.workbench.scores) == scores
    assert bench.workbench.segments._board.content == cards
    assert min(cells.data["bottom"]) == -4.5  # type: ignore[attr-defined]


def test_a_step_drawn_from_what_was_sent_before_is_put_right(
    bench: Bench, browser: Browser
) -> None:
    early = browser.held()[6]
    bench.model.scaling = "standard"  # the browser had not heard of it
    browser.says({"drawn": early["number"]})
    bench.model.n_clusters = 6
    model, shown = bench.model, bench.source("up").data
    wanted = scatter_columns(model.table, model.result, *FEATURES, bench.state.palette)
    assert shown.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_array_equal(shown[name], values, name)


def test_a_step_drawn_while_another_result_is_on_its_way_is_put_right(
    bench: Bench, browser: Browser
) -> None:
    document = Document()
    for root in bench.roots:
        document.add_root(root)
    sources = {own: tag for tag, own in by_tag(bench).items() if isinstance(own, ColumnDataSource)}
    step = browser.held()[4]
    drawn = {
        own["name"]: own["values"]["data"] for own in drawings(step) if "data" in own["values"]
    }
    assert drawn.keys() == set(sources.values())
    seen = {tag: {**own.data, **drawn[tag]} for own, tag in sources.items()}

    def take_in(event: Any) -> None:
        if isinstance(event, ColumnsPatchedEvent):
            patches = {name: values for name, [(_, values)] in event.patches.items()}
            seen[sources[event.model]].update(patches)
        elif isinstance(event, ColumnDataChangedEvent):
            seen[sources[event.model]] = dict(event.model.data)

    document.on_change(take_in)
    bench.model.n_clusters = 6  # which the browser hears of when it has drawn 4
    browser.says({"drawn": step["number"]})
    bench.model.n_clusters = 4
    for source, tag in sources.items():
        assert seen[tag].keys() == source.data.keys()
        for name, values in source.data.items():
            np.testing.assert_array_equal(seen[tag][name], values, f"{tag} {name}")
    assert len(set(seen["customers"]["segment"])) == 4


def test_what_is_held_is_bounded_and_no_other_message_counts(
    bench: Bench, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for message in (
        None,
        [],
        "drawn",
        {},
        {"drawn": None},
        {"drawn": "1"},
        {"drawn": 10**9},
        {"holds_from": "9"},
    ):
        browser.says(message)
        assert browser.later == []
    late = browser.held()[6]
    for _ in range(20):
        browser.steps.prepare()
    shown = bench.html(bench.workbench.scores)
    browser.says({"drawn": late["number"]})  # it had not come to what was sent since
    assert bench.html(bench.workbench.scores) != shown
    browser.says({"holds_from": browser.told[-1]["first"]})
    assert list(browser.steps._sent) == [own["number"] for own in browser.held().values()]
    for _ in range(40):
        browser.steps.prepare()
    assert len(browser.steps._sent) == 64
    with monkeypatch.context() as patch:
        patch.setattr(next_steps, "MOST_ROWS", len(load_customers()) - 1)
        browser.steps.prepare()
        assert browser.held() == {}
    browser.steps.prepare()
    assert browser.held() != {}
    bench.model.algorithm = "dbscan"  # finds k itself
    browser.steps.prepare()
    assert browser.held() == {}


def test_both_ways_are_sent_as_far_as_they_are_known(bench: Bench, browser: Browser) -> None:
    assert set(browser.held()) == {4, 6}
    browser.known_ks = {5, 6}
    browser.steps.prepare()
    assert set(browser.held()) == {6}
    browser.known_ks = {2, 3}
    bench.model.n_clusters = 2  # where the scale ends
    browser.steps.prepare()  # on a page it comes after the result, not within
    assert set(browser.held()) == {3}


def test_they_follow_selection_and_axes(bench: Bench, browser: Browser) -> None:
    bench.state.selection = [3, 5]
    assert browser.held() == {}
    bench.state.selection = []
    assert set(browser.held()) == {4, 6}
    bench.state.y = "Age"
    step = {own["name"]: own["values"] for own in browser.held()[6]["first"]}
    ages = bench.model.table.frame["Age"]
    assert max(step["centres"]["data"]["up"]) <= ages.max()
