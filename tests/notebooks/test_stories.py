"""The notebooks about segments and their number show what their text says."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebooks.test_notebooks import (
    ROOT,
    STORIES,
    assert_no_complaint,
    cell_with,
    executed,
)


@pytest.fixture(scope="module")
def segments() -> Any:
    return executed("02_segments")


@pytest.fixture(scope="module")
def choosing() -> Any:
    return executed("03_choosing_k")


def shown(notebook: Any, text: str, kind: str = "text/plain") -> str:
    """Give what the cell with some text in it shows as its last value."""
    outputs = [own for own in cell_with(notebook, text).outputs if "data" in own]
    return str(outputs[-1].data[kind])


def printed(notebook: Any, text: str) -> str:
    return "".join(own.text for own in cell_with(notebook, text).outputs if "text" in own)


@pytest.mark.parametrize("name", STORIES)
def test_every_cell_runs_without_complaint(name: str) -> None:
    assert_no_complaint(executed(name))


@pytest.mark.parametrize("name", STORIES)
def test_every_drawing_cell_shows_a_drawing_that_needs_no_other_host(name: str) -> None:
    cells = [own for own in executed(name).cells if own.cell_type == "code"]
    drawing = [own for own in cells if "pn.panel(" in own.source]
    assert len(drawing) >= 2
    for cell in drawing:
        kinds = {kind for own in cell.outputs for kind in own.get("data", {})}
        assert "application/vnd.holoviews_exec.v0+json" in kinds, cell.source
    every = [
        own.data.get("text/html", "") for cell in cells for own in cell.outputs if "data" in own
    ]
    assert not [html for html in every if "cdn." in html]


@pytest.mark.parametrize("name", STORIES)
def test_a_dollar_in_a_table_is_no_formula(name: str) -> None:
    outputs = [own for cell in executed(name).cells for own in cell.get("outputs", [])]
    shown_as = [str(own.get("data", {}).get("text/html", "")) for own in outputs]
    tables = [html for html in shown_as if "</tbody>" in html]
    assert len(tables) > 4
    assert not [html for html in tables if "tex2jax_ignore" not in html]


@pytest.mark.parametrize("name", STORIES)
def test_every_notebook_it_links_to_is_there(name: str) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    text = "".join(own.source for own in notebook.cells if own.cell_type == "markdown")
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    assert links
    assert all(Path(ROOT / "notebooks" / link).exists() for link in links)


def test_segments_have_the_names_the_story_is_about(segments: Any) -> None:
    html = shown(segments, '"size", "share", "sentence"', "text/html")
    names = [
        "Average Annual Income and Spending Score",
        "High Spending Score, high Annual Income",
        "Low Spending Score, high Annual Income",
        "Low Annual Income, low Spending Score",
        "Low Annual Income, high Spending Score",
    ]
    places = [html.index(name) for name in names]
    assert places == sorted(places)


def test_age_tells_segments_apart_that_were_made_without_it_and_gender_does_not(
    segments: Any,
) -> None:
    news = shown(segments, "news = effects")
    assert "Age" in news
    assert "Gender" not in news


def test_a_rule_counted_by_hand_has_the_precision_and_recall_it_states(segments: Any) -> None:
    rules = shown(segments, '"rule: precision", "rule: recall"', "text/html")
    assert all(value in rules for value in ("1.00", "0.89"))
    counted = shown(segments, "meets.sum()")
    assert "np.float64(1.0)" in counted
    assert "np.float64(0.8857142857142857)" in counted


def test_a_category_that_outweighs_the_rest_is_warned_of_and_a_weight_helps(segments: Any) -> None:
    assert printed(segments, 'scaling="minmax"').startswith("'Gender' makes 73% of the separation")
    html = shown(segments, "by_weight = ", "text/html")
    shares = [int(share) for share in re.findall(r">(\d+)%</td>", html)]
    of_gender = shares[3::4]
    assert of_gender == sorted(of_gender, reverse=True)
    assert of_gender[0] > 50 > of_gender[-1]


def test_edits_do_what_is_told_and_the_refit_keeps_numbers_and_names(segments: Any) -> None:
    assert "2 and 3 merged into 2" in shown(segments, "model.merge([2, 3])")
    assert "0 split into 0 and 5" in printed(segments, "model.split(0")
    assert shown(segments, "model.pin(1)") == "('pin', 39)"
    assert "There is no segment 9 to merge" in printed(segments, "model.merge([0, 9])")
    assert "2 split into 2 and 5" in printed(segments, 'algorithm="agglomerative", n_clusters=6')
    kept = [own for own in segments.cells if own.source.endswith('[["name", "size", "note"]])')][-1]
    for name in ("Big spenders", "Careful earners", "Young enthusiasts"):
        assert name in kept.outputs[0].data["text/html"]


def test_the_customer_nobody_is_like_is_marked_and_no_other(segments: Any) -> None:
    assert printed(segments, "prediction = ").startswith("native ")
    rows = shown(segments, "prediction = ", "text/html").split("<tr>")
    marked = {
        row.split("</th>")[0].rsplit(">", 1)[1]: "True" in row for row in rows if "<td>" in row
    }
    assert marked == {"Ada": False, "Ben": False, "Cleo": False, "Dan": True}
    assert "nearest_neighbours" in shown(segments, "placed = {}")
    assert "Noise" in shown(segments, "placed = {}")


def test_a_kept_model_is_the_same_and_replays(segments: Any) -> None:
    assert "np.True_" in shown(segments, "ClusteringModel.load")
    assert shown(segments, "again.replay()") == "Replay(same=True, reasons=(), n_different=0)"
    assert "same=False" in shown(segments, "customers.iloc[1:]")


def test_five_segments_are_recommended_for_income_and_spending(choosing: Any) -> None:
    assert printed(choosing, "model.evidence(range(2, 11))\n").startswith("5 segments")
    share, supporters = ast.literal_eval(shown(choosing, "evidence.agreement.share"))
    assert 0.5 < share < 1.0
    assert {"silhouette_score", "davies_bouldin_score", "stability"} <= set(supporters)


def test_the_gap_rule_by_hand_stops_at_one(choosing: Any) -> None:
    rows = [row.split() for row in shown(choosing, "good_enough").splitlines()[2:]]
    assert next(row[0] for row in rows if row[-1] == "True") == "1"


def test_there_is_structure_in_the_customers_and_none_in_noise(choosing: Any) -> None:
    assert shown(choosing, "evidence.structure.found").startswith("(True")
    assert printed(choosing, "of_noise").startswith("No number of segments is recommended")
    recommended, votes = ast.literal_eval(shown(choosing, "of_noise"))
    assert recommended is None
    assert len(votes) > 4


def test_a_least_size_changes_the_answer_and_says_what_it_costs(choosing: Any) -> None:
    assert printed(choosing, "minimum_size=30").startswith("3 segments")
    assert "more indices vote for 5" in printed(choosing, "minimum_size=30")


def test_algorithms_are_compared_and_one_that_cannot_is_a_sentence(choosing: Any) -> None:
    scores = shown(choosing, "comparison = ")
    assert all(name in scores for name in ("kmeans", "genie", "hdbscan"))
    assert "'gower' is not served by kmeans" in shown(choosing, ".failures")
    assert "at most 50" in printed(choosing, "range(2, 500)")


def test_evidence_is_sure_of_two_segments_that_are_women_and_men(choosing: Any) -> None:
    assert printed(choosing, "sure = ").startswith("2 segments")
    named = shown(choosing, "sure = ")
    assert "Only Female" in named
    assert "Only Male" in named
