"""Algorithms side by side on the page."""

from __future__ import annotations

from html import unescape

import numpy as np
import panel as pn
import pytest

from mall_app.algorithms import algorithms
from mall_app.plots.palette import Palette
from mall_app.settings import Settings
from mall_app.views.compare import USUAL, CompareView, sensible
from tests.app.bench import Bench


def compared(bench: Bench, *keys: str) -> CompareView:
    """Choose algorithms and compare them, with all models made."""
    view = bench.workbench.compare
    view.active = True
    view._chosen.value = list(keys)
    view._go.clicks += 1
    view.__panel__().get_root()
    return view


def test_nothing_is_calculated_before_it_is_asked_for(bench: Bench) -> None:
    view = bench.workbench.compare
    view.active = True
    assert view._cards == []
    assert not view._result.visible
    assert view._chosen.value == sensible(bench.model.result.settings, 200)


@pytest.mark.parametrize("distance", ["euclidean", "gower"])
@pytest.mark.parametrize("n_rows", [2, 200, 40_000, 900_000])
def test_the_handful_offered_serves_table_and_distance(distance: str, n_rows: int) -> None:
    first = "kmedoids" if distance == "gower" else "kmeans"
    offered = sensible(Settings(first, distance=distance), n_rows)
    assert offered[0] == first
    assert len(set(offered)) == len(offered) <= 6
    for key in offered[1:]:
        assert distance in algorithms()[key].distances
        assert algorithms()[key].largest_n >= n_rows
    assert set(USUAL) <= set(algorithms())


def test_each_algorithm_has_a_card_with_its_scores(bench: Bench) -> None:
    view = compared(bench, "kmeans", "agglomerative", "hdbscan")
    texts = [str(card._scores.object) for card in view._cards]
    assert len(texts) == 3
    assert f"{bench.model.result.silhouette_score:.3f}" in texts[0]
    assert "Agreement with the one in use</td><td>1.00" in texts[0]
    assert "noise" in texts[2]
    assert "has the highest silhouette" in str(view._told.object)


@pytest.mark.drawn
def test_matching_segments_have_the_colours_in_use(bench: Bench) -> None:
    view = compared(bench, "agglomerative")
    bench.model.merge([0, 1])
    used = np.asarray(bench.source("up").data["color"])
    data = view._cards[0]._points.source.data
    same = np.asarray(data["color"]) == used
    assert same.mean() > 0.7
    assert len(set(data["color"])) == 5


def test_cards_follow_axes_theme_and_segments(bench: Bench) -> None:
    view = compared(bench, "kmeans", "birch")
    card = view._cards[1]
    bench.state.y = "Age"
    assert card._figure.yaxis.axis_label == "Age"
    assert max(card._points.source.data["up"]) == 70
    bench.state.dark = True
    assert set(card._points.source.data["color"]) <= {
        Palette(dark=True).colour(own) for own in range(-1, 10)
    }
    bench.model.n_clusters = 3
    assert "Agreement with the one in use</td><td>1.00" not in str(view._cards[0]._scores.object)


def test_the_words_follow_the_theme_and_tell_who_is_left_out(bench: Bench) -> None:
    view = compared(bench, "kmeans", "hdbscan")
    noise = view._cards[1]._result.n_noise
    assert f"but leaves {noise} customers out as noise" in str(view._told.object)
    assert Palette(dark=False).text in str(view._told.object)
    bench.state.dark = True
    assert Palette(dark=True).text in str(view._told.object)
    assert Palette(dark=False).text not in str(view._told.object)


def test_one_can_be_taken_over(bench: Bench) -> None:
    bench.model.method.n_init = 3
    view = compared(bench, "kmeans", "gaussian_mixture")
    own, other = view._cards
    assert (own._use.disabled, own._use.label) == (True, "In use")
    assert (other._use.disabled, other._use.label) == (False, "Use this")
    other._use.clicks += 1
    assert bench.model.result.model_name == "gaussian_mixture"
    assert bench.model.result.silhouette_score == other._result.silhouette_score
    assert (own._use.disabled, other._use.disabled) == (False, True)
    own._use.clicks += 1
    assert bench.model.method.params()["n_init"] == 3


def test_one_that_finds_k_itself_can_be_taken_over_and_left(bench: Bench) -> None:
    view = compared(bench, "kmeans", "hdbscan")
    view._cards[1]._use.clicks += 1
    assert bench.model.result.settings.n_clusters is None
    view._cards[0]._use.clicks += 1
    assert bench.model.result.n_clusters == 5


def test_failures_are_sentences_beside_the_others() -> None:
    bench = Bench(distance="gower", algorithm="kmedoids", features=["Age", "Gender"])
    view = compared(bench, "kmedoids", "kmeans")
    assert len(view._cards) == 1
    assert "k-means" in str(view._failed.object)
    assert "is not served by kmeans" in str(view._failed.object)


def test_no_algorithm_at_all_is_refused_in_words(bench: Bench) -> None:
    view = compared(bench)
    assert "at least one algorithm" in unescape(view._run._problem.object)


def test_a_comparison_of_other_features_is_put_away(bench: Bench) -> None:
    view = compared(bench, "kmeans", "birch")
    bench.model.n_clusters = 3
    assert view._result.visible
    bench.model.features = ["Age"]
    assert not view._result.visible


def test_cards_rest_while_nobody_looks(bench: Bench) -> None:
    view = compared(bench, "kmeans")
    view.active = False
    before = str(view._cards[0]._scores.object)
    bench.model.n_clusters = 3
    assert str(view._cards[0]._scores.object) == before
    assert view.__panel__().select(pn.pane.HoloViews)
