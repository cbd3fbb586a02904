"""Cards, edits, what changed, predictions and kept models, with no server."""

from __future__ import annotations

from html import escape, unescape
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import pytest

from mall_app.data import load_customers
from mall_app.geometry.projecting import project_table
from mall_app.model.model import ClusteringModel
from mall_app.segments.members import DOUBTFUL_MARGIN
from tests.app.bench import FEATURES, Bench, csv


def ask(bench: Bench, action: str, segment: int | None = None, **further: Any) -> None:
    """Press a button of a card, as the browser tells it."""
    bench.workbench.segments.__panel__()._handle_msg(
        {"action": action, "segment": segment, **further}
    )


def cards(bench: Bench) -> str:
    return bench.html(bench.workbench.segments)


def test_a_card_says_all_there_is_to_a_segment(bench: Bench) -> None:
    html, result = cards(bench), bench.model.result
    for own in result.profiles:
        assert own.rule is not None
        assert escape(own.name) in html
        assert escape(own.sentence) in html
        assert escape(own.rule.text.replace(" <= ", " ≤ ")) in html
        assert f"precision {own.rule.precision:.0%}, recall {own.rule.recall:.0%}" in html
        ids = bench.model.table.frame["CustomerID"].iloc[list(own.typical[:3])]
        assert f"Like {', '.join(map(str, ids))}" in html
    assert html.count("class='whisker'") == 3 * 5
    strongest = result.profiles[1].distinctive(bench.model.table.features)[0]
    assert strongest.effect is not None
    assert f"{strongest.effect.low:+.2f} to {strongest.effect.high:+.2f}" in html


def test_doubtful_and_typical_customers_can_be_selected(bench: Bench) -> None:
    result = bench.model.result
    unsure = (result.labels == 0) & (result.doubt.margin < DOUBTFUL_MARGIN)
    assert unsure.any()
    assert f"{int(unsure.sum())} doubtful" in cards(bench)
    ask(bench, "doubtful", 0)
    assert bench.state.selection == result.rows[np.flatnonzero(unsure)].tolist()
    ask(bench, "typical", 3)
    assert bench.state.selection == sorted(result.profiles[3].typical)


def test_each_edit_changes_the_segments_and_is_listed(bench: Bench) -> None:
    ask(bench, "split", 0, into=2)
    assert [own.segment for own in bench.model.result.profiles] == [0, 1, 2, 3, 4, 5]
    ask(bench, "merge", 3, other=1)
    assert [own.segment for own in bench.model.result.profiles] == [0, 1, 2, 4, 5]
    ask(bench, "pin", 2)
    ask(bench, "rename", 2, name="Savers", note="Call\nin May")
    html = cards(bench)
    for said in (
        "4 edits by hand",
        "Split 0 into 2 parts",
        "Merged 1 and 3",
        "Pinned 35 customers in 2",
        "Named 2 “Savers” and a note on 2",
        "data-pinned='true'",
        "<p class='note small'>Call in May</p>",
    ):
        assert said in html
    assert bench.alerts() == []


@pytest.mark.drawn
def test_names_reach_every_view(bench: Bench) -> None:
    ask(bench, "rename", 2, name="Savers")
    assert "Savers" in set(bench.source("up").data["segment_name"])
    assert "Savers" in set(bench.source("silhouette").data["segment_name"])
    assert "2 · Savers" in bench.html(bench.workbench.profile._table)


def test_undo_takes_the_last_edit_back(bench: Bench) -> None:
    before = bench.model.result.labels.tolist()
    ask(bench, "split", 0, into=3)
    ask(bench, "merge", 3, other=1)
    ask(bench, "undo")
    assert bench.model.result.n_clusters == 7
    ask(bench, "undo")
    assert bench.model.result.labels.tolist() == before
    assert "Undo" not in cards(bench)


def test_a_pin_is_taken_back(bench: Bench) -> None:
    ask(bench, "pin", 2)
    ask(bench, "unpin", 2)
    assert "data-pinned='true'" not in cards(bench)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"action": "split", "segment": 9}, "There is no segment 9 to split"),
        ({"action": "merge", "segment": 1, "other": 1}, "segments"),
        ({"action": "split", "segment": 1, "into": 99}, "into must be an integer from 2 to 10"),
        ({"action": "rename", "segment": 1, "name": "x" * 81}, "at most 80"),
        ({"action": "unpin", "segment": 1}, "Segment 1 is not pinned."),
        ({"action": "undo"}, "There is no edit to undo."),
        ({"action": "pin", "segment": None}, "A segment must be chosen first."),
    ],
)
def test_an_edit_that_does_not_fit_is_said_and_changes_nothing(
    bench: Bench, message: dict[str, Any], told: str
) -> None:
    before = bench.model.result
    ask(bench, **message)
    [said] = bench.alerts()
    assert told in said
    assert bench.model.result is before
    assert bench.model.edits == []
    bench.model.n_clusters = 6
    assert bench.alerts() == []
    ask(bench, "split", 0)
    assert bench.alerts() == []


def test_nonsense_from_a_browser_is_left_alone(bench: Bench) -> None:
    before = bench.model.result
    bench.workbench.segments.__panel__()._handle_msg("merge")
    ask(bench, "format the disk", 1)
    ask(bench, "rename", 1, name=None, note=None)
    assert bench.model.result is before


def test_what_changed_is_told_after_a_fit_and_not_before(bench: Bench) -> None:
    assert "What changed" not in cards(bench)
    bench.model.n_clusters = 6
    migration = bench.model.migration
    assert migration is not None
    html = cards(bench)
    assert escape(migration.sentence) in html
    assert html.count("<tr><td><svg") == len(migration.changes)


def test_html_in_names_notes_and_alerts_stays_text(bench: Bench) -> None:
    evil = "<img src=x onerror=alert(1)> [x](javascript:alert(1))"
    ask(bench, "rename", 1, name=evil, note=evil)
    assert "<img" not in cards(bench)
    assert escape(evil) in cards(bench)
    bench.state.problem = evil
    shown = bench.workbench.status.__panel__()[1].object
    assert not set("<>[]()") & set(shown)
    assert unescape(shown).startswith(evil)


def test_warnings_of_a_fit_are_seen_and_edits_are_none() -> None:
    kinds = [["north", "south"][place % 2] for place in range(60)]
    frame = pd.DataFrame({"Spend": np.random.default_rng(0).normal(size=60), "City": kinds})
    bench = Bench(frame.assign(Plan=kinds, Tier=kinds), n_clusters=2)
    alert = bench.workbench.status.__panel__()[2]
    assert not alert.visible
    ask(bench, "split", 0)
    assert not alert.visible
    bench.model.update(features=["Spend", "City", "Plan", "Tier"], edits=[])
    assert alert.visible
    assert "outweighs quantities" in unescape(alert.object)


def test_gower_brings_an_algorithm_that_knows_it_in_one_fit(bench: Bench) -> None:
    bench.widget("Distance").value = "gower"
    assert bench.engine.fits == 1
    assert "gower" in bench.model.method.distances
    assert bench.model.result.settings.distance == "gower"
    offered = bench.widget("Algorithm")
    assert "kmeans" not in [key for group in offered.groups.values() for key in group.values()]
    assert "more with Euclidean distance" in offered.helper_text
    assert not bench.widget("Scaling").visible
    bench.widget("Distance").value = "euclidean"
    offered.value = "kmeans"
    assert bench.model.result.settings.algorithm == "kmeans"


def test_weights_are_asked_for_and_change_the_fit(bench: Bench) -> None:
    assert "Weight of Annual Income (k$)" not in bench.labels()
    bench.widget("Weigh the features").value = True
    bench.widget("Weight of Annual Income (k$)").value = 4.0
    assert bench.model.result.settings.weights == {"Annual Income (k$)": 4.0}
    assert "Weigh the features (1 weighed)" in bench.labels()
    bench.widget("Features").value = ["Age", "Spending Score (1-100)"]
    assert bench.model.result.settings.weights == {}
    assert bench.alerts() == []
    bench.widget("Weight of Age").value = 0
    assert "The weight of 'Age' must be more than 0" in bench.alerts()[0]


def test_the_table_says_how_sure_a_segment_is_and_keeps_the_doubtful(bench: Bench) -> None:
    table, result = bench.table(), bench.model.result
    assert np.allclose(table.value["margin"], result.doubt.margin, atol=0.005)
    assert table.value["second segment"].tolist() == result.doubt.second.tolist()
    bench.workbench.customers._doubtful.value = True
    expected = np.flatnonzero(result.doubt.margin < DOUBTFUL_MARGIN)
    assert table.value["CustomerID"].tolist() == (expected + 1).tolist()
    bench.state.selection = sorted({*expected[:2].tolist(), 0, 1, 2})
    assert table.value["CustomerID"].tolist() == (expected[:2] + 1).tolist()


NEW = csv({FEATURES[0]: [20, 86, 500], FEATURES[1]: [80, 82, 1], "segment": ["a", "b", "c"]})


def place(bench: Bench, data: bytes) -> Any:
    view = bench.workbench.predict
    view.active = True
    view._input.param.update(filename="new.csv", value=data)
    return view


def test_new_customers_get_their_segments(bench: Bench) -> None:
    view = place(bench, NEW)
    expected = bench.model.predict(pd.read_csv(BytesIO(NEW)))
    [table] = view.__panel__().select(pn.widgets.Tabulator)
    assert table.value["segment found"].tolist() == list(expected.labels)
    assert table.value["unlike any known"].tolist() == [False, False, True]
    assert "3 customers placed by the algorithm's own rule" in unescape(view._words.object)
    assert "1 unlike any customer" in unescape(view._words.object)
    given = pd.read_csv(BytesIO(view._csv()))
    assert given["segment found"].tolist() == list(expected.labels)
    assert given["segment"].tolist() == ["a", "b", "c"]


def test_predictions_follow_the_next_fit_once_they_are_looked_at(bench: Bench) -> None:
    view = place(bench, NEW)
    view.active = False
    bench.model.n_clusters = 3
    stale = view._given
    assert view._given is stale
    view.active = True
    expected = bench.model.predict(pd.read_csv(BytesIO(NEW))).labels
    assert view._given["segment found"].tolist() == list(expected)


def test_new_customers_that_do_not_fit_are_refused(bench: Bench) -> None:
    view = place(bench, csv({"Age": [20, 30]}))
    assert "new.csv was not used." in unescape(view._words.object)
    assert "Annual Income" in unescape(view._words.object)
    assert not view._download.visible


def test_a_model_is_saved_and_opened_on_another_page(bench: Bench) -> None:
    ask(bench, "rename", 2, name="Savers")
    ask(bench, "split", 0)
    saved = bench.workbench.data._saved()
    other = Bench(load_customers().head(50), n_clusters=3)
    other.upload(saved, "mine.mall")
    assert other.alerts() == []
    assert other.model.result.labels.tolist() == bench.model.result.labels.tolist()
    assert other.model.settings == bench.model.settings
    assert "Savers" in cards(other)
    assert "2 edits by hand" in cards(other)
    assert "What changed" not in cards(other)
    other.model.n_clusters = 6
    assert other.alerts() == []


def test_a_damaged_model_is_refused_and_the_page_stays(bench: Bench) -> None:
    saved = bench.workbench.data._saved()
    before = bench.model.result
    flipped = saved[:200] + bytes([saved[200] ^ 1]) + saved[201:]
    for data in (b"", saved[:-100], flipped, b"PK\3\4 nonsense"):
        bench.upload(data, "mine.mall")
        [said] = bench.alerts()
        assert "mine.mall was not opened." in said
        assert bench.model.result is before


def test_a_model_of_the_page_is_that_of_a_notebook(bench: Bench, tmp_path: Any) -> None:
    path = tmp_path / "page.mall"
    path.write_bytes(bench.workbench.data._saved())
    assert ClusteringModel.load(path).result.labels.tolist() == bench.model.result.labels.tolist()


@pytest.mark.drawn
def test_categories_and_gower_are_shown_in_a_projection(bench: Bench) -> None:
    bench.model.features = [*FEATURES, "Gender"]
    assert (bench.state.x, bench.state.y) == ("Projection 1", "Projection 2")
    rows, projection = project_table(bench.model.table, bench.model.result.settings)
    assert np.allclose(bench.source("up").data["across"], projection.coordinates[:, 0])
    assert np.allclose(bench.source("up").data["up"], projection.coordinates[:, 1])
    title = bench.workbench.scatter._figure.xaxis[0].axis_label
    assert title == f"Projection 1 ({projection.explained[0]:.0%} of the differences)"
    bench.model.features = FEATURES
    assert (bench.state.x, bench.state.y) == tuple(FEATURES)


@pytest.mark.drawn
def test_an_axis_a_person_chose_stays(bench: Bench) -> None:
    bench.widget("Horizontal axis").value = "Age"
    bench.model.update(distance="gower", algorithm="kmedoids", features=["Age", "Gender"])
    assert bench.state.x == "Age"
    bench.widget("Horizontal axis").value = "Projection 1"
    assert np.isfinite(bench.source("up").data["across"]).all()


def test_the_profile_says_what_keeps_the_segments_apart(bench: Bench) -> None:
    html = bench.html(bench.workbench.profile._contributions)
    for name, share in bench.model.result.contributions.items():
        assert escape(name) in html
        assert f"<span class='number'>{share:.0%}</span>" in html


def test_the_tooltip_of_a_category_is_whole(bench: Bench) -> None:
    bench.model.features = ["Age", "Gender"]
    html = bench.html(bench.workbench.segments)
    assert "Cohen&#x27;s h; 95 % interval" in html
    assert "Cohen's" not in html
